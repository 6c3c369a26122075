"""Two pictures in one message: what one of them shows, and which of them grows or has more periods."""

from __future__ import annotations

import random
import re

from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl import trend
from qwen_course.skills_vl.question import Question, choose

_TREND = (
    "What is the trend in the {which} chart?",
    "Which trend does the {which} chart show?",
    "Describe the trend of the {which} chart.",
    "How does the {which} chart develop?",
)
_DIRECTION = (
    "Which chart is {trend}, the first or the second?",
    "Which of the two is {trend}?",
    "Is the first or the second chart {trend}?",
    "Which one is {trend}?",
)
_MORE = ("Which chart has more periods?", "Which chart has more values?", "Which of the two has more periods?", "Which one has more periods?")  # fmt: skip
ORDER = ("first", "second")


def question(rng: random.Random, split: str, drawn: tuple[Drawn, Drawn]) -> Question:
    """Ask about one of two charts, or which of them something is true of."""
    charts = [one.chart for one in drawn]
    options = ["trend", "trend"]
    differing = [t for t in ("growing", "falling") if sum(chart.trend == t for chart in charts) == 1]
    options += ["direction"] * 2 * bool(differing) + ["more"] * (len(charts[0].labels) != len(charts[1].labels))
    kind = rng.choice(options)
    if kind == "trend":
        at = rng.randrange(2)
        text, chart = choose(rng, split, _TREND).format(which=ORDER[at]), charts[at]
        answer = trend.sentence(chart)
        return Question("two_pictures", text, answer, answer, lambda reply: trend.is_right(text_of(reply), chart))
    if kind == "direction":
        wanted = rng.choice(differing)
        at = [chart.trend for chart in charts].index(wanted)
        text = choose(rng, split, _DIRECTION).format(trend=wanted)
    else:
        at = int(len(charts[1].labels) > len(charts[0].labels))
        text = choose(rng, split, _MORE)

    def grade(reply: object) -> bool:
        named = re.findall(r"first|second", text_of(reply).lower())
        return bool(named) and named[0] == ORDER[at]

    return Question("two_pictures", text, f"The {ORDER[at]}.", ORDER[at], grade)
