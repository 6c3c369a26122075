"""Two series in one chart: which is higher in a period, or at the end?"""

from __future__ import annotations

import random
import re

from qwen_course.charts.data import COLOURS, LEAST_DIFFERENCE
from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, written

_IN = (
    "Which is higher in {label}, {a} or {b}?",
    "Is {a} or {b} higher in {label}?",
    "Compare {a} and {b} in {label}.",
    "Which series is higher in {label}, {a} or {b}?",
    "Which is on top in {label}, {a} or {b}?",
    "In {label}, is {a} or {b} higher?",
    "In {label}, which is higher, {a} or {b}?",
    "Which of {a} and {b} is on top in {label}?",
    "In {label}, which series is on top, {a} or {b}?",
)
_END = (
    "Which is higher at the end, {a} or {b}?",
    "Is {a} or {b} higher at the end?",
    "Which series ends higher?",
    "Which of {a} and {b} is higher at the end?",
    "Which series ends on top, {a} or {b}?",
    "Which of {a} and {b} ends on top?",
)


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask which of two series is higher, where they differ clearly."""
    chart = drawn.chart
    (a, first), (b, second) = rng.sample(sorted(chart.series.items()), 2)
    clear = [i for i in range(len(first)) if abs(first[i] - second[i]) >= LEAST_DIFFERENCE * chart.top]
    clear = clear or [max(range(len(first)), key=lambda i: abs(first[i] - second[i]))]
    at_end = clear[-1] == len(first) - 1 and rng.random() < 0.3
    at = clear[-1] if at_end else rng.choice(clear)
    higher = a if first[at] >= second[at] else b
    text = choose(rng, split, _END if at_end else _IN).format(label=written(chart, chart.labels[at]), a=a, b=b)

    def grade(reply: object) -> bool:
        named = [word for word in re.findall(r"[a-z]+", text_of(reply).lower()) if word in COLOURS]
        return bool(named) and named[0] == higher

    return Question("compare", text, f"{higher.capitalize()} is higher.", higher, grade)
