"""`qc.check`: judge an answer without ever raising, whatever the answer is, and remember the outcome."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qwen_course.exercises import find
from qwen_course.exercises import progress as saved
from qwen_course.exercises.display import Message
from qwen_course.exercises.exercise import Exercise
from qwen_course.exercises.judging import Judged, judge


def check(exercise_id: str, answer: Any = ..., *, given: Any = None) -> Message:
    """Check an answer: not attempted, not yet and why, or right. Nothing is raised, not for an unknown id either.

    `given` is what an exercise computes with, where the answer depends on your model; the cell names it. What a
    function prints while it is checked is not shown. Progress is saved, see `qc.progress`. Introduced in notebook 01.
    """
    try:
        exercise = find(exercise_id)
    except KeyError as unknown:
        return Message("No such exercise", str(unknown.args[0]))
    if exercise.given and given is None:
        need = f"This check computes with your `{exercise.given}`. Hand it over: `{exercise.check_line}`"
        return _message(exercise, Judged("not yet", need))
    try:
        with _no_output():
            judged = judge(exercise, answer, given)
    except Exception as error:
        return _message(exercise, Judged("not yet", _apology(exercise, error)))
    note = ""
    if judged.state != "not attempted":
        known, note = saved.entry(exercise.id)
        note += saved.record(exercise.id, state=judged.state, tries=known.get("tries", 0) + 1)
    return _message(exercise, judged, note)


def _message(exercise: Exercise, judged: Judged, note: str = "") -> Message:
    text = judged.text
    if judged.state == "not attempted":
        text = (
            f'Mend the code, or put an answer where `...` stands, and run the cell. `qc.hint("{exercise.id}")` helps.'
        )
    heading = f"Exercise {exercise.id}: {judged.state}."
    return Message(heading, text, note=note, state=judged.state)


def _apology(exercise: Exercise, error: Exception) -> str:
    given = f" Was it your `{exercise.given}` that you gave: `{exercise.check_line}`?" if exercise.given else ""
    return f"The check itself could not be computed ({type(error).__name__}: {error}).{given}"


class _Nowhere(io.TextIOBase):
    """Takes text and keeps none: an endless loop that prints must not fill the memory."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def _no_output() -> Iterator[None]:
    before = sys.stdout
    sys.stdout = _Nowhere()
    try:
        yield
    finally:
        sys.stdout = before
