"""Which period is the highest, and which the lowest?"""

from __future__ import annotations

import random

from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, named_labels, written

_WORDINGS = {
    "highest": (
        "Which period is the highest?",
        "When is it highest?",
        "Where is the peak?",
        "Which period has the highest value?",
        "Which period has the maximum?",
        "When is the maximum?",
        "What is the highest period?",
        "Find the maximum.",
        "When was it highest?",
        "Where is the maximum reached?",
        "When was the peak?",
        "When was the maximum reached?",
    ),
    "lowest": (
        "Which period is the lowest?",
        "When is it lowest?",
        "Where is the low point?",
        "Which period has the lowest value?",
        "Which period has the minimum?",
        "When is the minimum?",
        "What is the lowest period?",
        "Find the minimum.",
        "When was it lowest?",
        "Where is the minimum reached?",
        "When was the low point?",
        "When was the minimum reached?",
    ),
}


def question(rng: random.Random, split: str, drawn: Drawn, which: str | None = None) -> Question:
    """Ask for the highest or the lowest period."""
    chart = drawn.chart
    which = which or rng.choice(("highest", "lowest"))
    label = chart.highest if which == "highest" else chart.lowest
    return Question(
        "extremes",
        choose(rng, split, _WORDINGS[which]),
        f"The {which} is {written(chart, label)}.",
        label,
        lambda reply: named_labels(text_of(reply), chart) == [label],
    )
