"""Exercises that check themselves: `qc.check`, `qc.hint`, `qc.solution`, `qc.progress`.

The exercises are data, one module per notebook (nb01, nb02, ...); the notebooks' cells are made from them, and a test
compares the two. A new exercise is a new entry there. This module finds them and does nothing else.
"""

import difflib
from functools import cache
from importlib import import_module

from qwen_course.exercises.comparing import show
from qwen_course.exercises.exercise import Exercise

NOTEBOOKS = ("01", "02", "03", "04", "05", "06", "07", "08", "09")


@cache
def exercises_of(notebook: str) -> tuple[Exercise, ...]:
    """Return the exercises of a notebook, "01" for example, in their order."""
    return import_module(f"{__name__}.nb{notebook}").EXERCISES


def title_of(notebook: str) -> str:
    """Return the short title of a notebook."""
    return import_module(f"{__name__}.nb{notebook}").TITLE


def all_exercises() -> tuple[Exercise, ...]:
    """Return the exercises of all notebooks."""
    return tuple(exercise for notebook in NOTEBOOKS for exercise in exercises_of(notebook))


def find(exercise_id: str) -> Exercise:
    """Return the exercise with this id. Raises KeyError, whose argument is a sentence that names the nearest ids."""
    known = {exercise.id: exercise for exercise in all_exercises()}
    if isinstance(exercise_id, str) and exercise_id in known:
        return known[exercise_id]
    given = show(exercise_id)
    near = difflib.get_close_matches(given.strip("'"), known, n=3, cutoff=0.3)
    advice = f"The nearest: {', '.join(near)}." if near else f"They run from {min(known)} to {max(known)}."
    raise KeyError(f'There is no exercise {given}. {advice} An id is a text, such as "{next(iter(known))}".')
