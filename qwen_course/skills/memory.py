"""Facts said earlier in the conversation and asked for later, and calculations that go on from the last result.

An answer needs the history, not only the last turn; where the user corrects himself, the later fact counts.
Held out: combinations of facts, one wording per question, and the pairs of numbers that the skill `arithmetic` holds out.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from qwen_course.skills import steps
from qwen_course.skills.arithmetic import VALUE
from qwen_course.skills.extract import invented
from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of, vary

JOBS = tuple(
    "baker teacher nurse pilot farmer driver painter doctor cook gardener singer lawyer plumber tailor waiter judge reporter barber".split()
)
FOODS = tuple(
    "rice pizza soup pasta bread cheese salad curry fish cake beans noodles honey chocolate yoghurt porridge tofu sushi".split()
)
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())


@dataclass(frozen=True)
class Fact:
    """Hold how one kind of fact is told, taken note of, corrected, asked for and answered; {v} is the value."""

    values: tuple[str, ...]
    told: tuple[str, ...]
    noted: str
    corrected: tuple[str, ...]
    questions: tuple[str, ...]
    unseen: tuple[str, ...]
    answer: str


FACTS = {
    "name": Fact(
        NAMES, ("My name is {v}.", "I am {v}.", "Hello, my name is {v}.", "Call me {v}."), "Nice to meet you, {v}!",
        ("my name is {v}.", "I am called {v}.", "please call me {v}."),
        ("What is my name?", "Who am I?", "Do you remember my name?", "What am I called?", "Tell me my name."), ("Can you tell me my name?",),
        "Your name is {v}.",
    ),
    "city": Fact(
        CITIES, ("I live in {v}.", "My home is in {v}.", "I have a flat in {v}.", "The city where I live is {v}."), "{v} is a nice place.",
        ("I moved to {v}.", "I live in {v} now.", "my home is in {v}."),
        ("Where do I live?", "Which city do I live in?", "Where is my home?", "In which city is my home?", "Tell me where I live."),
        ("Do you remember where I live?",), "You live in {v}.",
    ),
    "colour": Fact(
        COLOURS, ("My favourite colour is {v}.", "The colour I like best is {v}.", "Of all colours I like {v} best."), "I will remember that you like {v}.",
        ("my favourite colour is {v}.", "now I like the colour {v} best.", "the colour I like best is {v}."),
        ("What is my favourite colour?", "Which colour do I like best?", "Tell me my favourite colour.", "What colour do I like?", "Which colour is my favourite?"),
        ("Do you remember my favourite colour?",), "Your favourite colour is {v}.",
    ),
    "pet": Fact(
        PETS, ("I have a {v}.", "My pet is a {v}.", "At home I have a {v}."), "A {v} is good company.",
        ("my pet is a {v}.", "I have a {v}.", "the animal I have is a {v}."),
        ("Which pet do I have?", "What animal do I have?", "What is my pet?", "Tell me which pet I have.", "What kind of pet do I have?"),
        ("Do you remember my pet?",), "You have a {v}.",
    ),
    "door code": Fact(
        tuple(map(str, range(100, 10_000))), ("My door code is {v}.", "Remember my door code: {v}.", "The code of my door is {v}."), "I will remember {v}.",
        ("my door code is {v}.", "the new door code is {v}.", "the code was changed to {v}."),
        ("What is my door code?", "Which code opens my door?", "Tell me my door code.", "What was the code of my door?", "Do you remember my door code?"),
        ("Can you repeat my door code?",), "Your door code is {v}.",
    ),
    "job": Fact(
        JOBS, ("I work as a {v}.", "My job is {v}.", "I am a {v}.", "I earn my money as a {v}."), "It is good to be a {v}.",
        ("now I work as a {v}.", "I am a {v}.", "my job is {v}."),
        ("What is my job?", "What do I work as?", "Which job do I have?", "Tell me my job.", "How do I earn my money?"), ("Do you remember my job?",),
        "You work as a {v}.",
    ),
    "age": Fact(
        tuple(map(str, range(11, 100))), ("I am {v} years old.", "My age is {v}.", "I turned {v} this year."), "{v} is a good age.",
        ("I am {v} years old.", "my age is {v}.", "I have just turned {v}."),
        ("How old am I?", "What is my age?", "Tell me my age.", "How many years old am I?", "Do you know how old I am?"), ("Do you remember my age?",),
        "You are {v} years old.",
    ),
    "food": Fact(
        FOODS, ("My favourite food is {v}.", "I like to eat {v}.", "The food I like best is {v}."), "I like the thought of {v}.",
        ("my favourite food is {v}.", "now I like to eat {v}.", "the food I like best is {v}."),
        ("What is my favourite food?", "Which food do I like best?", "What do I like to eat?", "Tell me my favourite food.", "Which food is my favourite?"),
        ("Do you remember my favourite food?",), "Your favourite food is {v}.",
    ),
    "friend": Fact(
        NAMES, ("My friend is called {v}.", "I have a friend named {v}.", "{v} is my best friend."), "Say hello to {v}!",
        ("my friend is called {v}.", "my friend's name is {v}.", "{v} is my best friend."),
        ("What is my friend called?", "What is the name of my friend?", "Who is my friend?", "Tell me my friend's name.", "What is my friend's name?"),
        ("Do you remember the name of my friend?",), "Your friend is called {v}.",
    ),
    "meeting": Fact(
        DAYS, ("The meeting is on {v}.", "My meeting takes place on {v}.", "I have a meeting on {v}."), "{v} it is.",
        ("the meeting was moved to {v}.", "the meeting is on {v}.", "we meet on {v}."),
        ("When is the meeting?", "On which day is the meeting?", "Which day is my meeting?", "What day do we meet?", "Tell me the day of the meeting."),
        ("Do you remember the day of the meeting?",), "The meeting is on {v}.",
    ),
}  # fmt: skip
CORRECTIONS = ("No, ", "Sorry, ", "Actually, ", "Wait, ", "I was wrong: ")
NOTED = "I will remember that."
# Values of these kinds could be taken for one another, so an answer must not hold the other one.
ALIKE = ({"name", "friend"}, {"age", "door code"})
INVENTED_SHARE = 0.3
ASIDES = (
    ("Thanks!", "You are welcome!"), ("Thank you", "You are welcome!"), ("How are you?", "Hello! How can I help you?"), ("Hi Pocket!", "Hello! How can I help you?"),
)  # fmt: skip
GO_ON = {
    "+": ("Now add {b}.", "Add {b} to the result.", "And plus {b}?", "Add {b} to that.", "Plus {b}.", "Add another {b}.", "Then add {b}.", "What if you add {b}?"),
    "-": ("Now subtract {b}.", "Subtract {b} from the result.", "And minus {b}?", "Take {b} away from that.", "Minus {b}.", "Take away {b}.", "Then subtract {b}.", "What if you take away {b}?"),
}  # fmt: skip
GO_ON_UNSEEN = {"+": ("Now add {b} to that.",), "-": ("Now subtract {b} from that.",)}


def _go_on(rng: random.Random, split: Split) -> Problem:
    """Draw a sum, its answer, and a calculation that starts from the result; at times another one between."""

    def make() -> tuple[int, str, int]:
        b = rng.choice((rng.randint(1, 9), rng.randint(1, 9), rng.randrange(10, 100, 10), rng.randint(10, 99)))
        operation = rng.choice("+-")
        # a subtraction must not fall below zero
        return rng.randint(2 if operation == "+" else max(2, b), 120), operation, b

    result, operation, b = draw(split, make, lambda drawn: f"{drawn[1]} {min(drawn[0], drawn[2])} {max(drawn[0], drawn[2])}")  # fmt: skip
    before, turns = result, []
    if rng.random() < 0.3:
        step = rng.randint(1, result - 1) if rng.random() < 0.5 else -rng.randint(1, 9)
        before = result - step
        sign = "+" if step > 0 else "-"
        asked, said = rng.choice(GO_ON[sign]).format(b=abs(step)), f"{before} {sign} {abs(step)} = {result}"
        turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    a = rng.randint(1, before - 1) if before > 1 else 0
    turns = [
        {"role": "user", "content": f"What is {a} + {before - a}?"},
        {"role": "assistant", "content": f"{a} + {before - a} = {before}"},
        *turns,
        {"role": "user", "content": vary(rng, pick_wording(rng, split, GO_ON[operation], GO_ON_UNSEEN[operation]).format(b=b))},
    ]  # fmt: skip
    value = VALUE[operation](result, b)
    written = {"+": steps.add, "-": steps.subtract}[operation](result, b)
    return Problem(
        skill="memory",
        messages=turns,
        difficulty="go on from a result",
        expected=str(value),
        thinking=f"The last result was {result}.\n{written}",
        answer={"role": "assistant", "content": f"{result} {operation} {b} = {value}"},
        grader=lambda reply: last_integer(text_of(reply)) == value,
    )


def _value(rng: random.Random, kind: str) -> str:
    """Return a value of this kind; names of people and places are at times invented."""
    if kind in ("name", "city", "friend") and rng.random() < INVENTED_SHARE:
        return invented(rng)
    return rng.choice(FACTS[kind].values)


def _facts(rng: random.Random) -> tuple[dict[str, str], str | None, str]:
    """Return the facts as told first, the kind that is corrected later (or None), and its new value."""
    while True:
        values = {kind: _value(rng, kind) for kind in rng.sample(tuple(FACTS), rng.choice((1, 2, 2, 3, 3, 4)))}
        wrong = rng.choice(tuple(values)) if rng.random() < 0.25 else None
        new = _value(rng, wrong) if wrong else ""
        if len({*values.values(), new}) == len(values) + 1:
            return values, wrong, new


def _turn(said: str, answered: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": said}, {"role": "assistant", "content": answered}]


def _aside(rng: random.Random, share: float) -> list[dict[str, str]]:
    """Return, at this share, a turn that has nothing to do with the facts; else nothing."""
    if rng.random() >= share:
        return []
    if rng.random() < 0.5:
        return _turn(*rng.choice(ASIDES))
    a, b = rng.randint(1, 20), rng.randint(1, 20)
    return _turn(f"What is {a} + {b}?", f"{a} + {b} = {a + b}")


def _right(reply: object, value: str, not_these: list[str]) -> bool:
    """Return whether the reply says the value, and none of the others unless as something that is over or wrong."""

    def says(word: str, text: str) -> bool:
        return re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) is not None

    text = text_of(reply)
    for other in not_these:
        text = re.sub(rf"\b(not|from|instead of|before|earlier|previously|formerly|first said)\b[^.,;]{{0,20}}\b{re.escape(other)}\b", "", text, flags=re.IGNORECASE)  # fmt: skip
    return says(value, text) and not any(says(other, text) for other in not_these)


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a conversation that tells one to four facts and asks for one of them; every fifth time one that goes on from a sum."""
    if rng.random() < 0.2:
        return _go_on(rng, split)
    told, wrong, new = draw(split, lambda: _facts(rng), lambda drawn: repr((sorted(drawn[0].items()), *drawn[1:])))
    sentences = {kind: rng.choice(FACTS[kind].told).format(v=value) for kind, value in told.items()}
    at_once = len(told) > 1 and rng.random() < 0.35
    messages, opening = [], ""
    if at_once and wrong is None and rng.random() < 0.5:
        opening = " ".join(sentences.values()) + " "  # facts and question in one message
    elif at_once:
        messages = _turn(" ".join(sentences.values()), NOTED) + _aside(rng, 0.2)
    else:
        messages = [turn for kind, said in sentences.items() for turn in (*_turn(said, FACTS[kind].noted.format(v=told[kind])), *_aside(rng, 0.12))]  # fmt: skip
    if wrong:
        correction = rng.choice(CORRECTIONS) + rng.choice(FACTS[wrong].corrected).format(v=new)
        messages += _turn(correction, FACTS[wrong].noted.format(v=new))
        messages += _aside(rng, 0.3)
    now = told | ({wrong: new} if wrong else {})
    asked = wrong if wrong and rng.random() < 0.7 else rng.choice(tuple(told))
    fact, value, changed = FACTS[asked], now[asked], asked == wrong
    messages.append({"role": "user", "content": opening + vary(rng, pick_wording(rng, split, fact.questions, fact.unseen))})  # fmt: skip
    alike = {asked}.union(*(kinds for kinds in ALIKE if asked in kinds)) - {asked}
    not_these = [said[kind] for kind in sorted(alike) for said in (told, now) if kind in said]
    not_these += [told[asked]] if changed else []
    count = f"{len(told)} fact" + ("s" if len(told) > 1 else "")
    return Problem(
        skill="memory",
        messages=messages,
        difficulty="changed fact" if changed else f"{count} at once" if at_once else count,
        expected=value,
        thinking=f"The user first said {told[asked]}, later {value}. The later one counts."
        if changed
        else f"The user said about the {asked}: {value}.",
        answer={"role": "assistant", "content": fact.answer.format(v=value)},
        grader=lambda reply: _right(reply, value, not_these),
    )
