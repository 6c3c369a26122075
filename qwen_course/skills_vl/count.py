"""How many bars or points are there?"""

from __future__ import annotations

import random

from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, numbers

_WORDINGS = (
    "How many periods are there?",
    "How many {marks} does the chart have?",
    "Count the {marks}.",
    "How many {marks} do you see?",
    "How many values are there?",
    "What is the number of periods?",
    "Tell me how many {marks} there are.",
    "Number of {marks}?",
    "How many periods does it show?",
    "What is the number of values?",
    "What is the number of {marks}?",
)


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for the number of periods."""
    n = len(drawn.chart.labels)
    marks = "bars" if drawn.chart.kind == "bar" else "points"
    text = choose(rng, split, _WORDINGS).format(marks=marks)
    return Question("count", text, f"There are {n}.", str(n), lambda reply: set(numbers(text_of(reply))) == {float(n)})
