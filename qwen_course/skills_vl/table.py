"""The whole chart as a list of its values, each as close as one can read it."""

from __future__ import annotations

import random

from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, numbers
from qwen_course.skills_vl.value import TOLERANCE, rounded

_WORDINGS = (
    "List the values.", "List all values.", "Give me the values as a list.", "What are the values?", "Show all values of the chart.", "Read all values.",
    "Which values do you see?", "Which values does the chart show?",
)  # fmt: skip


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for all values; right when there are as many as periods and all are close."""
    chart = drawn.chart
    answer = " ".join(str(rounded(value, chart.top)) for value in chart.values)

    def grade(reply: object) -> bool:
        found = numbers(text_of(reply))
        return len(found) == len(chart.values) and all(
            abs(read - value) <= TOLERANCE * chart.top for read, value in zip(found, chart.values, strict=True)
        )

    return Question("table", choose(rng, split, _WORDINGS), answer, answer, grade)
