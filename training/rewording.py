"""Other words for the questions about charts: what the last part of Pocket-VL's training asks.

From a dozen fixed wordings a small model learns which sentence it is, and takes an unseen one for any of them. So the last part puts the
questions together from pieces, and sets words before and behind them. The wordings that are held out never come out of it (a test).
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from qwen_course.charts.data import COLOURS, TITLES
from qwen_course.skills_vl.question import Question

_ABOUT = (*(title.lower() for title in TITLES if title != "Sales"), "bar", "line", "new", "small", "yearly", "last")
_PLACES = ("in this chart", "in the chart", "here", "in this picture", "in the picture", "in this {about} chart", "in the {about} chart", "on this {about} chart")  # fmt: skip
_BEFORE = ("Look at the chart.", "Tell me:", "Please:", "A question about this chart:", "Here is a chart.", "Look at this {about} chart.", "I made this {about} chart.")  # fmt: skip
_TREND = (
    "What trends do you see", "What trend do you see", "Which trends do you see", "Which trend can you see", "What trends are there", "What is the trend",
    "What development do you see", "Which trends can you find", "How would you describe the trend", "What does the trend look like", "Do you see a trend",
    "What pattern do you find", "What trends can be seen", "Are there trends",
)  # fmt: skip
_TREND_OF = (
    "How do the values of the {which} chart develop?", "How does the {which} one change?", "What does the {which} chart do?", "What trend do you see in the {which} chart?",
    "Is the {which} chart growing, falling, flat or seasonal?", "How do the values change in the {which} chart?", "Tell me how the {which} chart goes on over time.",
    "What happens in the {which} chart?", "Does the {which} chart grow or fall?",
)  # fmt: skip
_ABSENT_COLOUR = ("Is {x} growing?", "Does {x} fall?", "Does the {x} series grow?", "Where does {x} end?", "What does {x} do?", "Is {x} flat?", "Does {x} rise at the end?")  # fmt: skip


def reworded(rng: random.Random, question: Question) -> Question:
    """Return the same question in other words, or, now and then, in its own."""
    text = question.text
    colour = next((c for c in COLOURS if re.search(rf"\b{c}\b", text)), None)
    if question.skill == "trend" and rng.random() < 0.6:
        text = f"{rng.choice(_TREND)} {rng.choice(_PLACES)}?"
    elif question.skill == "two_pictures" and question.answer.startswith("The trend") and rng.random() < 0.6:
        text = rng.choice(_TREND_OF).format(which="first" if "first" in text else "second")
    elif question.skill == "unanswerable" and colour and rng.random() < 0.6:
        text = rng.choice(_ABSENT_COLOUR).format(x=colour)
    elif question.skill not in ("two_pictures", "title") and rng.random() < 0.3:
        text = f"{text[:-1]} {rng.choice(_PLACES)}{text[-1]}"
    if question.skill != "two_pictures" and rng.random() < 0.25:
        text = f"{rng.choice(_BEFORE)} {text}"
    return replace(question, text=text.format(about=rng.choice(_ABOUT)))
