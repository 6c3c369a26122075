"""Sums, differences and products in many wordings.

Held out: one pair of numbers in ten (in both orders), and two wordings for each operation. Up to 4 digits for + and -, 2 x 2 for ×.
"""

from __future__ import annotations

import random

from qwen_course.skills import steps
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of, vary

WORDINGS = {
    "+": (
        "What is {a} + {b}?", "{a} + {b} = ?", "{a}+{b}", "Add {a} and {b}.", "Calculate {a} + {b}.", "How much is {a} plus {b}?",
        "What is the sum of {a} and {b}?", "Compute {a} plus {b}.", "What do you get if you add {b} to {a}?", "{a} 加 {b} 等于多少？",
        "Please tell me {a} + {b}.", "I need the total of {a} and {b}.",
    ),
    "-": (
        "What is {a} - {b}?", "{a} - {b} = ?", "{a}-{b}", "Subtract {b} from {a}.", "Calculate {a} - {b}.", "How much is {a} minus {b}?",
        "What is the difference of {a} and {b}?", "Compute {a} minus {b}.", "What is left if you take {b} from {a}?", "{a} 减 {b} 等于多少？",
        "Please tell me {a} - {b}.", "Take {b} away from {a}.",
    ),
    "×": (
        "What is {a} × {b}?", "{a} * {b} = ?", "{a}*{b}", "Multiply {a} by {b}.", "Calculate {a} × {b}.", "How much is {a} times {b}?",
        "What is the product of {a} and {b}?", "Compute {a} times {b}.", "What is {a} x {b}?", "{a} 乘 {b} 等于多少？",
        "Please tell me {a} * {b}.", "Work out {a} × {b}.",
    ),
}  # fmt: skip
UNSEEN = {
    "+": ("Tell me the sum of {a} and {b}.", "Can you calculate {a} plus {b}?"),
    "-": ("Tell me what {a} minus {b} is.", "Can you calculate {a} - {b}?"),
    "×": ("Tell me the product of {a} and {b}.", "Can you calculate {a} times {b}?"),
}
STEPS = {"+": steps.add, "-": steps.subtract, "×": steps.multiply}
VALUE = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "×": lambda a, b: a * b}


def number(rng: random.Random, digits: int) -> int:
    """Return a random whole number of exactly that many digits (0 counts as one)."""
    return rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits)


def operands(
    rng: random.Random, split: Split, operation: str, sizes: tuple[int, ...] = (1, 2, 3, 4)
) -> tuple[int, int, str]:
    """Return two numbers of the split and their difficulty; the larger one of a sum has as many digits as one of `sizes`."""

    def make() -> tuple[int, int, str]:
        if operation == "×":
            left, right = rng.choice(((1, 1), (2, 1), (2, 2)))
            a, b = number(rng, left), number(rng, right)
            return (*rng.sample((a, b), 2), f"{left} × {right} digits")
        digits = rng.choice(sizes)
        a, b = number(rng, digits), number(rng, digits if rng.random() < 0.7 else rng.randint(1, digits))
        if operation == "+":
            a, b = rng.sample((a, b), 2)
        elif a < b and rng.random() < 0.8:
            a, b = b, a
        return a, b, f"{digits} digit" + ("s" if digits > 1 else "")

    return draw(split, make, lambda pair: f"{operation} {min(pair[:2])} {max(pair[:2])}")


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one sum, difference or product."""
    operation = rng.choices("+-×", weights=(4, 4, 3))[0]
    return _ask(rng, split, operation, *operands(rng, split, operation))


def small_sum(rng: random.Random, split: Split) -> Problem:
    """Draw a sum or difference of one or two digits: those that one can know by heart."""
    operation = rng.choice("+-")
    return _ask(rng, split, operation, *operands(rng, split, operation, sizes=(1, 2, 2, 2)))


def _ask(rng: random.Random, split: Split, operation: str, a: int, b: int, difficulty: str) -> Problem:
    wording = pick_wording(rng, split, WORDINGS[operation], UNSEEN[operation])
    value = VALUE[operation](a, b)
    return Problem(
        skill="arithmetic",
        messages=[{"role": "user", "content": vary(rng, wording.format(a=a, b=b))}],
        difficulty=difficulty,
        expected=str(value),
        thinking=STEPS[operation](a, b),
        answer={"role": "assistant", "content": f"{a} {operation} {b} = {value}"},
        grader=lambda reply: last_integer(text_of(reply)) == value,
    )
