"""A question that the picture cannot answer: reasons, forecasts, people, a period or a colour that is not there.

Held out besides a wording of each kind: the last kind, which asks for money.
"""

from __future__ import annotations

import random

from qwen_course.charts.data import COLOURS, MONTHS, Chart
from qwen_course.charts.drawing import Drawn
from qwen_course.skills_vl.question import NOT_SHOWN, Question, choose, says_not_shown

_KINDS = (
    (
        "Why did it change?",
        "Why did it fall?",
        "Why is it growing?",
        "What is the reason for the peak?",
        "What is the reason for this?",
        "What caused the peak?",
        "Why is it like that?",
    ),
    (
        "What will it be next year?",
        "What will the next value be?",
        "How much will it be in ten years?",
        "Predict the next value.",
        "How will it go on?",
        "What comes after the last period?",
    ),
    (
        "Who made this chart?",
        "Who did this?",
        "Which person made it?",
        "Who is the best seller?",
        "Which team did this?",
        "Who is responsible for that?",
    ),
    ("In which country was this?", "Which city is it?", "Which shop is this from?", "Where do the customers live?"),
    (
        "Which product sold best?",
        "How many products are there?",
        "Which product is it?",
        "How much did a product cost?",
        "What was the price?",
        "Which product was the worst?",
    ),
)
_HELD_OUT_KIND = ("How much does one ticket cost?", "In which currency is it?", "What did the campaign cost?")
_ABSENT = (
    "What is the value in {x}?",
    "How much is it in {x}?",
    "Which value does {x} have?",
    "Read the value of {x}.",
    "How high is {x}?",
    "About how much is it in {x}?",
    "Give the value of {x}.",
    "How high is it in {x}?",
    "About what value does {x} have?",
    "What is the value of {x}?",
    "About how high is {x}?",
)
_ABSENT_COLOUR = ("How does the {x} series develop?", "What is the trend of {x}?", "How high is {x}?", "Does {x} grow?")


def _absent_period(rng: random.Random, chart: Chart) -> str:
    if chart.label_kind == "months":
        return rng.choice([month for month in MONTHS if month not in chart.labels])
    return f"period {len(chart.labels) + rng.randint(1, 9)}" if chart.label_kind == "numbers" else rng.choice(MONTHS)


def question(rng: random.Random, split: str, drawn: Drawn) -> Question:
    """Ask something that the chart does not show."""
    chart = drawn.chart
    roll = rng.random()
    if roll < 0.25:
        text = choose(rng, split, _ABSENT).format(x=_absent_period(rng, chart))
    elif roll < 0.4:
        absent = [colour for colour in COLOURS if colour not in chart.series]
        text = choose(rng, split, _ABSENT_COLOUR).format(x=rng.choice(absent))
    elif split == "test" and roll < 0.6:
        text = rng.choice(_HELD_OUT_KIND)
    else:
        text = choose(rng, split, rng.choice(_KINDS))
    return Question("unanswerable", text, NOT_SHOWN, NOT_SHOWN, says_not_shown)
