"""Numbers up to 399 written as Roman numerals: a skill that Pocket's training leaves out, for the lesson on fine-tuning.

Held out: one number in five (a test asks only for numbers that training never saw) and two wordings. The other way, from numeral to
number, is not asked for.
"""

from __future__ import annotations

import random
import re
from typing import Any

from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of, vary

WORDINGS = (
    "Write {n} as a Roman numeral.", "What is {n} in Roman numerals?", "{n} in Roman numerals?", "Change {n} into a Roman numeral.",
    "Give me the Roman numeral for {n}.", "How did the Romans write {n}?", "Convert {n} to Roman numerals.", "Roman numeral of {n}:",
)  # fmt: skip
UNSEEN = ("Which Roman numeral stands for {n}?", "Show me {n} as the Romans wrote it.")
LIMIT = 399
_ONES = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
_TENS = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC")


def parts(number: int) -> list[tuple[int, str]]:
    """Return hundreds, tens and ones, without those that are zero, each with its numeral.

    parts(247) -> [(200, "CC"), (40, "XL"), (7, "VII")]
    """
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    found = [(100 * hundreds, "C" * hundreds), (10 * tens, _TENS[tens]), (ones, _ONES[ones])]
    return [(value, numeral) for value, numeral in found if value]


def roman(number: int) -> str:
    """Return the Roman numeral of a number from 1 to 399; raises ValueError for another."""
    if not 1 <= number <= LIMIT:
        raise ValueError(f"number is {number}: expected 1 to {LIMIT}")
    return "".join(numeral for _, numeral in parts(number))


def last_numeral(text: str) -> str:
    """Return the last Roman numeral of a text, "" where there is none; the pronoun I is none."""
    found = [match for match in re.finditer(r"\b[IVXLCDM]+\b", text)]
    numerals = [match[0] for match in found if match[0] != "I" or not re.match(r"['’]| [a-z]", text[match.end() :])]
    return numerals[-1] if numerals else ""


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a number to write as a Roman numeral."""
    number = draw(
        split,
        lambda: rng.randint(1, rng.choice((99, LIMIT, LIMIT))),
        lambda drawn: f"roman {drawn}",
        share=0.2,
    )
    expected = roman(number)
    values = " + ".join(str(value) for value, _ in parts(number))
    lines = [f"{value} is {numeral}" for value, numeral in parts(number)]
    if len(lines) > 1:
        lines = [f"{number} = {values}", *lines]

    def grade(reply: Any) -> bool:
        return last_numeral(text_of(reply)) == expected

    return Problem(
        skill="roman",
        messages=[{"role": "user", "content": vary(rng, pick_wording(rng, split, WORDINGS, UNSEEN).format(n=number))}],
        difficulty=f"{len(str(number))} digit" + ("s" if number > 9 else ""),
        expected=expected,
        thinking="\n".join(lines),
        answer={"role": "assistant", "content": expected},
        grader=grade,
    )
