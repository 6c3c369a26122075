"""The skills of Pocket-VL: questions about charts, one module each, with generator, wordings, grader and split.

Held out from training: one combination in ten of title, colour, labels and number of periods (`qwen_course/charts/data.py`), one wording
of each question, one kind of question that charts cannot answer, and all of matplotlib's drawing. No module here imports torch.
"""

from __future__ import annotations

import random
from typing import Literal

from PIL import Image

from qwen_course.charts.data import Chart, draw_chart
from qwen_course.charts.drawing import SIZE, Drawn, draw_with_numpy
from qwen_course.charts.matplotlib_drawing import draw_with_matplotlib
from qwen_course.skills.problem import Problem, Split, check_draw
from qwen_course.skills_vl import (
    compare,
    count,
    extremes,
    paragraph,
    reading,
    table,
    trend,
    two_pictures,
    unanswerable,
    value,
)
from qwen_course.skills_vl.question import Question

SKILLS = ("trend", "count", "extremes", "value", "compare", "paragraph", "title", "axis", "table", "unanswerable", "two_pictures")  # fmt: skip
_ASK = {
    "trend": trend.question, "count": count.question, "extremes": extremes.question, "value": value.question, "compare": compare.question,
    "paragraph": paragraph.question, "title": reading.title, "axis": reading.axis, "table": table.question, "unanswerable": unanswerable.question,
}  # fmt: skip
Hand = Literal["numpy", "matplotlib"]
_DRAW = {"numpy": draw_with_numpy, "matplotlib": draw_with_matplotlib}


def as_problem(question: Question, drawn: tuple[Drawn, ...]) -> Problem:
    """Return a question and its pictures as one user turn: the pictures first, then the text."""
    parts = [{"type": "image", "image": Image.fromarray(one.picture)} for one in drawn]
    kinds = {f"{one.chart.kind}, {len(one.chart.series)} series" for one in drawn}
    return Problem(
        skill=question.skill,
        messages=[{"role": "user", "content": [*parts, {"type": "text", "text": question.text}]}],
        difficulty=" and ".join(sorted(kinds)),
        expected=question.expected,
        answer={"role": "assistant", "content": question.answer},
        grader=question.grader,
    )


def ask(skill: str, chart: Chart, *, seed: int = 0, hand: Hand = "numpy", size: tuple[int, int] = SIZE) -> Problem:
    """Ask one question of a skill about a given chart, drawn by that hand."""
    rng = random.Random(f"{skill} {seed}")
    drawn = _DRAW[hand](chart, rng, size)
    return as_problem(_ASK[skill](rng, "train", drawn), (drawn,))


def chart_problems(skill: str, n: int, *, split: Split = "test", seed: int = 0, hand: Hand = "numpy") -> list[Problem]:
    """Draw `n` problems of a vision skill; the same seed gives the same charts, drawn by the course or by matplotlib.

    Pocket-VL never saw the `test` split, and no picture of matplotlib's. Raises ValueError for an unknown skill, split or hand,
    or n < 1. Introduced in notebook 09.
    """
    check_draw(skill, SKILLS, split, n, kind="vision skill")
    if hand not in _DRAW:
        raise ValueError(f"unknown hand {hand!r}: expected 'numpy' or 'matplotlib'")
    rng = random.Random(f"{skill} {split} {seed}")
    problems = []
    for _ in range(n):
        drawn = tuple(
            _DRAW[hand](draw_chart(rng, split, two_series=skill == "compare"), rng)
            for _ in range(2 if skill == "two_pictures" else 1)
        )
        question = two_pictures.question(rng, split, drawn) if len(drawn) == 2 else _ASK[skill](rng, split, drawn[0])
        problems.append(as_problem(question, drawn))
    return problems
