"""`qc.hint` and `qc.solution`: help, a little more at each call, and a way to the answer."""

from qwen_course.exercises import find
from qwen_course.exercises import progress as saved
from qwen_course.exercises.display import Message
from qwen_course.exercises.exercise import Choice, Judgement


def hint(exercise_id: str) -> Message:
    """Give the next hint to an exercise; after the last one, the last again. Introduced in notebook 01."""
    try:
        exercise = find(exercise_id)
    except KeyError as unknown:
        return Message("No such exercise", str(unknown.args[0]))
    count = len(exercise.hints)
    known, note = saved.entry(exercise.id)
    number = max(1, min(known.get("hints", 0) + 1, count))
    note += saved.record(exercise.id, hints=number)
    more = "One more call gives the next hint." if number < count else "That is the last hint."
    after = more if number < count else f'{more} `qc.solution("{exercise.id}")` shows a way.'
    return Message(
        f"Hint {number} of {count} to exercise {exercise.id}", f"{exercise.hints[number - 1]}\n\n{after}", note=note
    )


def solution(exercise_id: str) -> Message:
    """Show a solution of an exercise and why it is one; wrong choices are explained too. Introduced in notebook 01."""
    try:
        exercise = find(exercise_id)
    except KeyError as unknown:
        return Message("No such exercise", str(unknown.args[0]))
    paragraphs = [exercise.insight]
    if isinstance(exercise, Choice):
        ordered = sorted(exercise.options.items(), key=lambda pair: pair[0] != exercise.right)
        paragraphs = [f"{letter}: {option.text} {option.says}" for letter, option in ordered]
    if isinstance(exercise, Judgement):
        paragraphs = [exercise.model_answer, exercise.insight]
    note = saved.record(exercise.id, solution=True)
    heading = f"A solution of exercise {exercise.id}"
    return Message(heading, "\n\n".join(paragraphs), code=exercise.solution, note=note)
