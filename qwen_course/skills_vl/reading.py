"""Text in the picture: the title, and the numbers at the axis."""

from __future__ import annotations

import random
import re

from qwen_course.charts.data import TITLES
from qwen_course.charts.drawing import Drawn
from qwen_course.skills.problem import text_of
from qwen_course.skills_vl.question import NOT_SHOWN, Question, choose, numbers, says_not_shown

_TITLE = (
    "What is the title?", "What does the chart show?", "What is it about?", "Read the title.", "What title does it have?", "Tell me the title.",
    "Which title is it?", "What is the title of the chart?", "Which title does the chart have?",
)  # fmt: skip
_AXIS = (
    "Which numbers are at the axis?", "Read the axis.", "List the numbers of the axis.", "What is at the axis?", "What are the numbers at the axis?",
    "Read the numbers at the axis.", "What does the axis say?",
)  # fmt: skip


def title(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for the title; a chart without one does not show it."""
    wanted = drawn.chart.title
    text = choose(rng, split, _TITLE)
    if not wanted:
        return Question("title", text, NOT_SHOWN, NOT_SHOWN, says_not_shown)

    def grade(reply: object) -> bool:
        words = re.findall(r"[A-Za-z]+", text_of(reply))
        return {word.capitalize() for word in words} & set(TITLES) == {wanted}

    return Question("title", text, f"It shows {wanted.lower()}.", wanted, grade)


def axis(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask for the numbers at the axis, from the lowest to the highest."""
    ticks = [float(tick) for tick in drawn.ticks]
    answer = " ".join(map(str, drawn.ticks))
    return Question("axis", choose(rng, split, _AXIS), answer, answer, lambda reply: numbers(text_of(reply)) == ticks)
