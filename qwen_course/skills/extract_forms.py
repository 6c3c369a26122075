"""Sentences, keys and requests for the `extract` skill.

A shape is what the JSON looks like: a dictionary whose leaves name the type, with a dictionary for a nested object and a list of one element for a list.
A sentence names the leaves by their own key, whatever object they stand in.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Kind(NamedTuple):
    """Hold one kind of text: its shape, its sentences, those held out, and how one object of its list is written."""

    shape: dict[str, Any]
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    elements: tuple[str, ...] = ()


S, INT, N = "string", "integer", "number"

FLAT = {
    "person": Kind(
        {"name": S, "age": INT, "city": S},
        (
            "{name}, {age}, lives in {city}.", "{name} is {age} years old and lives in {city}.", "In {city} lives {name}, aged {age}.",
            "My neighbour {name} from {city} turned {age} today.", "{city}: {name} ({age}) opened the meeting.",
            "At {age}, {name} moved to {city}.", "{name} of {city} is {age}.", "We met {name} in {city}, who is {age} years old.",
            "I am {name}, I live in {city} and my age is {age}.", "Age {age}, home {city}, name {name}.", "Our guest from {city}, {name}, is {age} now.",
            "{name} came here from {city} and is {age}.", "The {age} years of {name} were all spent in {city}.", "{name} works in {city} and is {age} years old.",
            "{name} is {age} today, and all of {city} knows it.", "The old friend {name} ({age}) calls from {city}.", "Today {name} of {city} becomes {age}.", "{name} grew up in {city}; that was {age} years ago.",
            "A woman of {age}, {name}, sings in {city}.", "Is {name} really {age}? In {city} nobody believes it.", "{city} is the home of {name}, now {age}.", "{name} left {city} when she was {age}.",
            "With {age} years {name} is the oldest in {city}.", "Please welcome {name} from {city}, {age} years young.", "{name} studies in {city} at the age of {age}.", "The {age} year old teacher {name} stays in {city}.",
            "{name} has a house in {city} and turns {age} soon.", "They say that {name}, {age}, never leaves {city}.", "{name} reached {city} at {age}.", "The new guest is {name}, {age}, who rents a room in {city}.",
            "A {age}-year-old named {name} opened a shop in {city}.", "{name}, a {age}-year-old from {city}, won the race.", "The winner is {age}-year-old {name} of {city}.", "In {city} the {age}-year-old {name} has many friends.",
            "This {age} year old man, {name}, came from {city}.", "My {age}-year-old uncle {name} went to {city}.", "Then {age}-year-old {name} rented a room in {city}.", "The {age}-year-old from {city} is {name}.",
        ),
        ("{name} comes from {city} and is {age} years old.", "The {age}-year-old {name} has a flat in {city}."),
    ),
    "order": Kind(
        {"product": S, "quantity": INT, "price": N},
        (
            "{quantity} {product} for {price} dollars, please.", "Please send {quantity} {product} at {price} dollars.",
            "Order: {product}, {quantity} pieces, {price} dollars.", "I would like to buy {quantity} {product}; the price is {price} dollars.",
            "We sold {quantity} {product} for {price} dollars.", "For {price} dollars you get {quantity} {product}.",
            "They spent {price} dollars on {quantity} {product}.", "She gave {price} dollars for her {quantity} {product}.",
            "The price of {quantity} {product} is {price} dollars.", "{product}: {quantity} at {price} dollars.", "She took {quantity} of the {product} and paid {price} dollars.",
            "{price} dollars were paid for {product} ({quantity} pieces).", "There were {quantity} {product} in the box, worth {price} dollars.",
            "{price} dollars for {quantity} {product} is too much.", "He paid them {price} dollars and got {quantity} {product}.", "We gave {price} dollars for {quantity} {product}.",
            "{price} dollars bought us {quantity} {product}.", "It cost me {price} dollars to get {quantity} {product}.", "I got {quantity} {product} and paid {price} dollars.",
            "The receipt shows {quantity} {product} and {price} dollars.", "{quantity} {product}, {price} dollars: that is on my list.", "Our invoice lists {quantity} {product} for {price} dollars.",
            "The ticket reads {quantity} {product}, total {price} dollars.", "You owe me {price} dollars for {quantity} {product}.", "Here are {quantity} {product}; that makes {price} dollars.",
            "We charge {price} dollars for {quantity} {product}.", "{quantity} {product} cost {price} dollars.", "He sells {quantity} {product} at {price} dollars.", "Somebody ordered {quantity} {product}, worth {price} dollars.",
            "{price} dollars is what {quantity} {product} cost.", "My shop asks {price} dollars for {quantity} {product}.", "Add {quantity} {product} ({price} dollars) to the bill.",
            "They bought {quantity} {product}, which cost them {price} dollars.", "The offer says {price} dollars, {quantity} {product}.", "She brought {quantity} {product}, {price} dollars in all.",
        ),
        ("I paid {price} dollars for {quantity} {product}.", "My bill says {quantity} {product}, {price} dollars."),
    ),
    "trip": Kind(
        {"from": S, "to": S, "day": S},
        (
            "The train from {from} to {to} leaves on {day}.", "On {day} we fly from {from} to {to}.", "{day}: bus {from} - {to}.",
            "I travel to {to} on {day}, starting in {from}.", "We leave {from} on {day} and drive to {to}.", "To {to} from {from}, on {day}.",
            "{from} to {to} on {day}, one seat.", "Is there a bus to {to} that starts in {from} on {day}?", "My flight to {to} is on {day}; it leaves from {from}.",
            "Start in {from}, end in {to}, day {day}.", "Next {day} a ship goes from {from} to {to}.",
            "{from} is where we start on {day}, {to} is where we stop.", "He goes by car from {from} to {to} on {day}.", "A seat to {to} from {from}, please, for {day}.", "We walk on {day} from {from} to {to}.",
            "One way from {from} to {to} on {day}.", "She leaves {from} by boat on {day} and lands in {to}.", "They drive on {day} from {from} by night to {to}.", "Two tickets for {day}: {from} to {to}.",
            "Book me {from} to {to}, {day}.", "On {day} the truck from {from} reaches {to}.",
        ),
        ("A ticket from {from} to {to} for {day}, please.", "She goes on {day} from {from} by car to {to}."),
    ),
    "contact": Kind(
        {"name": S, "email": S, "phone": S},
        (
            "Write to {name} at {email} or call {phone}.", "{name}: {email}, phone {phone}.", "You reach {name} by phone ({phone}) or mail ({email}).",
            "Contact {name}, {phone}, {email}.", "The phone of {name} is {phone}, the mail address is {email}.", "{email} is the mail of {name}, the phone is {phone}.",
            "Phone {phone}, mail {email}, ask for {name}.", "Please call {name}: {phone}. Mail goes to {email}.", "My name is {name}, my mail is {email} and my number {phone}.",
            "For questions: {phone} or {email} ({name}).", "Send it to {email}, or ring {phone} and ask for {name}.",
            "{name} reads mails at {email} and picks up {phone}.", "{name} can be called at {phone} or mailed at {email}.", "{name} waits for your call under {phone} or a mail to {email}.", "Ring {phone} to speak with {name}, or mail {email}.",
            "Mail {email} if you look for {name}; the phone is {phone}.", "Dial {phone} and {name} will help you, or send a mail to {email}.", "{name} uses {email} and the phone {phone}.", "If {phone} is busy, {name} also has {email}.",
            "Our boss {name} sits at phone {phone}, mail {email}.", "Reach {email} or {phone}; {name} is in charge.", "{name} gave me {email} and {phone}.", "You may ask {name} by mail, {email}, or call {phone} today.",
            "{name} replies from {email}, never from {phone}.", "Who is {name}? Try {email} or {phone}.",
            "Try {phone} or {email} and ask {name}.", "Use {phone} or write to {email} when you need {name}.", "Phone {phone} and {name} answers, or write to {email}.", "Dial {phone} or use {email}: {name} is there.",
        ),
        ("Call {phone} or mail {email} to talk to {name}.", "{name} answers mails to {email} and calls to {phone}."),
    ),
}  # fmt: skip
NESTED = {
    "customer": Kind(
        {"customer": {"name": S, "city": S}, "total": N},
        (
            "{name} from {city} paid {total} dollars.", "The bill of {name} in {city} is {total} dollars.", "{total} dollars from {name}, {city}.",
            "Customer: {name}, {city}. Total: {total} dollars.", "In {city}, {name} bought things for {total} dollars.", "We got {total} dollars from {name}, who lives in {city}.",
            "Our customer {name} lives in {city} and has to pay {total} dollars.", "The total is {total} dollars; send the bill to {name} in {city}.",
            "{name} in {city} sent us {total} dollars.", "{name} spent {total} dollars in {city}.", "From {city}, {name} ordered for {total} dollars.", "{name} of {city} still has {total} dollars to pay.", "We charge {name} {total} dollars; the address is in {city}.",
            "{name} gave {total} dollars to our shop in {city}.", "{total} dollars were left by {name} in {city}.", "The sale to {name}, {city}, brought {total} dollars.", "{name} needs a bill over {total} dollars for the office in {city}.",
        ),
        ("{name} in {city} owes us {total} dollars.",),
    ),
    "traveller": Kind(
        {"name": S, "trip": {"from": S, "to": S, "day": S}},
        (
            "{name} flies from {from} to {to} on {day}.", "On {day}, {name} takes the train from {from} to {to}.", "{day}: {name}, {from} - {to}.",
            "A ticket to {to} from {from} for {name} on {day}.", "{name} leaves {from} on {day} and goes to {to}.", "From {from} to {to} on {day}, passenger {name}.",
            "The bus to {to} takes {name} on {day}; it starts in {from}.", "{name} wants to be in {to} on {day} and starts in {from}.",
            "{name} goes to {to} on {day}, from {from}.", "{name} walks from {from} to {to} on {day}.", "{name} drives from {from} on {day} and sees {to}.", "On {day}, {name} will be in {to}; the trip starts in {from}.",
            "On {day}, {name} sails to {to} from {from}.", "{name} rides from {from} to {to} this {day}.", "On {day} in {from}, {name} takes a bus to {to}.", "{day} is the day when {name} moves from {from} to {to}.", "To reach {to} on {day}, {name} starts at {from}.",
            "{name} hurries to {to}, leaving {from} on {day}.", "On {day}, {name} returns to {to} out of {from}.",
        ),
        ("On {day}, {name} drives to {to} from {from}.",),
    ),
    "card": Kind(
        {"name": S, "contact": {"email": S, "phone": S}},
        (
            "{name}: {email}, phone {phone}.", "Write to {name} at {email} or call {phone}.", "You reach {name} under {phone} or {email}.",
            "The phone of {name} is {phone} and the mail {email}.", "Mail {email} or phone {phone} to reach {name}.", "{phone}, {email}: that is {name}.",
            "Ask {name} (phone {phone}, mail {email}).", "My mail is {email}, my phone {phone}, my name {name}.",
            "{name} uses the mail {email} and the phone {phone}.", "{name} answers at {phone} and reads {email}.", "{name} can be found under {email} or {phone}.", "Dial {phone} for {name}, or mail {email}.", "{name} got the phone {phone} with the mail {email}.",
            "The number {phone} and the mail {email} belong to {name}.", "{name} prefers {email} to {phone}.",
        ),
        ("{name} has the phone {phone} and the mail {email}.",),
    ),
    "delivery": Kind(
        {"product": S, "quantity": INT, "delivery": {"city": S, "day": S}},
        (
            "{quantity} {product} go to {city} on {day}.", "Please bring {quantity} {product} to {city} on {day}.", "On {day} we deliver {quantity} {product} to {city}.",
            "Delivery to {city}, {day}: {quantity} {product}.", "{city} gets {quantity} {product} on {day}.", "The {product} ({quantity} pieces) arrive in {city} on {day}.",
            "On {day} a car takes {quantity} {product} to {city}.", "We need {quantity} {product} in {city}, on {day}.",
            "Ship {quantity} {product} on {day} to {city}.", "Bring on {day} {quantity} {product} to {city}.", "{quantity} {product} reach {city} this {day}.", "On {day}, {city} waits for {quantity} {product}.", "Carry {quantity} {product} to {city}, {day} at the latest.",
            "Our truck leaves on {day} with {quantity} {product} for {city}.",
        ),
        ("Send {quantity} {product} on {day} to {city}.",),
    ),
    "company": Kind(
        {"company": S, "boss": {"name": S, "age": INT}, "city": S},
        (
            "{company} in {city} is led by {name}, aged {age}.", "The boss of {company} is {name} ({age}); the company sits in {city}.", "{name}, {age}, leads {company} in {city}.",
            "{company}, {city}. Boss: {name}, {age} years old.", "In {city}, {name} ({age}) is the boss of {company}.", "{company} has its office in {city}; its boss {name} is {age}.",
            "At {age}, {name} became boss of {company} in {city}.", "From {city}: {name} is {age} and leads {company}.",
            "{name} is {age} and owns {company} in {city}.", "{name}, now {age} years old, runs {company} of {city}.", "{company} from {city} belongs to {name}, {age} years old.", "{name} founded {company} in {city} and is {age} today.",
            "{name} turned {age} as head of {company}, {city}.",
        ),
        ("{name} is {age} years old and the boss of {company} in {city}.",),
    ),
}  # fmt: skip
LISTS = {
    "items": Kind(
        {"name": S, "items": [S]},
        (
            "{name} bought {items}.", "Please send {items} to {name}.", "{name}: {items}.", "In the bag of {name} are {items}.", "We packed {items} for {name}.",
            "The things {items} belong to {name}.", "{name} has ordered {items}.", "There are {items} on the table of {name}.",
            "{name} wants {items}.", "{name} lost {items}.", "{name} found {items} at home.", "{name} looks for {items}.", "{name} carries {items}.", "{name} sold {items} today.", "{name} asks for {items}.", "Give {name} {items}.",
            "{name} collects {items}.", "Yesterday {name} broke {items}.", "{name} takes {items} along.",
        ),
        ("{name} needs {items}.",),
    ),
    "guests": Kind(
        {"people": [S], "city": S, "day": S},
        (
            "{people} meet in {city} on {day}.", "On {day}, {people} are in {city}.", "In {city} we see {people} on {day}.", "{day}, {city}: {people}.",
            "The meeting on {day} in {city} is for {people}.", "{people} come to {city} on {day}.", "We invite {people} to {city} on {day}.", "{city} on {day}, with {people}.",
            "On {day} in {city} we wait for {people}.", "{people} arrive in {city} this {day}.", "On {day} you find {people} in {city}.", "{people} dance in {city} on {day}.", "In {city} on {day}: {people}.", "{people} will sing on {day} in {city}.",
        ),
        ("On {day} in {city} there will be {people}.",),
    ),
    "cities": Kind(
        {"name": S, "cities": [S]},
        (
            "{name} visits {cities}.", "The trip of {name} goes to {cities}.", "{name} has friends in {cities}.", "{cities} are the cities that {name} likes.",
            "We saw {name} in {cities}.", "{name}: {cities}.", "In {cities} people know {name}.", "{name} has lived in {cities}.",
            "{name} flies to {cities}.", "{name} drives to {cities}.", "{name} loves {cities}.", "{name} works in {cities}.", "{name} was seen in {cities}.", "{name} wants to see {cities}.", "{name} dreams of {cities}.", "{name} never saw {cities}.",
            "{name} walks through {cities}.", "{name} sends cards from {cities}.",
        ),
        ("{name} travels to {cities}.",),
    ),
    "colours": Kind(
        {"product": S, "colours": [S]},
        (
            "We sell {product} in {colours}.", "The {product} are {colours}.", "{product}: {colours}.", "You can have {product} in {colours}.", "There are {product} in the colours {colours}.",
            "The colours of the {product} are {colours}.", "{colours} are the colours of our {product}.", "In {colours} we have {product}.",
            "Our {product} are sold in {colours}.", "The {product} exist in {colours}.", "Choose {product} in {colours}.", "We paint our {product} {colours}.", "Their {product} look {colours}.", "These {product} shine in {colours}.",
        ),
        ("Our {product} come in {colours}.",),
    ),
    "basket": Kind(
        {"name": S, "items": [{"product": S, "quantity": INT}]},
        (
            "{name} bought {items}.", "Please send {items} to {name}.", "{name}: {items}.", "The order of {name} is {items}.", "We packed {items} for {name}.",
            "For {name}: {items}.", "{name} has ordered {items}.", "In the box of {name} are {items}.",
            "{name} wants {items}.", "{name} asks for {items}.", "{name} needs {items} today.", "{name} took {items} home.", "{name} will get {items}.", "{name} hopes for {items}.", "Give {name} {items}.", "{name} found {items}.",
        ),
        ("{name} would like {items}.",),
        ("{quantity} {product}", "{quantity} {product}", "{product} ({quantity})", "{quantity} of the {product}"),
    ),
    "prices": Kind(
        {"shop": S, "prices": [{"product": S, "price": N}]},
        (
            "{shop} sells {prices}.", "At {shop} you get {prices}.", "{shop}: {prices}.", "Prices at {shop}: {prices}.", "We saw {prices} at {shop}.",
            "The shop {shop} has {prices}.", "Today at {shop}: {prices}.", "You find {prices} in the shop {shop}.",
            "{shop} has {prices}.", "{shop} gives you {prices}.", "{shop} advertises {prices}.", "Look, {shop} shows {prices}.", "{shop} asks you to buy {prices}.", "At {shop} they sell {prices}.", "{shop} lists {prices}.", "{shop} reduced {prices}.", "{shop} now brings {prices}.",
        ),
        ("{shop} offers {prices}.",),
        ("{product} for {price} dollars", "{product} at {price} dollars", "{product} ({price} dollars)"),
    ),
    "team": Kind(
        {"city": S, "people": [{"name": S, "age": INT}]},
        (
            "{people} live in {city}.", "In {city} we met {people}.", "{city}: {people}.", "The team from {city} is {people}.", "{people} came from {city}.",
            "From {city} come {people}.", "We know {people} in {city}.", "The people in {city} are {people}.",
            "{people} study in {city}.", "{people} met in {city}.", "{people} left {city}.", "{people} play in {city}.", "You see {people} in {city}.", "{people} stay in {city} tonight.",
        ),
        ("{people} work in {city}.",),
        ("{name} ({age})", "{name}, aged {age},", "{name} ({age} years old)"),
    ),
}  # fmt: skip

# {json} is what is asked for (JSON, or JSON in a fence), {keys} the keys in words, {template} the shape written out.
KEY_REQUESTS = (
    "Extract {keys} as {json}: {text}", "{text}\nReturn {keys} as {json}.", "Read this text and give me {keys} as {json}.\n{text}",
    "Give me {keys} as {json}. Text: {text}", "Text: {text}\nWrite {keys} as {json}:", "Turn this into {json} (keys: {keys}): {text}",
    "从文本中提取 {keys}，用 {json} 回答：{text}", "What are {keys} here? Answer with {json}.\n{text}", "{text}\n\nI need {keys} as {json}.",
    "Find {keys} in the text and write {json}.\n\"{text}\"", "Make {json} with the keys {keys} from this: {text}", "As {json}, please: {keys}. {text}",
)  # fmt: skip
UNSEEN_KEY_REQUESTS = (
    "Please extract {keys} from this text as {json}.\n{text}",
    "{text}\nAnswer with {json} that has the keys {keys}.",
)
TEMPLATE_REQUESTS = (
    "Fill in {template} from the text, as {json}: {text}", "{text}\nReturn {json} of this form: {template}", "Schema: {template}\nText: {text}\nAnswer with {json}.",
    "Extract the facts as {json} with the schema {template}.\n{text}", "Answer with {json} that fits {template}\n{text}", "Text: {text}\nSchema: {template}\nWrite {json}.",
    "Read the text and write {json} like {template}\n\"{text}\"", "Turn this into {json}: {text}\nUse this shape: {template}", "Use this schema: {template}\nGive me {json} for: {text}",
    "按照格式 {template} 用 {json} 回答：{text}", "{text}\nGive me {keys} as {json}.\nAnswer with JSON that fits this schema: {template}",
    "{text}\n{json} with {keys}, please. The schema: {template}", "Extract {keys} as {json}: {text}\nIt has to fit this schema: {template}",
)  # fmt: skip
UNSEEN_TEMPLATE_REQUESTS = (
    "Please return {json} in the format {template} for this text: {text}",
    "{text}\nExtract {json}. The schema is {template}",
)
PLAIN = ("JSON", "JSON", "JSON", "a JSON object", "plain JSON")
FENCED = (
    "JSON in a code block", "a ```json block", "a JSON code block", "fenced JSON", "JSON in a ```json fence", "JSON (in a code block)", "JSON inside ``` marks", "a Markdown code block with JSON",
)  # fmt: skip
UNSEEN_FENCED = ("a code block that holds JSON",)
