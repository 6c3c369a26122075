"""Facts in a sentence, asked for as JSON with named keys.

Held out: combinations of names (people, cities, products), numbers that go with them, and one sentence form per kind of text.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from qwen_course.skills.pools import CITIES, NAMES, SURNAMES, THINGS
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of

KINDS = {
    "person": (
        ("name", "age", "city"),
        (
            "{name}, {age}, lives in {city}.", "{name} is {age} years old and lives in {city}.", "In {city} lives {name}, aged {age}.",
            "My neighbour {name} from {city} turned {age} today.", "{city}: {name} ({age}) opened the meeting.",
        ),
        ("{name} comes from {city} and is {age} years old.",),
    ),
    "order": (
        ("product", "quantity", "price"),
        (
            "{quantity} {product} for {price} dollars, please.", "Please send {quantity} {product} at {price} dollars.",
            "Order: {product}, {quantity} pieces, {price} dollars.", "I would like to buy {quantity} {product}; the price is {price} dollars.",
            "We sold {quantity} {product} for {price} dollars.",
        ),
        ("I paid {price} dollars for {quantity} {product}.",),
    ),
    "trip": (
        ("from", "to", "day"),
        (
            "The train from {from} to {to} leaves on {day}.", "On {day} we fly from {from} to {to}.", "{day}: bus {from} - {to}.",
            "I travel to {to} on {day}, starting in {from}.", "We leave {from} on {day} and drive to {to}.",
        ),
        ("A ticket from {from} to {to} for {day}, please.",),
    ),
    "contact": (
        ("name", "email", "phone"),
        (
            "Write to {name} at {email} or call {phone}.", "{name}: {email}, phone {phone}.", "You reach {name} by phone ({phone}) or mail ({email}).",
            "Contact {name}, {phone}, {email}.", "The phone of {name} is {phone}, the mail address is {email}.",
        ),
        ("Call {phone} or mail {email} to talk to {name}.",),
    ),
}  # fmt: skip
REQUESTS = (
    "Extract {keys} as JSON: {text}", "{text}\nReturn {keys} as JSON.", "Read this text and answer with a JSON object with the keys {keys}.\n{text}",
    "Give me {keys} as JSON. Text: {text}", "Text: {text}\nJSON with the keys {keys}:", "Turn this into JSON ({keys}): {text}",
    "从文本中提取 {keys}，用 JSON 回答：{text}", "What are {keys} here? Answer in JSON.\n{text}",
)  # fmt: skip
UNSEEN_REQUESTS = (
    "Please extract {keys} from this text as JSON.\n{text}",
    "{text}\nAnswer with JSON that has the keys {keys}.",
)
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())


def _syllables(rng: random.Random) -> str:
    """Return an invented name, so that copying is learned rather than a list of names."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))).capitalize()


def _facts(rng: random.Random, kind: str) -> dict[str, Any]:
    """Return the facts of one text."""
    invent = rng.random() < 0.3
    name = f"{_syllables(rng) if invent else rng.choice(NAMES)} {_syllables(rng) if invent else rng.choice(SURNAMES)}"
    first, second = (_syllables(rng), _syllables(rng)) if invent else rng.sample(CITIES, 2)
    if kind == "person":
        return {"name": name, "age": rng.randint(18, 99), "city": first}
    if kind == "order":
        return {"product": rng.choice(THINGS), "quantity": rng.randint(2, 99), "price": rng.randint(2, 999)}
    if kind == "trip":
        return {"from": first, "to": second, "day": rng.choice(DAYS)}
    domain = f"{_syllables(rng).lower()}.{rng.choice(('com', 'org', 'net'))}"
    phone = "".join(str(rng.randrange(10)) for _ in range(6))
    return {"name": name, "email": f"{name.split()[0].lower()}@{domain}", "phone": phone}


def read_json(text: str) -> Any:
    """Return the JSON value in a reply, with or without a fence; None where there is none."""
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.DOTALL)
    body = fenced[1] if fenced else text[text.find("{") : text.rfind("}") + 1]
    try:
        return json.loads(body)
    except ValueError:
        return None


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a text with two or three facts to extract."""
    kind = rng.choice(tuple(KINDS))
    keys, seen, unseen = KINDS[kind]
    facts = draw(split, lambda: _facts(rng, kind), lambda drawn: json.dumps(drawn, sort_keys=True, ensure_ascii=False))
    asked = rng.sample(keys, rng.choice((2, 3, 3)))
    text = pick_wording(rng, split, seen, unseen).format(**facts)
    names = ", ".join(asked[:-1]) + " and " + asked[-1]
    request = pick_wording(rng, split, REQUESTS, UNSEEN_REQUESTS).format(keys=names, text=text)
    wanted = {key: facts[key] for key in asked}
    expected = json.dumps(wanted, ensure_ascii=False)
    return Problem(
        skill="extract",
        messages=[{"role": "user", "content": request}],
        difficulty=f"{kind}, {len(asked)} keys",
        expected=expected,
        thinking="\n".join(f"{key}: {value}" for key, value in wanted.items()),
        answer={"role": "assistant", "content": expected},
        grader=lambda reply: read_json(text_of(reply)) == wanted,
    )
