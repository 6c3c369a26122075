"""Does the series grow, fall, stay flat, or come back every season?"""

from __future__ import annotations

import random

from qwen_course.charts.data import Chart
from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, named_trends

_WORDINGS = (
    "What is the trend?",
    "Which trend does this chart show?",
    "What trends do you see in this chart?",
    "How do the values develop?",
    "Is it growing, falling, flat or seasonal?",
    "Describe the trend.",
    "What is the overall trend?",
    "Do the values grow or fall?",
    "What pattern do you see?",
    "Tell me the trend.",
    "How does it change over time?",
    "What trends do you see?",
    "What does this sales chart show about the trend?",
    "Is there a trend in this chart?",
    "What trends do you see in this sales chart?",  # the question of the document that the course grew from
)


def trends(chart: Chart) -> set[str]:
    """Return what a right answer names: the direction and, where there is one, the season; a flat season is seasonal."""
    if chart.seasonal:
        return {"seasonal"} if chart.trend == "flat" else {chart.trend, "seasonal"}
    return {chart.trend}


def sentence(chart: Chart) -> str:
    """Return the trend as a sentence."""
    if chart.seasonal and chart.trend != "flat":
        return f"The trend is {chart.trend}, with a seasonal pattern."
    return f"The trend is {'seasonal' if chart.seasonal else chart.trend}."


def is_right(text: str, chart: Chart) -> bool:
    """Return whether a text names the trends of the chart, and no other; "flat" may stand beside "seasonal"."""
    found = named_trends(text)
    return found == trends(chart) or (chart.seasonal and chart.trend == "flat" and found == {"flat", "seasonal"})


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for the trend."""
    chart = drawn.chart
    return Question(
        "trend",
        choose(rng, split, _WORDINGS),
        sentence(chart),
        " and ".join(sorted(trends(chart))),
        lambda reply: is_right(text_of(reply), chart),
    )
