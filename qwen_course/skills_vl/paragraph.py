"""One paragraph that names trend, season and extremes, graded by the facts in it."""

from __future__ import annotations

import random
import re

from qwen_course.charts.data import Chart
from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import Question, choose, named_labels, named_trends, written

_WORDINGS = (
    "Describe the chart.",
    "Describe this chart in one paragraph.",
    "Summarize the chart: trend, season, highest and lowest period.",
    "Write a short report on this chart.",
    "What does the chart tell us?",
    "Name trend, season and extremes.",
    "Give me a summary of the chart.",
    "Report on this sales chart.",
    "What does this chart tell us about the trend and the extremes?",
    "What does this sales chart tell us? Name trend, season and extremes.",
)


def facts_right(text: str, chart: Chart) -> dict[str, bool]:
    """Return for each of trend, season, highest and lowest whether the text gives it right."""
    named = named_trends(text)
    after = {which: re.search(rf"\b{which}\b.*", text, re.IGNORECASE | re.DOTALL) for which in ("highest", "lowest")}
    first = {which: named_labels(found.group(), chart)[:1] if found else [] for which, found in after.items()}
    return {
        "trend": named - {"seasonal"} == {chart.trend},
        "season": ("seasonal" in named) == chart.seasonal,
        "highest": first["highest"] == [chart.highest],
        "lowest": first["lowest"] == [chart.lowest],
    }


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for a paragraph; it is right when all four facts are."""
    chart = drawn.chart
    season = "with" if chart.seasonal else "without"
    answer = (
        f"The values are {chart.trend}, {season} a seasonal pattern. The highest is {written(chart, chart.highest)} "
        f"and the lowest is {written(chart, chart.lowest)}."
    )
    return Question(
        "paragraph",
        choose(rng, split, _WORDINGS),
        answer,
        answer,
        lambda reply: all(facts_right(text_of(reply), chart).values()),
    )
