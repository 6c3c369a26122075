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
         "When will my {thing} come at last?", "The {thing} should have been here {n} days ago.", "You said that the {thing} comes on {day}, but nobody came."),
        ("It is {day} and there is still no {thing}.", "How much longer do I have to wait for the {thing}?"),
    ),
    "broken": (
        "H2-SUN", "a broken product",
        ("My {thing} is broken.", "The {thing} does not work.", "The {thing} stopped working after {n} days.", "A part of the {thing} fell off.", "The {thing} has a crack.", "My new {thing} is damaged.",
         "The {thing} broke on {day}."),
        ("The {thing} was in pieces when I opened the box.", "After {n} days the {thing} is out of order."),
    ),
    "wrong": (
        "A4-FOX", "a wrong product",
        ("I ordered a {thing} and got a {other}.", "This is not the {thing} that I ordered.", "You sent me a {other} instead of a {thing}.", "There was a {other} in the box, not my {thing}.",
         "I wanted a {thing}. Why did I get a {other}?", "You sent the wrong {thing}.", "The {thing} that came on {day} is not the one I chose."),
        ("A {other} came, but my order was a {thing}.", "Somebody mixed up my {thing} with a {other}."),
    ),
    "refund": (
        "M9-SEA", "a refund",
        ("I want my money back for the {thing}.", "Please pay me back for the {thing}.", "I sent the {thing} back {n} days ago. Where is my money?", "When do I get my {n} dollars back?", "I have not received the money for the {thing}.",
         "Please pay back the {n} dollars for the {thing}.", "I returned the {thing} on {day} and wait for my money."),
        ("Give me back the {n} dollars that I paid for the {thing}.", "Is the money for my {thing} on its way?"),
    ),
    "invoice": (
        "P1-OAK", "an invoice",
        ("The invoice for the {thing} is wrong.", "I need an invoice for my {thing}.", "There is a mistake in the invoice of {day}.", "Please send me the invoice for the {thing} again.",
         "The invoice says {n} dollars, but the {thing} costs less.", "I got two invoices for one {thing}.", "My name is wrong on the invoice for the {thing}."),
        ("Where do I find the invoice for the {thing}?", "I cannot read the invoice of {day}."),
    ),
    "password": (
        "T6-ICE", "a login",
        ("I forgot my password.", "I cannot log in.", "Your page does not take my password.", "I cannot log in since {day}.", "My account is locked.", "How do I get a new password?", "I tried my password {n} times and cannot log in."),
        ("The login fails since {day}.", "After {n} wrong passwords my account is locked."),
    ),
    "cancel": (
        "B3-OWL", "a cancelled order",
        ("Please cancel my order of a {thing}.", "I do not want the {thing} any more. Please cancel it.", "How do I cancel the order of {day}?", "Cancel the {thing}, please.", "I ordered {n} {thing}s by mistake. Please cancel the order.",
         "Can I still cancel my {thing}?", "I want to cancel the {thing} that I ordered on {day}."),
        ("Stop my order of a {thing}: I want to cancel it.", "I have to cancel the order of {n} {thing}s."),
    ),
    "address": (
        "R8-BAY", "a new address",
        ("I have a new address.", "Please change my address.", "I moved on {day}. Please note my new address.", "Send the {thing} to another address, please.", "The address for the {thing} is wrong.", "How do I change the address of my order?",
         "My address changed {n} days ago."),
        ("From {day} on my address is another one.", "The {thing} should go to my new address."),
    ),
}  # fmt: skip
REQUESTS = (
    "Sort this ticket: {text}", "Ticket: {text}\nCode:", "Which code does this ticket get?\n{text}", "Give the code of this ticket: {text}", "{text}\nSort this ticket.",
    "A customer writes: {text} Which code is it?", "New ticket: {text} Answer with the code.", "Find the code for this message: {text}",
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
