"""What is the value of one period? It is read from the axis, so 5 % of the highest value is close enough."""

from __future__ import annotations

import random

from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, numbers, written

_WORDINGS = (
    "What is the value in {label}?",
    "How much is it in {label}?",
    "Which value does {label} have?",
    "Read the value of {label}.",
    "How high is {label}?",
    "About how much is it in {label}?",
    "Give the value of {label}.",
    "How high is it in {label}?",
    "About what value does {label} have?",
    "What is the value of {label}?",
    "About how high is {label}?",
)
TOLERANCE = 0.05  # of the highest value in the chart


def rounded(value: int, top: int) -> int:
    """Return a value as one can read it from an axis: in steps of 1, 5 or 10, more than a hundredth of the highest value."""
    step = 1 if top < 100 else 5 if top < 400 else 10
    return step * round(value / step)


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for the value of a period."""
    chart = drawn.chart
    at = rng.randrange(len(chart.labels))
    value, label = chart.values[at], written(chart, chart.labels[at])

    def grade(reply: object) -> bool:
        found = numbers(text_of(reply).replace(label, ""))
        return bool(found) and abs(found[-1] - value) <= TOLERANCE * chart.top

    answer = f"It is about {rounded(value, chart.top)}."
    return Question("value", choose(rng, split, _WORDINGS).format(label=label), answer, str(value), grade)
