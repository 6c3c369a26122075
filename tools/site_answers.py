"""The site's page of typical wrong answers, for instructors, written from the exercises' own data."""

from __future__ import annotations

from pathlib import Path

from links import title_of

from qwen_course.exercises import NOTEBOOKS, exercises_of
from qwen_course.exercises.exercise import Choice, Exercise

_INTRO = """\
# Typical wrong answers

What learners type before they are right, and what the check then tells them; the tests run every one of these. Wait
before you help: the sentence is often enough. Where code is shown, it is the learner's.
"""


def wrong_answers_page(paths: list[Path]) -> str:
    """Return the page, for the notebooks that have exercises, in their order."""
    parts = [_INTRO]
    for path in paths:
        if path.stem[:2] in NOTEBOOKS:
            parts.append(f"## {title_of(path)}\n")
            parts += [_about(exercise) for exercise in exercises_of(path.stem[:2]) if exercise.mistakes]
    return "\n".join(parts)


def _about(exercise: Exercise) -> str:
    lines = [f"### {exercise.id}: {exercise.title}\n"]
    if isinstance(exercise, Choice):
        wrong = {letter: option for letter, option in exercise.options.items() if letter != exercise.right}
        lines += [f"- **{letter}** {option.text} *{option.says}*" for letter, option in wrong.items()]
        return "\n".join(lines) + "\n"
    for mistake in exercise.mistakes:
        lines.append(f"```python\n{mistake.code.rstrip()}\n```\n\n{mistake.says}\n")
    return "\n".join(lines)
