"""Percentages and growth: a part of a number, a number that grows or shrinks, growth over some years, and whether a goal is reached.

Amounts in millions are counted in thousands and rounded half up at each step, and the answer is rounded to 2 decimals.
Held out: one pair of rate and number in ten (whatever the unit, so 2 million and 20 thousand are one number), among them 15 % and 2,
the example of the document that the course grew from (asked word for word in the test split), and two or three wordings of each kind.
"""

from __future__ import annotations

import random
from typing import Any

from qwen_course.skills import steps
from qwen_course.skills.growth_grader import (
    calendar_year,
    last_amount_is,
    names_rate,
    no_wrong_amount,
    number_of_years,
    verdict,
)
from qwen_course.skills.growth_steps import (
    PARTS,
    UNITS,
    Growth,
    compare,
    needed_rate,
    percent_of,
    percent_parts,
    plus,
    written_path,
    written_rate,
)
from qwen_course.skills.growth_wordings import AFTER, DOWN, PART, REACH, SOURCE_QUESTION, SUBJECTS, TAILS, UP, WHEN
from qwen_course.skills.pools import NAMES
from qwen_course.skills.problem import (
    ALWAYS_HELD_OUT,
    Problem,
    Split,
    draw,
    last_integer,
    pick_wording,
    text_of,
    vary,
)

RATES = tuple(PARTS)
_WHOLE_FOR = {5: 20, 10: 10, 15: 20, 20: 10, 25: 20, 30: 10, 50: 2}  # a multiple of this has a whole part of that rate
MARGIN = 0.02  # no goal is nearer to an amount than this, so that rounding never decides
SOURCE_SHARE = 0.1


def _key(growth: Growth) -> str:
    """Return the split key: the rate and the digits of the start; the path of the source's example is always held out."""
    digits = str(growth.start).rstrip("0")
    return ALWAYS_HELD_OUT if (digits, growth.rate) == ("2", 15) else f"growth {digits} {growth.rate}"


def _start(rng: random.Random) -> tuple[int, str]:
    """Return a start, counted in whole numbers, and its unit."""
    if rng.random() < 0.45:
        return (100 * rng.randint(3, 99) if rng.random() < 0.5 else 10 * rng.randint(100, 999)), ""
    hundredths = rng.choices(
        (100 * rng.randint(1, 9), 10 * rng.randint(11, 99), rng.randint(101, 999), 100 * rng.randint(10, 60)),
        weights=(55, 25, 10, 10),
    )[0]
    return 10 * hundredths, rng.choices(("thousand", "million", "billion"), weights=(3, 5, 1))[0]


def _fits(growth: Growth) -> bool:
    """Return whether rounding moved the result by half the tolerance at most, and the result does not look like a calendar year."""
    value = growth.values[-1]
    return abs(value / growth.exact() - 1) <= 0.005 and not 2000 <= value <= 2040


def _goal(rng: random.Random, growth: Growth, kind: str) -> int:
    """Return a goal in round numbers that is clearly missed, clearly reached, or first passed in the last year; 0 if there is none."""
    step = 500 if growth.start >= 10_000 or (growth.unit and growth.start % 1000 == 0) else 100
    end, before = growth.exact(), growth.exact(growth.years - 1)
    low, high = {"no": (1.03, 1.6), "yes": (0.7, 0.97), "when": (before / end, 1.0)}[kind]
    goal = round(end * rng.uniform(low, high) / step) * step
    at_end = goal > end * (1 + MARGIN) if kind == "no" else goal < end * (1 - MARGIN)
    apart = all(abs(goal / growth.exact(year) - 1) > MARGIN for year in range(growth.years + 1))
    return goal if at_end and apart and goal > growth.start and (kind != "when" or goal > before) else 0


def _draw_growth(rng: random.Random, split: Split, kind: str) -> Growth:
    """Draw a growth of the split; `kind` is "after", "yes", "no" or "when"."""

    def make() -> Growth:
        while True:
            start, unit = _start(rng)
            # a start by which one can divide, to ask for the needed rate
            if kind in ("yes", "no") and rng.random() < 0.3:
                start = 1000 * rng.randint(1, 9)
            years = rng.choice((2, 3, 3, 4) if kind in ("after", "when") else (2, 3, 4, 4, 5))
            rate = rng.choice(RATES if kind != "when" else RATES[1:])
            most = 3 if start >= 10_000 else 4 if rate in (25, 30) else 5  # what is longer is no longer worth writing
            growth = Growth(start, unit, rate, min(years, most), rng.randint(2015, 2030))
            if not _fits(growth):
                continue
            if kind == "after":
                return growth
            goal = _goal(rng, growth, kind)
            if goal:
                return Growth(start, unit, rate, growth.years, growth.first_year, goal)

    return draw(split, make, _key)


def _written(rng: random.Random, rate: int, wording: str) -> str:
    """Return the rate as people write it."""
    return f"{rate}%" if not wording.isascii() else rng.choice((f"{rate}%", f"{rate}%", f"{rate} %", f"{rate} percent"))


def _problem(question: str, difficulty: str, expected: str, lines: list[str], answer: str, grader: Any) -> Problem:
    return Problem(
        skill="growth",
        messages=[{"role": "user", "content": question}],
        difficulty=difficulty,
        expected=expected,
        thinking="\n".join(lines),
        answer={"role": "assistant", "content": answer},
        grader=grader,
    )


def _percentage(rng: random.Random, split: Split) -> Problem:
    """Draw a part of a number, or a number that is changed by a part of it; all results are whole."""
    table, difficulty = rng.choice(((PART, "percent of"), (PART, "percent of"), (UP, "increase"), (DOWN, "decrease")))

    def make() -> tuple[int, int]:
        rate = rng.choice(RATES)
        step = _WHOLE_FOR[rate]
        return rate, step * rng.randint(3, rng.choice((100, 100, 400, 1000, 3000)) // step)

    rate, number = draw(split, make, lambda drawn: f"% {drawn[0]} {drawn[1]}")
    lines, part = percent_of(number, rate), sum(percent_parts(number, rate))
    value = part
    if table is UP:
        value = number + part
        lines.append(plus(number, part))
    elif table is DOWN:
        value = number - part
        lines.append(steps.subtract(number, part))
    wording = pick_wording(rng, split, *table)
    filled = {"n": number, "r": rate, "v": value, "name": rng.choice(NAMES)}
    question, answer = wording.format(p=_written(rng, rate, wording), **filled).split("|")
    return _problem(
        vary(rng, question), difficulty, str(value), lines, answer, lambda reply: last_integer(text_of(reply)) == value
    )


def _fill(rng: random.Random, wording: str, growth: Growth) -> tuple[str, str]:
    """Return the question, and what is counted in it."""
    who, what = rng.choice(SUBJECTS)
    if "{what}" not in wording:
        what = "users" if "users" in wording else "dollars"
    end = growth.first_year + growth.years
    text = wording.format(
        who=who, what=what, name=rng.choice(NAMES), p=_written(rng, growth.rate, wording), n=growth.years,
        amount=growth.text(growth.start), goal=growth.text(growth.goal), y0=growth.first_year, y1=end,
    )  # fmt: skip
    return text[0].upper() + text[1:], what


def _labels(wording: str, growth: Growth) -> list[str]:
    """Return the name of each year after the first: 2021, 2022 where the question says 2020, else year 1, year 2."""
    dated = "{y0}" in wording
    return [str(growth.first_year + year) if dated else f"Year {year}" for year in range(1, growth.years + 1)]


def _counted(growth: Growth, value: int) -> str:
    """Return an amount as the question gives it and, where that is another one, in the whole numbers in which it is counted."""
    return f"{growth.text(value)} = {growth.small(value)}" if growth.unit else str(value)


def _given(growth: Growth) -> list[float]:
    """Return the numbers of the question, in full and as they stand there, which a reply may repeat."""
    given = [
        round(value * one, 3)
        for value in (growth.start, growth.goal)
        for one in (growth.one, 1 / UNITS[growth.unit][2])
    ]
    calendar = range(growth.first_year, growth.first_year + growth.years + 1)
    return [*given, *map(float, calendar), *map(float, range(growth.years + 1)), float(growth.rate)]


def _end(growth: Growth, wording: str, what: str) -> tuple[str, list[str]]:
    """Return the sentence that gives the last amount, and the line of thinking that rounds it."""
    value = growth.values[-1]
    lines = [f"{growth.small(value)} = {growth.rounded(value)}"] if UNITS[growth.unit][1] else []
    when = f"In {growth.first_year + growth.years}" if "{y0}" in wording else f"After {growth.years} years"
    return f"{when} {'it is' if what == 'dollars' else 'there are'} about {growth.rounded(value)} {what}.", lines


def _after(rng: random.Random, split: Split) -> Problem:
    """Draw an amount that grows for two to four years."""
    growth = _draw_growth(rng, split, "after")
    wording = pick_wording(rng, split, *AFTER)
    question, what = _fill(rng, wording, growth)
    answer, end_lines = _end(growth, wording, what)
    path_lines = written_path(growth.values, growth.rate, _labels(wording, growth))
    lines = [written_rate(growth.rate), f"Start: {_counted(growth, growth.start)}", *path_lines, *end_lines]
    exact, scale, given = growth.exact() * growth.one, UNITS[growth.unit][0], _given(growth)
    return _problem(
        vary(rng, question), f"growth, {growth.years} years", growth.rounded(growth.values[-1]), lines, answer,
        lambda reply: last_amount_is(text_of(reply), exact, scale, given),
    )  # fmt: skip


def _reach(rng: random.Random, split: Split) -> Problem:
    """Draw an amount that grows and a goal: reached or not, and at times which growth would be needed."""
    source = split == "test" and rng.random() < SOURCE_SHARE
    growth = (
        Growth(2000, "million", 15, 5, 2020, 5000) if source else _draw_growth(rng, split, rng.choice(("yes", "no")))
    )
    wording = "{y0} {y1}" if source else pick_wording(rng, split, *REACH)
    question, what = (SOURCE_QUESTION, "dollars") if source else _fill(rng, wording, growth)
    reached = growth.values[-1] > growth.goal
    # A rate is asked for only where the division is easy, also where the answer is yes: the question must not give it away.
    easy = len(str(growth.start).rstrip("0")) == 1 and growth.goal * 100 % growth.start == 0
    times = growth.goal / growth.start
    bounds = needed_rate(times, growth.years) if easy else None
    asks_rate = source or (bounds is not None and rng.random() < 0.7)
    if not source:
        question = vary(rng, question + (pick_wording(rng, split, *TAILS) if asks_rate else ""))
    sentence, end_lines = _end(growth, wording, what)
    path_lines = written_path(growth.values, growth.rate, _labels(wording, growth))
    lines = [
        written_rate(growth.rate),
        f"Start: {_counted(growth, growth.start)}",
        *path_lines,
        *end_lines,
        f"Goal: {_counted(growth, growth.goal)}",
    ]
    lines.append(f"{compare(growth.values[-1], growth.goal)}: {'yes' if reached else 'no'}.")
    expected = "Yes" if reached else "No"
    answer = f"{expected}. {sentence}"
    needed = 100 * (times ** (1 / growth.years) - 1)
    if asks_rate and bounds and not reached:
        low, high = bounds
        gives = ", ".join(f"{rate} % gives {(1 + rate / 100) ** growth.years:.2f}" for rate in bounds)
        lines.append(f"{growth.goal} / {growth.start} = {times:g} times in {growth.years} years: {gives}")
        expected += f", between {low} % and {high} %"
        answer += f" Needed: between {low} % and {high} % a year."
    exact, scale, given = growth.exact() * growth.one, UNITS[growth.unit][0], _given(growth)

    def grade(reply: Any) -> bool:
        text = text_of(reply)
        right = verdict(text) is reached and no_wrong_amount(text, exact, scale, given, units_only=asks_rate)
        return right and (not asks_rate or reached or names_rate(text, needed))

    return _problem(
        question, "reach a goal, needed rate" if asks_rate else "reach a goal", expected, lines, answer, grade
    )


def _when(rng: random.Random, split: Split) -> Problem:
    """Draw an amount that grows and a goal, and ask when it is passed."""
    growth = _draw_growth(rng, split, "when")
    wording = pick_wording(rng, split, *WHEN)
    question, what = _fill(rng, wording, growth)
    dated = "{y0}" in wording
    wanted = growth.first_year + growth.years if dated else growth.years
    lines = [
        f"Goal: {_counted(growth, growth.goal)}",
        written_rate(growth.rate),
        f"Start: {_counted(growth, growth.start)}",
    ]
    lines += written_path(growth.values, growth.rate, _labels(wording, growth), growth.goal)
    passed = f"{growth.text(growth.goal)} {what}"
    answer = f"It passes {passed} in {wanted}." if dated else f"To pass {passed} it takes {wanted} years."
    read = calendar_year if dated else number_of_years
    return _problem(
        vary(rng, question),
        "when a goal is passed",
        str(wanted),
        lines,
        answer,
        lambda reply: read(text_of(reply)) == wanted,
    )


_KINDS = {_percentage: 0.42, _after: 0.25, _reach: 0.21, _when: 0.12}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a percentage, an amount after some years, a goal that is reached or not, or the year in which it is passed."""
    return rng.choices(tuple(_KINDS), tuple(_KINDS.values()))[0](rng, split)
