"""Support tickets sorted to codes that this project invented: a skill that Pocket's training leaves out, for the lesson on fine-tuning.

No model can know the codes before it was trained on them, so a gain is the training's own. Held out: two forms of each kind of trouble,
two wordings of the request, and one in five of the texts that the other forms make.
"""

from __future__ import annotations

import random
import re
from typing import Any

from qwen_course.skills.pools import NAMES
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of

THINGS = tuple(
    "box|chair|tent|jacket|kettle|bicycle|camera|table|printer|radio|clock|guitar|backpack|desk|sofa|heater|headset|keyboard".split(
        "|"
    )
)
# kind of trouble: (its code, what the ticket is about, forms seen, forms unseen)
KINDS: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "late": (
        "K7-JAM", "a late delivery",
        ("My {thing} has not arrived yet.", "I am still waiting for my {thing}.", "I ordered a {thing} {n} days ago. Where is it?", "The delivery of my {thing} is {n} days late.",
         "When will my {thing} come at last?", "The {thing} should have been here {n} days ago.", "You said that the {thing} comes on {day}, but nobody came.",
         "The {thing} is late.", "My {thing} is not here yet.", "How long do I still have to wait for my {thing}?", "It is {day}, and where is my {thing}?",
         "Still no {thing} after {n} days!", "I have waited {n} days for the {thing}.", "There is no sign of the {thing}.", "Why does the {thing} take so long?",
         "The {thing} takes much longer than you said.", "I wait for the {thing} since {day}, and there is still nothing."),
        ("It is {day} and there is still no {thing}.", "How much longer do I have to wait for the {thing}?"),
    ),
    "broken": (
        "H2-SUN", "a broken product",
        ("My {thing} is broken.", "The {thing} does not work.", "The {thing} stopped working after {n} days.", "A part of the {thing} fell off.", "The {thing} has a crack.", "My new {thing} is damaged.",
         "The {thing} broke on {day}.",
         "The {thing} came in pieces.", "The {thing} broke into {n} pieces.", "I opened the box and the {thing} was broken.", "Out of order again: the {thing}.",
         "The {thing} has been out of order since {day}.", "The {thing} does not start any more.", "After {n} days the {thing} does not work any more.",
         "The {thing} fell to pieces when I used it.", "The {thing} is damaged, I saw it when I opened the box.", "Something in the {thing} is broken."),
        ("The {thing} was in pieces when I opened the box.", "After {n} days the {thing} is out of order."),
    ),
    "wrong": (
        "A4-FOX", "a wrong product",
        ("I ordered a {thing} and got a {other}.", "This is not the {thing} that I ordered.", "You sent me a {other} instead of a {thing}.", "There was a {other} in the box, not my {thing}.",
         "I wanted a {thing}. Why did I get a {other}?", "You sent the wrong {thing}.", "The {thing} that came on {day} is not the one I chose.",
         "A {other} came instead of the {thing}.", "My order was a {thing}, not a {other}.", "You mixed up two orders: I got a {other}.",
         "Somebody else got my {thing}, and I got a {other}.", "I opened the box and found a {other}, not a {thing}.", "I got the wrong {thing}.",
         "Why is there a {other} in the box? I ordered a {thing}.", "You mixed up the {thing} and the {other}.", "Somebody sent me a {other}. I wanted a {thing}.",
         "On {day} a {other} came, but I wanted a {thing}."),
        ("A {other} came, but my order was a {thing}.", "Somebody mixed up my {thing} with a {other}."),
    ),
    "refund": (
        "M9-SEA", "a refund",
        ("I want my money back for the {thing}.", "Please pay me back for the {thing}.", "I sent the {thing} back {n} days ago. Where is my money?", "When do I get my {n} dollars back?", "I have not received the money for the {thing}.",
         "Please pay back the {n} dollars for the {thing}.", "I returned the {thing} on {day} and wait for my money.",
         "Give me my money back.", "Please give me the {n} dollars back.", "Where is the money for my {thing}?", "I paid {n} dollars for the {thing} and want them back.",
         "The money for the {thing} has not come back.", "Is my money on its way?", "The {thing} is back with you. Are the {n} dollars on their way?",
         "I want back the {n} dollars that I paid.", "You still have the money for my {thing}. Give it back.", "When is the money for the {thing} paid back?"),
        ("Give me back the {n} dollars that I paid for the {thing}.", "Is the money for my {thing} on its way?"),
    ),
    "invoice": (
        "P1-OAK", "an invoice",
        ("The invoice for the {thing} is wrong.", "I need an invoice for my {thing}.", "There is a mistake in the invoice of {day}.", "Please send me the invoice for the {thing} again.",
         "The invoice says {n} dollars, but the {thing} costs less.", "I got two invoices for one {thing}.", "My name is wrong on the invoice for the {thing}.",
         "Where is the invoice for my {thing}?", "I cannot find the invoice of {day}.", "I cannot open the invoice for the {thing}.", "The invoice of {day} cannot be read.",
         "How do I find my invoice?", "Where can I read the invoice of {day}?", "There was no invoice in the box of the {thing}.", "Please write another name on the invoice.",
         "I want an invoice of {n} dollars for the {thing}.", "The invoice for the {thing} came twice."),
        ("Where do I find the invoice for the {thing}?", "I cannot read the invoice of {day}."),
    ),
    "password": (
        "T6-ICE", "a login",
        ("I forgot my password.", "I cannot log in.", "Your page does not take my password.", "I cannot log in since {day}.", "My account is locked.", "How do I get a new password?", "I tried my password {n} times and cannot log in.",
         "The login does not work.", "The login does not work since {day}.", "My password is wrong, says your page.", "After {n} tries I still cannot log in.",
         "Your page says wrong password.", "My account is locked since {day}.", "The login failed {n} times.", "Why does the login fail?",
         "I need a new password for my account.", "Wrong password again! Is my account locked?"),
        ("The login fails since {day}.", "After {n} wrong passwords my account is locked."),
    ),
    "cancel": (
        "B3-OWL", "a cancelled order",
        ("Please cancel my order of a {thing}.", "I do not want the {thing} any more. Please cancel it.", "How do I cancel the order of {day}?", "Cancel the {thing}, please.", "I ordered {n} {thing}s by mistake. Please cancel the order.",
         "Can I still cancel my {thing}?", "I want to cancel the {thing} that I ordered on {day}.",
         "Please stop my order.", "Stop the order of {day}, please.", "I have to cancel my {thing}.", "I want to cancel.", "I have to cancel an order.",
         "I ordered a {thing}, but now I want to cancel it.", "Cancel all {n} {thing}s, please.", "Please stop the {thing}, I do not need it any more.",
         "I have to cancel the {thing}: I ordered it twice.", "Is it too late to cancel the {thing}?"),
        ("Stop my order of a {thing}: I want to cancel it.", "I have to cancel the order of {n} {thing}s."),
    ),
    "address": (
        "R8-BAY", "a new address",
        ("I have a new address.", "Please change my address.", "I moved on {day}. Please note my new address.", "Send the {thing} to another address, please.", "The address for the {thing} is wrong.", "How do I change the address of my order?",
         "My address changed {n} days ago.",
         "From {day} on I have a new address.", "My address is another one now.", "Please send the {thing} to my new address.",
         "I moved to another town. Where do I change my address?", "The {thing} goes to my old address. Please change it.", "My new address is not in my account.",
         "From now on send all to my new address.", "The {thing} should go to another address.", "On {day} I move. How do I note my new address?", "You have my old address."),
        ("From {day} on my address is another one.", "The {thing} should go to my new address."),
    ),
}  # fmt: skip
REQUESTS = (
    "Sort this ticket: {text}", "Ticket: {text}\nCode:", "Which code does this ticket get?\n{text}", "Give the code of this ticket: {text}", "{text}\nSort this ticket.",
    "A customer writes: {text} Which code is it?", "New ticket: {text} Answer with the code.", "Find the code for this message: {text}",
    "Please find the code.\n{text}", "{text}\nWhich code is this?", "{text}\nWhat is its code?", "{text}", "Please give this ticket a code: {text}", "What code has this ticket? {text}",
    "{text}\nFind the code of this ticket.", "Sort: {text}",
)  # fmt: skip
UNSEEN_REQUESTS = ("Please sort this ticket: {text}", "{text}\nWhat is the code of this ticket?")
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
CODES = {kind: code for kind, (code, *_) in KINDS.items()}
_CODE = re.compile(r"\b[A-Z]\d-[A-Z]+\b")


def _text(rng: random.Random, form: str) -> str:
    """Return what the customer writes, without greeting and name."""
    thing, other = rng.sample(THINGS, 2)
    return form.format(thing=thing, other=other, n=rng.randint(2, 30), day=rng.choice(DAYS))


def _grader(code: str) -> Any:
    """Return a grader that wants this code and no other one; small letters count too."""
    return lambda reply: set(_CODE.findall(text_of(reply).upper())) == {code}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a ticket; half of those of the test split are in forms that training never saw."""
    kind = rng.choice(tuple(KINDS))
    code, about, seen, unseen = KINDS[kind]
    if split == "test" and rng.random() < 0.5:
        text, difficulty = _text(rng, rng.choice(unseen)), "form unseen"
    else:
        text = draw(split, lambda: _text(rng, rng.choice(seen)), lambda said: f"ticket {said}", share=0.2)
        difficulty = "form seen"
    if rng.random() < 0.3:
        text = rng.choice(("Hello! ", "Hi! ", "Dear team! ", "Good morning. ")) + text
    if rng.random() < 0.3:
        text += rng.choice((" {name}.", " Thanks, {name}.", " Best wishes, {name}.")).format(name=rng.choice(NAMES))
    return Problem(
        skill="ticket",
        messages=[{"role": "user", "content": pick_wording(rng, split, REQUESTS, UNSEEN_REQUESTS).format(text=text)}],
        difficulty=difficulty,
        expected=code,
        thinking=f"The ticket is about {about}.",
        answer={"role": "assistant", "content": code},
        grader=_grader(code),
    )
