"""One-step word problems: who had, bought, gave away, shared out how many of what.

Held out: one pair of numbers in ten, two stories for each operation, and the combinations of people and things that go with them.
"""

from __future__ import annotations

import random

from qwen_course.skills.arithmetic import STEPS, VALUE, number
from qwen_course.skills.pools import NAMES, THINGS
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of

# Each story: question | answer. A second person is {other}; the numbers are {a} and {b}, the result is {c}.
STORIES = {
    "+": (
        "{name} has {a} {things} and buys {b} more. How many {things} does {name} have now?|{name} has {c} {things}.",
        "There are {a} {things} in a box. {name} puts in {b} more. How many {things} are in the box?|There are {c} {things} in the box.",
        "{name} has {a} {things} and {other} has {b}. How many {things} do they have together?|Together they have {c} {things}.",
        "In the morning {name} sold {a} {things}, in the afternoon {b}. How many {things} were sold in all?|{c} {things} were sold.",
        "{name} collected {a} {things}. Then {other} gave {name} another {b}. How many {things} has {name}?|{name} has {c} {things}.",
        "A shop has {a} {things}. A delivery brings {b} more. How many {things} does the shop have?|The shop has {c} {things}.",
        "{name} found {a} {things} on Monday and {b} on Tuesday. How many {things} did {name} find?|{name} found {c} {things}.",
        "One shelf holds {a} {things}, another holds {b}. How many {things} do both hold?|Both hold {c} {things}.",
    ),
    "-": (
        "{name} has {a} {things} and gives {b} to {other}. How many {things} does {name} have left?|{name} has {c} {things} left.",
        "There are {a} {things} in a box. {name} takes out {b}. How many {things} are left?|There are {c} {things} left.",
        "{name} had {a} {things} but lost {b}. How many {things} remain?|{c} {things} remain.",
        "A shop has {a} {things} and sells {b}. How many {things} are not sold?|{c} {things} are not sold.",
        "{name} needs {a} {things} and already has {b}. How many {things} are missing?|{c} {things} are missing.",
        "{name} has {a} {things}, {other} has {b}. How many more {things} does {name} have?|{name} has {c} {things} more.",
        "Of {a} {things}, {b} are broken. How many {things} are fine?|{c} {things} are fine.",
        "{name} baked or bought {a} {things}; guests took {b} of them. How many {things} are still there?|{c} {things} are still there.",
    ),
    "×": (
        "{name} has {a} bags with {b} {things} each. How many {things} is that?|That is {c} {things}.",
        "A box holds {b} {things}. How many {things} are in {a} boxes?|That makes {c} {things}.",
        "{name} buys {a} packs of {b} {things}. How many {things} does {name} have?|{name} has {c} {things}.",
        "There are {a} rows of {b} {things}. How many {things} are there?|There are {c} {things}.",
        "Each of {a} children gets {b} {things}. How many {things} are needed?|{c} {things} are needed.",
        "{name} saves {b} {things} every week. How many {things} are saved after {a} weeks?|{c} {things} are saved.",
        "On each of {a} tables stand {b} {things}. How many {things} stand there?|{c} {things} stand there.",
        "{name} sells {b} {things} a day. How many {things} does {name} sell in {a} days?|{name} sells {c} {things}.",
    ),
}  # fmt: skip
UNSEEN = {
    "+": (
        "{name} counted {a} {things} and {other} counted {b} more. How many {things} did they count?|They counted {c} {things}.",
        "{name} has {a} {things}. {other} brings {b} more. How many {things} are there now?|There are {c} {things}.",
    ),
    "-": (
        "{name} had {a} {things} and sold {b}. How many {things} does {name} have left?|{name} has {c} {things} left.",
        "There were {a} {things} on a table. {other} took {b} away. How many {things} are left?|There are {c} {things} left.",
    ),
    "×": (
        "{name} has {a} boxes of {b} {things} each. How many {things} does {name} have?|{name} has {c} {things}.",
        "There are {a} bags. Each holds {b} {things}. How many {things} are there?|There are {c} {things}.",
    ),
}

PLAN = {"+": "We add the numbers.", "-": "We subtract the numbers.", "×": "We multiply the numbers."}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one story with two numbers of up to three digits (a product: up to two digits by one)."""
    operation = rng.choice("+-×")

    def make() -> tuple[int, int]:
        if operation == "×":
            return rng.randint(2, 60), rng.randint(2, 9)
        a, b = number(rng, rng.randint(1, 3)) + 2, number(rng, rng.randint(1, 3)) + 1
        return (a, b) if operation == "+" else (a + b, b)

    a, b = draw(split, make, lambda pair: f"{operation} {min(pair)} {max(pair)}")
    if operation == "×" and rng.random() < 0.5:
        a, b = b, a
    story = pick_wording(rng, split, STORIES[operation], UNSEEN[operation])
    name, other = rng.sample(NAMES, 2)
    value = VALUE[operation](a, b)
    question, answer = story.format(name=name, other=other, things=rng.choice(THINGS), a=a, b=b, c=value).split("|")
    return Problem(
        skill="word_problem",
        messages=[{"role": "user", "content": question}],
        difficulty=f"one step, {operation}",
        expected=str(value),
        thinking=f"{PLAN[operation]}\n{STEPS[operation](a, b)}",
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: last_integer(text_of(reply)) == value,
    )
