"""Tools that are invented on the spot, so that a model must read the schema instead of knowing its tools by heart.

Held out: one pair of attribute and kind of thing in five (the colour of an animal), and one invented word in ten as name or attribute.
"""

from __future__ import annotations

import random
from typing import Any

from qwen_course.skills.pools import CITIES, COLOURS, NAMES
from qwen_course.skills.problem import Split, draw
from qwen_course.skills.tool_schemas import INVENTED, Tool, syllables

OBJECTS = tuple(
    "lamp chair table clock bottle bicycle boat carpet mirror basket hammer ladder kettle tent guitar pillow suitcase umbrella drum vase".split()
)
ANIMALS = tuple("horse cow eagle lion tiger bear wolf fox owl snake frog whale zebra camel goat duck".split())
DEVICES = tuple(
    "heater printer radio fan oven camera pump drill freezer robot scanner speaker motor mixer dryer".split()
)
# kind of thing: (what parameters are called, values, how a request names one, its attributes)
KINDS = {
    "thing": (("thing", "item", "object", "product"), OBJECTS, "the {v}", ("colour", "weight", "price", "size", "material", "owner", "age", "length")),
    "person": (("person", "name", "member", "player"), NAMES, "{v}", ("age", "height", "job", "team", "address", "hobby", "weight", "score")),
    "city": (("city", "place", "town"), CITIES, "{v}", ("population", "mayor", "size", "river", "age", "altitude", "rank", "tax")),
    "animal": (("animal", "creature", "pet"), ANIMALS, "the {v}", ("speed", "weight", "food", "colour", "age", "size", "length", "owner")),
    "device": (("device", "machine", "unit"), DEVICES, "the {v}", ("power", "price", "brand", "voltage", "weight", "colour", "owner", "model")),
}  # fmt: skip
# kind of thing: what of it can be set to a number
SETTINGS = {
    "device": ("volume", "brightness", "speed", "power", "level", "limit", "timer", "pressure"),
    "thing": ("price", "discount", "height", "width", "rank", "limit"),
    "person": ("score", "salary", "limit", "rank", "bonus"),
    "city": ("tax", "limit", "rank", "fee"),
}
COUNTED = tuple(
    "museums parks bridges schools hotels bakeries cinemas libraries churches theatres stations shops".split()
)
UNITS = ("hours", "days", "weeks", "months")
WORDS = {
    "colour": COLOURS, "owner": NAMES, "mayor": NAMES, "material": ("wood", "metal", "glass", "stone", "paper", "leather"),
    "job": ("teacher", "doctor", "cook", "driver", "painter", "farmer"), "team": ("Lions", "Eagles", "Bears", "Tigers"),
    "address": ("Mill Street", "Park Lane", "Hill Road", "Lake Street"), "river": ("Sava", "Tamar", "Ebro", "Oder"), "brand": ("Nordo", "Valtek", "Zimo"),
    "hobby": ("chess", "tennis", "music", "cooking", "reading"), "food": ("grass", "meat", "fish", "fruit", "insects"),
}  # fmt: skip
SMALL = ("age", "rank", "tax", "score")  # never more than 99


def _a(noun: str) -> str:
    """Return the noun with its article."""
    return ("an " if noun[0] in "aeio" else "a ") + noun


def _value(rng: random.Random, kind: str) -> str:
    """Return a thing of the kind, at times an invented one."""
    if rng.random() >= INVENTED:
        return rng.choice(KINDS[kind][1])
    word = syllables(rng)
    return word.capitalize() if kind in ("person", "city") else word


def _fact(rng: random.Random, attribute: str) -> Any:
    """Return what a tool may know about the attribute."""
    if attribute in WORDS:
        return rng.choice(WORDS[attribute])
    return rng.randint(2, 9999 if attribute not in SMALL and rng.random() < 0.3 else 99)


def _look_up(rng: random.Random, name: str, attribute: str, kind: str) -> Tool:
    label, (_, _, shown, _) = rng.choice(KINDS[kind][0]), KINDS[kind]
    thing = shown.format(v="{" + label + "}")
    return Tool(
        name, tuple(f"{verb} the {attribute} of {_a(label)}" for verb in ("Look up", "Get", "Find", "Return")), {label: "string"},
        lambda rng: {label: _value(rng, kind)},
        tuple(form.format(a=attribute, t=thing) for form in (
            "What is the {a} of {t}?", "Tell me the {a} of {t}.", "I need the {a} of {t}.", "Look up the {a} of {t}.", "Give me the {a} of {t}.",
            "Which {a} does {t} have?", "I want to know the {a} of {t}.", "Find out the {a} of {t}.",
            "Could you find the {a} of {t}?", "Show me which {a} {t} has.", "See what the {a} of {t} is.", "For {t}, I need the {a}.", "Say the {a} of {t}.", "{a} of {t}?", "Check the {a} of {t}.", "What about the {a} of {t}?")),
        tuple(form.format(a=attribute, t=thing) for form in ("Do you know the {a} of {t}?", "Please show me the {a} of {t}.")),
        (f"look up the {attribute} of {thing}", f"tell me the {attribute} of {thing}"),
        lambda rng, _: {attribute: _fact(rng, attribute)}, f"The {attribute} of {thing} is {{{attribute}}}.", (attribute,),
        listed=label, listed_as=shown, topic=attribute, kind=kind,
    )  # fmt: skip


def _set(rng: random.Random, name: str, attribute: str, kind: str) -> Tool:
    label, (_, _, shown, _) = rng.choice(KINDS[kind][0]), KINDS[kind]
    number = rng.choice(("value", "number", "new", "to"))
    thing, to = shown.format(v="{" + label + "}"), "{" + number + "}"
    return Tool(
        name, tuple(f"{verb} the {attribute} of {_a(label)}" for verb in ("Set", "Change")), {label: "string", number: "integer"},
        lambda rng: {label: _value(rng, kind), number: rng.randint(1, 999 if rng.random() < 0.3 else 99)},
        tuple(form.format(a=attribute, t=thing, n=to) for form in (
            "Set the {a} of {t} to {n}.", "Change the {a} of {t} to {n}.", "The {a} of {t} should be {n}.", "Make {n} the {a} of {t}.",
            "I want the {a} of {t} to be {n}.", "Put the {a} of {t} at {n}.", "Let the {a} of {t} be {n}.", "Give {t} a new {a}: {n}.",
            "Could you set the {a} of {t} to {n}?", "For {t}, make the {a} {n}.", "Now the {a} of {t} has to be {n}.", "{a} of {t}: {n}", "Bring the {a} of {t} to {n}.", "Use {n} as the {a} of {t}.", "Turn the {a} of {t} to {n}.", "I need {n} as the {a} of {t}.")),
        tuple(form.format(a=attribute, t=thing, n=to) for form in ("Please set the {a} of {t} to {n}.", "Can you change the {a} of {t} to {n}?")),
        (f"set the {attribute} of {thing} to {to}", f"change the {attribute} of {thing} to {to}"),
        lambda rng, _: {"ok": True}, f"The {attribute} of {thing} is {to} now.", (number,), topic=attribute, kind=kind,
    )  # fmt: skip


def _compare(rng: random.Random, name: str, attribute: str, kind: str) -> Tool:
    label, (_, _, shown, _) = rng.choice(KINDS[kind][0]), KINDS[kind]
    one, two = rng.choice((("first", "second"), ("a", "b"), ("one", "other")))
    left, right = shown.format(v="{" + one + "}"), shown.format(v="{" + two + "}")

    def arguments(rng: random.Random) -> dict[str, Any]:
        first = second = _value(rng, kind)
        while second == first:
            second = _value(rng, kind)
        return {one: first, two: second}

    plural = {"city": "cities"}.get(label, label + "s")
    return Tool(
        name, (f"Compare the {attribute} of two {plural}", f"Compare two {plural} by {attribute}"), {one: "string", two: "string"}, arguments,
        tuple(form.format(a=attribute, l=left, r=right) for form in (
            "Compare the {a} of {l} and {r}.", "Compare {l} and {r} by {a}.", "Compare {l} with {r} by {a}.", "How do {l} and {r} compare in {a}?",
            "Compare the {a} of {l} with the {a} of {r}.", "I want to compare the {a} of {l} and {r}.", "Make a comparison of {l} and {r} by {a}.",
            "Does {l} differ from {r} in {a}?",
            "Could you compare {l} with {r} in {a}?", "By {a}, compare {l} and {r}.", "Which is it by {a}, {l} or {r}?", "Show me {l} against {r} in {a}.", "I have to compare {l} and {r} by {a}.", "Put the {a} of {l} beside that of {r}.", "Look at {l} and {r}: compare the {a}.")),
        tuple(form.format(a=attribute, l=left, r=right) for form in ("Please compare {l} and {r} by {a}.", "Can you compare the {a} of {l} and {r}?")),
        (f"compare the {attribute} of {left} and {right}",),
        lambda rng, _: {"difference": rng.randint(2, 99)}, f"The difference in {attribute} between {left} and {right} is {{difference}}.", ("difference",),
        topic=attribute, kind=kind,
    )  # fmt: skip


def _count(rng: random.Random, name: str, counted: str, _: str) -> Tool:
    label = rng.choice(KINDS["city"][0])
    place = "{" + label + "}"
    return Tool(
        name, tuple(f"{verb} the {counted} in {_a(label)}" for verb in ("Count", "Give the number of")), {label: "string"},
        lambda rng: {label: _value(rng, "city")},
        tuple(form.format(c=counted, p=place) for form in (
            "How many {c} are in {p}?", "How many {c} does {p} have?", "Count the {c} in {p}.", "Tell me how many {c} there are in {p}.",
            "What is the number of {c} in {p}?", "I need the number of {c} in {p}.", "Are there many {c} in {p}?", "Number of {c} in {p}?",
            "How many {c} do they have in {p}?", "Could you count the {c} of {p}?", "How many {c} will I see in {p}?", "Show me the number of {c} in {p}.", "Find out how many {c} {p} has.", "{c} in {p}, how many?", "In {p}, how many {c} are there?", "Give me the count of {c} in {p}.")),
        tuple(form.format(c=counted, p=place) for form in ("How many {c} can I find in {p}?", "Please count the {c} in {p}.")),
        (f"count the {counted} in {place}",),
        lambda rng, _: {"count": rng.randint(2, 999)}, f"There are {{count}} {counted} in {place}.", ("count",), listed=label, topic=counted, kind="city",
    )  # fmt: skip


def _rent(rng: random.Random, name: str, unit: str, kind: str) -> Tool:
    label = rng.choice(KINDS[kind][0])
    thing, number = "the {" + label + "}", "{" + unit + "}"
    return Tool(
        name, (f"Rent {_a(label)} for some {unit}", f"Reserve {_a(label)} for {unit}"), {label: "string", unit: "integer"},
        lambda rng: {label: _value(rng, kind), unit: rng.randint(2, 30)},
        tuple(form.format(t=thing, n=number, u=unit) for form in (
            "Rent {t} for {n} {u}.", "I want to rent {t} for {n} {u}.", "Reserve {t} for {n} {u}.", "I need {t} for {n} {u}.",
            "Can I have {t} for {n} {u}?", "For {n} {u} I need {t}.", "Get me {t} for {n} {u}.", "Keep {t} for me, {n} {u}.",
            "Could you reserve {t} for {n} {u}?", "I will take {t} for {n} {u}.", "Let me use {t} for {n} {u}.", "Is {t} free for {n} {u}? Rent it.", "Hold {t} for {n} {u}.", "We want {t} for {n} {u}.", "Give me {t} for {n} {u}.", "Book {t}, {n} {u}.")),
        tuple(form.format(t=thing, n=number, u=unit) for form in ("Please reserve {t} for {n} {u}.", "I would like {t} for {n} {u}.")),
        (f"rent {thing} for {number} {unit}",),
        lambda rng, _: {"cost": rng.randint(2, 999)}, f"{thing[0].upper()}{thing[1:]} is yours for {number} {unit} and costs {{cost}}.", ("cost",), topic="rent", kind=kind,
    )  # fmt: skip


# (pattern, its weight, every attribute with every kind of thing)
PATTERNS = (
    (_look_up, 0.4, tuple((attribute, kind) for kind in KINDS for attribute in KINDS[kind][3])),
    (_set, 0.2, tuple((attribute, kind) for kind in SETTINGS for attribute in SETTINGS[kind])),
    (_compare, 0.15, tuple((attribute, kind) for kind in KINDS for attribute in KINDS[kind][3] if attribute not in WORDS)),
    (_count, 0.15, tuple((counted, "city") for counted in COUNTED)),
    (_rent, 0.1, tuple((unit, kind) for unit in UNITS for kind in ("thing", "device", "animal"))),
)  # fmt: skip
NEW_ATTRIBUTE = 0.15
# In training, attributes with a kind of thing that has none such (the schools of a lamp): every word is known, and only pairs are held out.
EXCHANGED = 0.4
ATTRIBUTES = tuple(dict.fromkeys(attribute for pattern, _, pairs in PATTERNS[:-1] for attribute, _ in pairs))


def invent(rng: random.Random, split: Split, kind: str = "", listed: bool = False) -> Tool:
    """Return an invented tool of the split: one that looks things of this kind up, or one that a request may list values for, where asked."""
    patterns = (
        PATTERNS[:1] if kind else tuple(row for row in PATTERNS if row[0] in (_look_up, _count)) if listed else PATTERNS
    )
    pattern, _, pairs = rng.choices(patterns, [weight for _, weight, _ in patterns])[0]
    choice = [pair for pair in pairs if pair[1] == kind] if kind else pairs
    attribute, kind = draw(split, lambda: rng.choice(choice), " of ".join, 0.2)
    if pattern in (_look_up, _set) and rng.random() < NEW_ATTRIBUTE:
        attribute = draw(split, lambda: syllables(rng), str)
    elif pattern in (_look_up, _set) and split == "train" and rng.random() < EXCHANGED:
        attribute, kind = draw(split, lambda: (rng.choice(ATTRIBUTES), kind), " of ".join, 0.2)
    name = draw(split, lambda: syllables(rng), str)
    if rng.random() < 0.5:
        verb = {_look_up: "get", _set: "set", _compare: "compare", _count: "count", _rent: "rent"}[pattern]
        name = rng.choice((f"{verb}_{attribute}", f"{verb}_{kind}_{attribute}", f"{kind}_{attribute}_{name}"))
    return pattern(rng, name, attribute, kind)
