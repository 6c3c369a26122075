"""A question about a picture, its worked answer and its grader; and the reading of answers that all graders share."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qwen_course.charts.data import Chart
from qwen_course.skills.problem import text_of

NOT_SHOWN = "The chart does not show that."
_LONG = {
    "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "Jun": "June", "Jul": "July", "Aug": "August", "Sep": "September",
    "Oct": "October", "Nov": "November", "Dec": "December", "Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday",
    "Sa": "Saturday", "Su": "Sunday",
}  # fmt: skip
_TREND_WORDS = {
    "growing": r"grow|increas|\bris(e|es|ing)\b|upward",
    "falling": r"\bfall|declin|decreas|drop|downward",
    "flat": r"\bflat\b|stable|constant|steady|unchanged",
    "seasonal": r"season|cycl",
}
_NO_SEASON = re.compile(r"(without|\bno\b|\bnot\b)[^.,;]{0,25}(season|cycl)\w*", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """Hold a question, the answer that Pocket-VL is trained to give, and what a right answer must hold."""

    skill: str
    text: str
    answer: str
    expected: str
    grader: Callable[[Any], bool] = field(repr=False)


def choose(rng: random.Random, split: str, wordings: tuple[str, ...]) -> str:
    """Choose a wording: the last of the list is never seen in training, and asked in a third of the tests."""
    return wordings[-1] if split == "test" and rng.random() < 1 / 3 else rng.choice(wordings[:-1])


def written(chart: Chart, label: str) -> str:
    """Return a label as questions and answers name it: `Mar`, but `period 3`."""
    return f"period {label}" if chart.label_kind == "numbers" else label


def named_labels(text: str, chart: Chart) -> list[str]:
    """Return the labels that a text names, in order; a month or day may be written in full."""
    if chart.label_kind == "numbers":
        return [number for number in re.findall(r"(?<![\d.,])\d+(?![\d%]|\.\d)", text) if number in chart.labels]
    forms = {form.lower(): label for label in chart.labels for form in (label, _LONG.get(label, label))}
    words = re.findall(r"[A-Za-z]+", text)
    return [forms[word.lower()] for word in words if word.lower() in forms]


def named_trends(text: str) -> set[str]:
    """Return which of growing, falling, flat and seasonal a text says."""
    text = _NO_SEASON.sub("", text)
    return {trend for trend, words in _TREND_WORDS.items() if re.search(words, text, re.IGNORECASE)}


def says_not_shown(reply: Any) -> bool:
    """Return whether a reply says that the picture does not answer the question."""
    return bool(
        re.search(r"(not|n't|cannot|no)\b.{0,40}\b(show|shown|tell|say|determin|see|information|answer)", text_of(reply), re.I)
    )  # fmt: skip


def numbers(text: str) -> list[float]:
    """Return the numbers of a text, read as people write them: 1,200 is one number."""
    return [float(found.replace(",", "")) for found in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)]
