"""Sums, differences and products in many wordings, mostly in English.

Held out: one pair of numbers in ten (in both orders, in all languages), two English wordings for each operation,
and one in each other language. Up to 4 digits for + and -, 2 x 2 for ×.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from qwen_course.skills import steps
from qwen_course.skills.arithmetic_languages import OTHER_LANGUAGES, OTHER_UNSEEN, ungrouped
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of, vary

if TYPE_CHECKING:
    from qwen_course.conversation import Reply

WORDINGS = {
    "+": (
        "What is {a} + {b}?", "{a} + {b} = ?", "{a}+{b}", "Add {a} and {b}.", "Calculate {a} + {b}.", "How much is {a} plus {b}?",
        "What is the sum of {a} and {b}?", "Compute {a} plus {b}.", "What do you get if you add {b} to {a}?",
        "Please tell me {a} + {b}.", "I need the total of {a} and {b}.",
    ),
    "-": (
        "What is {a} - {b}?", "{a} - {b} = ?", "{a}-{b}", "Subtract {b} from {a}.", "Calculate {a} - {b}.", "How much is {a} minus {b}?",
        "What is the difference of {a} and {b}?", "Compute {a} minus {b}.", "What is left if you take {b} from {a}?",
        "Please tell me {a} - {b}.", "Take {b} away from {a}.",
    ),
    "×": (
        "What is {a} × {b}?", "{a} * {b} = ?", "{a}*{b}", "Multiply {a} by {b}.", "Calculate {a} × {b}.", "How much is {a} times {b}?",
        "What is the product of {a} and {b}?", "Compute {a} times {b}.", "What is {a} x {b}?",
        "Please tell me {a} * {b}.", "Work out {a} × {b}.",
    ),
}  # fmt: skip
UNSEEN = {
    "+": ("Tell me the sum of {a} and {b}.", "Can you calculate {a} plus {b}?"),
    "-": ("Tell me what {a} minus {b} is.", "Can you calculate {a} - {b}?"),
    "×": ("Tell me the product of {a} and {b}.", "Can you calculate {a} times {b}?"),
}
STEPS = {"+": steps.add, "-": steps.subtract, "×": steps.multiply}
LANGUAGES = ("English", *OTHER_LANGUAGES)
OTHER_SHARE = 0.15
VALUE = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "×": lambda a, b: a * b}


def number(rng: random.Random, digits: int) -> int:
    """Return a random whole number of exactly that many digits (0 counts as one)."""
    return rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits)


def size(operation: str, a: int, b: int) -> str:
    """Return the digits of a sum (those of its larger number) or of a product: the difficulty."""
    small, large = sorted((len(str(a)), len(str(b))))
    if operation == "×":
        return f"{large} × {small} digits"
    return f"{large} digit" + ("s" if large > 1 else "")


def operands(
    rng: random.Random, split: Split, operation: str, sizes: tuple[int, ...] = (1, 2, 3, 4)
) -> tuple[int, int]:
    """Return two numbers of the split; the larger one of a sum has as many digits as one of `sizes`."""

    def make() -> tuple[int, int]:
        if operation == "×":
            left, right = rng.choice(((1, 1), (2, 1), (2, 2)))
            a, b = rng.sample((number(rng, left), number(rng, right)), 2)
            return a, b
        digits = rng.choice(sizes)
        a, b = number(rng, digits), number(rng, digits if rng.random() < 0.7 else rng.randint(1, digits))
        if operation == "+":
            a, b = rng.sample((a, b), 2)
        elif a < b and rng.random() < (0.8 if split == "test" else 0.65):  # a result below zero is the harder one
            a, b = b, a
        return a, b

    return draw(split, make, lambda pair: f"{operation} {min(pair)} {max(pair)}")


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one sum, difference or product, now and then in another language than English."""
    operation = rng.choices("+-×", weights=(4, 4, 3))[0]
    return ask(rng, split, operation, *operands(rng, split, operation), _language(rng))


def small_sum(rng: random.Random, split: Split) -> Problem:
    """Draw what one can know by heart: a sum or difference of one or two digits, or a product of two digits."""
    operation = rng.choice("++--×")
    if operation == "×":
        pair = draw(split, lambda: (number(rng, 1), number(rng, 1)), lambda pair: f"× {min(pair)} {max(pair)}")
    else:
        pair = operands(rng, split, operation, sizes=(1, 2, 2, 2))
    return ask(rng, split, operation, *pair, _language(rng))


def _language(rng: random.Random) -> str:
    """Return English mostly."""
    return rng.choice(tuple(OTHER_LANGUAGES)) if rng.random() < OTHER_SHARE else "English"


def ask(rng: random.Random, split: Split, operation: str, a: int, b: int, language: str = "English") -> Problem:
    """Ask for this sum in a language: the same numbers in two languages measure the language alone.

    The split decides the wording only; take numbers that training never saw from `operands(rng, "test", operation)`.
    Raises ValueError for an unknown operation or language. Introduced in notebook 03.
    """
    if operation not in VALUE:
        raise ValueError(f"unknown operation {operation!r}: expected one of {', '.join(VALUE)}")
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}: expected one of {', '.join(LANGUAGES)}")
    english = language == "English"
    seen, unseen = (WORDINGS, UNSEEN) if english else (OTHER_LANGUAGES[language], OTHER_UNSEEN[language])
    wording = pick_wording(rng, split, seen[operation], unseen[operation])
    value = VALUE[operation](a, b)

    def grader(reply: Reply | str) -> bool:
        text = text_of(reply)
        return last_integer(text if english else ungrouped(text)) == value

    return Problem(
        skill="arithmetic",
        messages=[{"role": "user", "content": vary(rng, wording.format(a=a, b=b))}],
        difficulty=size(operation, a, b),
        expected=str(value),
        thinking=STEPS[operation](a, b),
        answer={"role": "assistant", "content": f"{a} {operation} {b} = {value}"},
        grader=grader,
    )
