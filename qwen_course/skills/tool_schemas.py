"""The twelve tools of the skill `tool_call`: schema, wordings of requests, what the tool returns and the answer from it.

Tools that are invented on the spot are in `tool_inventions.py`. Names of tools are fixed; each has two descriptions.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qwen_course.skills.pools import CITIES, COLOURS, NAMES, SURNAMES, THINGS

# The values of some requests are invented: a model that can copy only names that it knows is of no use.
INVENTED = 0.25
# What a single parameter is said to be for, at times.
DESCRIBED = 0.3
DESCRIPTIONS = (
    "the {key}",
    "the {key}, as the user wrote it",
    "one {key}",
    "{key} to use",
    "a text: the {key}",
    "the {key} that is asked for, with nothing else",
)
CURRENCIES = tuple("euros dollars yen pounds pesos rupees francs crowns EUR USD JPY GBP CHF INR".split())
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
ROOMS = tuple("kitchen hall bedroom bathroom garage office cellar garden attic library workshop nursery".split())
TITLES = (
    "lunch", "a meeting", "tennis", "a concert", "the dentist", "a call", "dinner", "a walk", "chess", "a lesson", "yoga", "football",
    "the choir", "a party", "breakfast", "a haircut", "the exam", "swimming", "a visit", "the play",
)  # fmt: skip
TEXTS = (
    "I am late", "See you soon", "Happy birthday", "The train is late", "Call me back", "Thank you", "I am at home", "Good luck", "Dinner is ready",
    "The door is open", "I found your keys", "Please bring bread", "The meeting is over", "I will be there at {n}", "Meet me in {city}",
    "We have {n} {things}", "{name} is ill", "Ask {name}", "I need {n} {things}", "{name} is in {city}",
)  # fmt: skip
SKIES = ("sunny", "cloudy", "rainy", "windy", "foggy", "clear")
SONGS = tuple("River Road Night Garden Mountain Summer Window Island Winter Letter".split())


@dataclass(frozen=True)
class Tool:
    """Hold a tool, the requests that it answers, and what it returns.

    `parameters` maps names to JSON types, or to the values of an enum. `answer` is filled from arguments and result; a right answer
    holds what `wanted` names. `tasks` are requests that can be joined by "and"; `listed` is the parameter of which a request may name several.
    """

    name: str
    descriptions: tuple[str, ...]
    parameters: dict[str, str | tuple[str, ...]]
    arguments: Callable[[random.Random], dict[str, Any]]
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    tasks: tuple[str, ...]
    result: Callable[[random.Random, dict[str, Any]], dict[str, Any]]
    answer: str
    wanted: tuple[str, ...]
    listed: str = ""
    listed_as: str = "{v}"
    topic: str = ""  # two tools of the same topic are never shown together, so that only one can be right
    kind: str = ""

    def schema(self, rng: random.Random) -> dict[str, Any]:
        """Return the OpenAI schema with one of the descriptions; all parameters are required."""
        properties = {
            key: {"type": kind} if isinstance(kind, str) else {"type": "string", "enum": list(kind)}
            for key, kind in self.parameters.items()
        }
        if len(properties) == 1 and rng.random() < DESCRIBED:
            key = next(iter(properties))
            properties[key]["description"] = rng.choice(DESCRIPTIONS).format(key=key)
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        function = {"name": self.name, "description": rng.choice(self.descriptions), "parameters": parameters}
        return {"type": "function", "function": function}


def syllables(rng: random.Random) -> str:
    """Return an invented word, in lower case."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))


def city(rng: random.Random) -> str:
    """Return a city, at times an invented one of one or two words."""
    if rng.random() >= INVENTED:
        return rng.choice(CITIES)
    return rng.choice(("", "", "", "New ", "San ")) + syllables(rng).capitalize()


def person(rng: random.Random) -> str:
    """Return a first name, at times an invented one."""
    return rng.choice(NAMES) if rng.random() >= INVENTED else syllables(rng).capitalize()


def _two(rng: random.Random, make: Callable[[random.Random], str]) -> tuple[str, str]:
    """Return two different values."""
    first = second = make(rng)
    while second == first:
        second = make(rng)
    return first, second


def _money(rng: random.Random) -> dict[str, Any]:
    source, target = rng.sample(CURRENCIES, 2)
    amount = rng.randint(2, 999) if rng.random() < 0.85 else rng.randint(2, 99) + 0.5
    return {"amount": amount, "source": source, "target": target}


def _route(rng: random.Random) -> dict[str, Any]:
    return dict(zip(("start", "end"), _two(rng, city), strict=True))


def _text(rng: random.Random) -> str:
    text = rng.choice(TEXTS)
    fillers = {"city": city(rng), "name": person(rng), "things": rng.choice(THINGS)} if "{" in text else {}
    return text.format(n=rng.randint(2, 21), **fillers)


def _light(rng: random.Random) -> dict[str, Any]:
    return {"room": rng.choice(ROOMS), "colour": rng.choice(("red", "green", "blue", "white"))}


def _artist(rng: random.Random) -> dict[str, Any]:
    return {"artist": f"{person(rng)} {rng.choice(SURNAMES)}"}


def _sum(rng: random.Random) -> dict[str, Any]:
    sign, limit = rng.choice((("+", 9999), ("-", 9999), ("*", 999)))
    return {"expression": f"{rng.randint(2, limit)} {sign} {rng.randint(2, limit)}"}


def _value(expression: str) -> int:
    left, sign, right = re.split(r" ([-+*×]) ", expression)
    return {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "×": int.__mul__}[sign](int(left), int(right))


def _clock(rng: random.Random) -> str:
    return f"{rng.randint(0, 23)}:{rng.randint(0, 59):02}"


_ALL = (
    Tool(
        "get_weather", ("Get the weather of a city", "Current weather in a city"), {"city": "string"}, lambda rng: {"city": city(rng)},
        ("What is the weather in {city}?", "How is the weather in {city} today?", "Is it warm in {city}?", "Tell me the weather of {city}.",
         "Does it rain in {city}?", "I want to know the weather in {city}.", "Weather in {city}?", "Is the sun shining in {city}?",
         "Do I need a coat in {city}?", "Could you look at the weather in {city}?", "How cold is it in {city}?", "What kind of weather does {city} have?", "Show me the weather in {city}.",
         "Is it a nice day in {city}?", "What can you say of the weather in {city}?", "Will I get wet in {city}?"),
        ("What is the weather like in {city}?", "Can you check the weather in {city}?"),
        ("tell me the weather in {city}", "check the weather of {city}"),
        lambda rng, _: {"temperature": rng.randint(-9, 35), "sky": rng.choice(SKIES)},
        "In {city} it is {temperature} degrees and {sky}.", ("temperature", "sky"), listed="city",
    ),
    Tool(
        "get_time", ("Get the local time of a city", "Tell what time it is in a city"), {"city": "string"}, lambda rng: {"city": city(rng)},
        ("What time is it in {city}?", "Tell me the time in {city}.", "How late is it in {city} now?", "I need the local time of {city}.",
         "Which time do they have in {city}?", "Time in {city}?", "Is it already evening in {city}?", "What does the clock say in {city}?",
         "Do you know how late it is in {city}?", "What is the local time in {city}?", "Show me the time in {city}.", "Is it night in {city}?", "How late do they have it in {city}?", "Could you look up the time in {city}?",
         "What hour is it in {city}?", "Say what time it is in {city} now."),
        ("What is the time in {city}?", "Can you tell me how late it is in {city}?"),
        ("tell me the time in {city}", "look up the local time of {city}"),
        lambda rng, _: {"time": _clock(rng)}, "In {city} it is {time}.", ("time",), listed="city",
    ),
    Tool(
        "convert_currency", ("Convert an amount of money", "Change money into another currency"),
        {"amount": "number", "source": "string", "target": "string"}, _money,
        ("Convert {amount} {source} to {target}.", "How much is {amount} {source} in {target}?", "What are {amount} {source} in {target}?",
         "Exchange {amount} {source} for {target}.", "I have {amount} {source}. What is that in {target}?", "{amount} {source} to {target}",
         "How many {target} do I get for {amount} {source}?", "Turn {amount} {source} into {target}.",
         "Change {amount} {source} into {target}.", "What do I get in {target} for {amount} {source}?", "Swap {amount} {source} for {target}, please.", "I need {amount} {source} in {target}.", "What would {amount} {source} be in {target}?",
         "How much money in {target} is {amount} {source}?", "What is the worth of {amount} {source} in {target}?", "Give me {target} for my {amount} {source}.", "Tell me the value of {amount} {source} in {target}.",
         "I want to know the {target} value of {amount} {source}."),
        ("Change {amount} {source} to {target}, please.", "What is the value of {amount} {source} in {target}?"),
        ("convert {amount} {source} to {target}", "exchange {amount} {source} for {target}"),
        lambda rng, _: {"result": rng.choice((rng.randint(2, 9999), rng.randint(2, 999) + 0.5))},
        "{amount} {source} are {result} {target}.", ("result",),
    ),
    Tool(
        "add_event", ("Add an event to the calendar", "Put an event into the calendar"), {"title": "string", "day": "string", "hour": "integer"},
        lambda rng: {"title": rng.choice(TITLES), "day": rng.choice(DAYS), "hour": rng.randint(8, 21)},
        ("Put {title} on {day} at {hour} into my calendar.", "Add {title} to my calendar: {day}, {hour}.", "Plan {title} for {day} at {hour}.",
         "I have {title} on {day} at {hour}, note it.", "Enter {title} in the calendar for {day} at {hour}.", "Calendar: {title}, {day} at {hour}.",
         "On {day} at {hour} there is {title}. Put it into my calendar.", "Schedule {title} on {day} at {hour}.",
         "Remember {title} on {day} at {hour}.", "Make a note in the calendar: {title} on {day}, {hour}.", "Write {title} into my calendar, {day} at {hour}.", "I want {title} in my calendar, on {day} at {hour}.", "Save the date: {title}, {day} at {hour}.",
         "Block {day} at {hour} for {title}.", "New event: {title}, {day}, {hour}.", "Could you add {title} for {day} at {hour}?"),
        ("Please add {title} on {day} at {hour} to the calendar.", "Make a calendar entry: {title}, {day}, {hour}."),
        ("put {title} on {day} at {hour} into my calendar", "plan {title} for {day} at {hour}"),
        lambda rng, _: {"ok": True}, "{title} is in your calendar: {day} at {hour}.", ("title",),
    ),
    Tool(
        "send_message", ("Send a short message to a person", "Write a message to somebody"), {"to": "string", "text": "string"},
        lambda rng: {"to": person(rng), "text": _text(rng)},
        ('Send "{text}" to {to}.', 'Write to {to}: "{text}".', 'Tell {to}: "{text}".', 'Message {to}: "{text}".', 'Let {to} know: "{text}".',
         'Text {to} "{text}".', 'Write "{text}" to {to}.', '{to} should get this message: "{text}".',
         'Say to {to}: "{text}".', 'A message for {to}: "{text}".', 'Could you tell {to} "{text}"?', 'Please let {to} read "{text}".', 'I have to tell {to}: "{text}".', '{to} has to know: "{text}".', 'Pass this on to {to}: "{text}".', 'Drop {to} a line: "{text}".'),
        ('Send a message to {to}: "{text}".', 'I want to say "{text}" to {to}.'),
        ('tell {to}: "{text}"', 'send "{text}" to {to}'),
        lambda rng, _: {"sent": True}, "Your message to {to} was sent.", ("to",), listed="to",
    ),
    Tool(
        "search_stock", ("Look up how many pieces of a product are in stock", "Count the pieces of a product in the store"), {"product": "string"},
        lambda rng: {"product": rng.choice(THINGS) if rng.random() >= INVENTED else syllables(rng) + "s"},
        ("How many {product} are in stock?", "Do we have {product} in stock?", "Look up the stock of {product}.", "Are there {product} left in stock?",
         "What is the stock of {product}?", "Tell me how many {product} are in stock.", "Is there a stock of {product}?", "Stock of {product}?",
         "How many {product} do we have?", "See how many {product} are left.", "Are any {product} in the store?", "Please count the {product} in stock.", "What number of {product} is in stock?", "How large is our stock of {product}?", "Find out the stock of {product}.",
         "Could you look for {product} in the store?"),
        ("Check the stock of {product}.", "How many pieces of {product} are in stock?"),
        ("look up the stock of {product}", "check the stock of {product}"),
        lambda rng, _: {"pieces": rng.randint(2, 999)}, "There are {pieces} {product} in stock.", ("pieces",), listed="product",
    ),
    Tool(
        "get_distance", ("Get the distance between two cities", "Tell how far two cities are apart"), {"start": "string", "end": "string"}, _route,
        ("How far is it from {start} to {end}?", "What is the distance from {start} to {end}?", "How many km is it from {start} to {end}?",
         "Tell me the distance between {start} and {end}.", "How far apart are {start} and {end}?", "Distance from {start} to {end}?",
         "I want to know how far {start} is from {end}.", "How long is the way from {start} to {end}?",
         "How many km lie between {start} and {end}?", "Give me the distance between {start} and {end}.", "Is it far from {start} to {end}?", "Find the distance from {start} to {end}.", "What is the way from {start} to {end} in km?",
         "How far do I drive from {start} to {end}?"),
        ("What is the distance between {start} and {end}?", "Can you tell me how far it is from {start} to {end}?"),
        ("tell me the distance from {start} to {end}", "look up how far it is from {start} to {end}"),
        lambda rng, _: {"km": rng.randint(20, 9999)}, "From {start} to {end} it is {km} km.", ("km",),
    ),
    Tool(
        "find_train", ("Find a train between two cities", "Look up a train"), {"start": "string", "end": "string", "day": "string"},
        lambda rng: {**_route(rng), "day": rng.choice(DAYS)},
        ("Find a train from {start} to {end} on {day}.", "When does the train from {start} to {end} leave on {day}?", "I need a train from {start} to {end} on {day}.",
         "Which train goes from {start} to {end} on {day}?", "Is there a train from {start} to {end} on {day}?", "Train from {start} to {end}, {day}?",
         "Look for a train from {start} to {end} on {day}.", "I want to take the train from {start} to {end} on {day}.",
         "What train can I take from {start} to {end} on {day}?", "Give me a train from {start} to {end} on {day}.", "On {day} I go by train from {start} to {end}.", "Could you find me a train from {start} to {end} on {day}?", "I am in {start} and need a train to {end} on {day}.",
         "Are there trains from {start} to {end} on {day}?", "Trains on {day} from {start} to {end}, please.", "By train from {start} to {end}, on {day}."),
        ("Show me a train from {start} to {end} on {day}.", "Can I go by train from {start} to {end} on {day}?"),
        ("find a train from {start} to {end} on {day}", "look for a train from {start} to {end} on {day}"),
        lambda rng, _: {"time": _clock(rng), "platform": rng.randint(1, 24)},
        "The train from {start} to {end} leaves on {day} at {time} from platform {platform}.", ("time", "platform"),
    ),
    Tool(
        "set_alarm", ("Set an alarm", "Set the alarm clock"), {"hour": "integer", "minute": "integer"},
        lambda rng: {"hour": rng.randint(1, 23), "minute": rng.choice((0, 5, *range(10, 60)))},
        ("Set an alarm for {hour}:{minute:02}.", "Wake me at {hour}:{minute:02}.", "I have to get up at {hour}:{minute:02}, set an alarm.", "Alarm at {hour}:{minute:02}.",
         "Let the alarm ring at {hour}:{minute:02}.", "Set the alarm clock to {hour}:{minute:02}.", "The alarm should ring at {hour}:{minute:02}.",
         "I need an alarm at {hour}:{minute:02}.",
         "I must be awake at {hour}:{minute:02}.", "Could you wake me at {hour}:{minute:02}?", "Create an alarm at {hour}:{minute:02}.", "Get me up at {hour}:{minute:02}.", "Ring at {hour}:{minute:02}, please.", "New alarm: {hour}:{minute:02}.", "Do not let me sleep after {hour}:{minute:02}.",
         "My alarm has to be at {hour}:{minute:02}."),
        ("Please wake me up at {hour}:{minute:02}.", "Make an alarm for {hour}:{minute:02}."),
        ("set an alarm for {hour}:{minute:02}", "wake me at {hour}:{minute:02}"),
        lambda rng, arguments: {"alarm": f"{arguments['hour']}:{arguments['minute']:02}"}, "The alarm is set for {alarm}.", ("alarm",),
    ),
    Tool(
        "set_light", ("Set the colour of the light in a room", "Change the light in a room"),
        {"room": "string", "colour": ("red", "green", "blue", "white")}, _light,
        ("Make the light in the {room} {colour}.", "Set the light in the {room} to {colour}.", "I want {colour} light in the {room}.", "Light in the {room}: {colour}.",
         "Turn the {room} light {colour}.", "Change the light in the {room} to {colour}.", "Give me {colour} light in the {room}.", "The light in the {room} should be {colour}.",
         "Switch the {room} to {colour} light.", "Could you turn the light in the {room} {colour}?", "Let the light in the {room} be {colour}.", "The {room} needs {colour} light.", "Put {colour} light on in the {room}.", "{colour} light for the {room}, please.",
         "Light the {room} in {colour}.", "Paint the {room} {colour} with the light."),
        ("Please switch the light in the {room} to {colour}.", "Can you make the {room} light {colour}?"),
        ("make the light in the {room} {colour}", "set the light in the {room} to {colour}"),
        lambda rng, _: {"ok": True}, "The light in the {room} is {colour} now.", ("colour",),
    ),
    Tool(
        "play_music", ("Play music of an artist", "Play a song by an artist"), {"artist": "string"}, _artist,
        ("Play music by {artist}.", "Play a song by {artist}.", "I want to hear {artist}.", "Put on some {artist}.", "Play something by {artist}.",
         "Let me hear a song by {artist}.", "Start a song by {artist}.", "Music by {artist}, please.",
         "Play {artist} for me.", "Could you play {artist}?", "I would like to listen to {artist}.", "{artist}, please, and loud.", "Is there a song by {artist}? Play it.", "Turn on {artist}.", "Something from {artist}, please.", "I feel like hearing {artist}."),
        ("Please play {artist}.", "Can I listen to {artist}?"),
        ("play music by {artist}", "play a song by {artist}"),
        lambda rng, _: {"song": f"{rng.choice(COLOURS).capitalize()} {rng.choice(SONGS)}"}, 'Now playing "{song}" by {artist}.', ("song",),
    ),
    Tool(
        "calculate", ("Calculate an expression", "Work out a sum or a product"), {"expression": "string"}, _sum,
        ("What is {expression}?", "Calculate {expression}.", "{expression} = ?", "How much is {expression}?", "Work out {expression}.", "Compute {expression}.",
         "Tell me {expression}.", "I need {expression}.",
         "Could you work out {expression}?", "What does {expression} give?", "Find {expression}.", "Solve {expression}.", "The result of {expression}, please.", "What comes out of {expression}?", "Do the sum {expression}.", "{expression}?"),
        ("Can you calculate {expression}?", "What do you get for {expression}?"),
        ("calculate {expression}", "work out {expression}"),
        lambda rng, arguments: {"result": _value(arguments["expression"])}, "{expression} = {result}.", ("result",),
    ),
)  # fmt: skip
_TOPICS = "weather time money event message stock distance train alarm light music calculation".split()
TOOLS: dict[str, Tool] = {
    tool.name: dataclasses.replace(tool, topic=topic) for tool, topic in zip(_ALL, _TOPICS, strict=True)
}
