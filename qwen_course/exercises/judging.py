"""Judge one answer: not attempted, not yet and why, or right. `checking.py` makes this safe and keeps the outcome."""

import copy
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from qwen_course.exercises.comparing import is_number, plain, same, show
from qwen_course.exercises.display import State
from qwen_course.exercises.exercise import Choice, Exercise, Function, Judgement, Value
from qwen_course.exercises.time_limit import TookTooLong, within

VALUE_SECONDS = 30.0  # for an answer that is no function: its methods may loop too, and ours may import pandas first


@dataclass(frozen=True)
class Judged:
    """The outcome, and one or more paragraphs on it."""

    state: State
    text: str = ""


_NOT_ATTEMPTED = Judged("not attempted")


def judge(exercise: Exercise, answer: Any, given: Any = None) -> Judged:
    """Judge an answer. Errors of the learner's code are part of the outcome; those of the exercise are raised."""
    if _is_open(answer):
        return _NOT_ATTEMPTED
    if isinstance(exercise, Function):
        return _judge_function(exercise, answer, given)
    try:
        return within(VALUE_SECONDS, lambda: _judge_value(exercise, answer, given))
    except TookTooLong:
        return Judged("not yet", f"Looking at your answer took more than {VALUE_SECONDS:.0f} seconds.")


def _is_open(answer: Any) -> bool:
    """Return whether an answer is still the starter's `...`, alone or in every place of a list or dictionary."""
    if isinstance(answer, (list, tuple)):
        return bool(answer) and all(_is_open(part) for part in answer)
    if isinstance(answer, dict):
        return bool(answer) and all(_is_open(part) for part in answer.values())
    return answer is ...


# --- values, choices, judgements


def _judge_value(exercise: Exercise, answer: Any, given: Any) -> Judged:
    if answer is None:
        return Judged("not yet", "`None` was given. Perhaps a function without `return`, or a `print`, made it?")
    if left := [str(key) for key, part in _parts(answer) if _is_open(part)]:
        return Judged("not yet", f"Something is still `...`: {', '.join(left)}.")
    match exercise:
        case Choice():
            return _judge_choice(exercise, answer)
        case Judgement():
            if objection := exercise.objection(answer, given):
                return Judged("not yet", objection)
            text = f"What can be checked holds. Compare your reasons with these:\n\n{exercise.model_answer}"
            return Judged("right", f"{text}\n\n{exercise.insight}")
        case Value():
            return _judge_plain(exercise, answer, given)
    raise TypeError(f"no such kind of exercise: {type(exercise).__name__}")


def _parts(answer: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(answer, dict):
        yield from answer.items()
    elif isinstance(answer, (list, tuple)):
        yield from enumerate(answer, start=1)


def _judge_choice(exercise: Choice, answer: Any) -> Judged:
    letter = answer.strip().strip("().").lower() if isinstance(answer, str) else ""
    if letter not in exercise.options:
        letters = ", ".join(f'"{letter}"' for letter in exercise.options)
        return Judged("not yet", f"Given was `{show(answer)}`; expected is one of the letters {letters}.")
    state: State = "right" if letter == exercise.right else "not yet"
    return Judged(state, f"You chose {letter}. {exercise.options[letter].says}")


def _judge_plain(exercise: Value, answer: Any, given: Any) -> Judged:
    expected = exercise.run(exercise.solution, given)
    if same(answer, expected, tolerance=exercise.tolerance):
        return Judged("right", exercise.insight)
    got = f"Given was `{show(answer)}`; expected is {exercise.expects}."
    for mistake in exercise.mistakes:
        if same(answer, exercise.run(mistake.code, given), tolerance=exercise.tolerance):
            return Judged("not yet", f"{mistake.says}\n\n{got}")
    return Judged("not yet", " ".join(part for part in (got, _distance(answer, expected)) if part))


def _distance(answer: Any, expected: Any) -> str:
    """Say what a wrong answer lacks, without giving the right one away."""
    if callable(answer):
        return "That is a function: call it, and give what it returns."
    if is_number(expected):
        if isinstance(answer, str):
            return "That is a text; give a number, without quotation marks."
        if not is_number(answer):
            return f"That is of type {type(answer).__name__}, not a number."
        number = plain(answer)
        where = "small" if number < expected else "large"
        if number > 0 and expected > 0:
            factor = max(number / expected, expected / number)
            return f"Yours is too {where}" + (
                f", by a factor of about {factor:.2g}." if factor > 1.05 else ", by little."
            )
        return f"Yours is too {where}."
    if isinstance(expected, str) and not isinstance(answer, str):
        return f"That is of type {type(answer).__name__}, not a text in quotation marks."
    if isinstance(expected, (set, frozenset)) and isinstance(answer, (set, frozenset, list, tuple)):
        missing, more = len(expected - set(answer)), len(set(answer) - expected)
        return f"{missing} missing, {more} too many."
    return ""


# --- functions


@dataclass(frozen=True)
class _Outcome:
    """What one call came to: a value, or an error with the line of the learner's code that raised it."""

    value: Any = None
    error: BaseException | None = None

    def same_as(self, other: "_Outcome") -> bool:
        if self.error or other.error:
            return type(self.error) is type(other.error)
        return (self.value is None and other.value is None) or same(self.value, other.value)


def _judge_function(exercise: Function, answer: Any, given: Any) -> Judged:
    if not callable(answer) or isinstance(answer, type):
        what = f"Given was `{show(answer)}`; expected is the function `{exercise.name}` itself"
        return Judged("not yet", f"{what}, without brackets: `{exercise.check_line}`.")
    if _is_starter(exercise, answer):
        return _NOT_ATTEMPTED
    cases = exercise.run(f"{exercise.solution}\ncases = {exercise.cases}", given, wanted="cases")
    current = [""]
    reference = [_call(exercise.run(exercise.solution, given), case) for case in cases]
    if failed := next((outcome.error for outcome in reference if outcome.error), None):
        raise failed  # the exercise cannot do with what was given
    try:
        outcomes = within(exercise.seconds, lambda: _call_all(answer, cases, exercise.name, current))
    except TookTooLong:
        what = f"`{current[0]}` did not come to an end: it was stopped after {exercise.seconds:.0f} seconds."
        return Judged("not yet", f"{what} Is there a loop whose condition never changes, or a search that is too long?")
    if all(outcome.value is ... and not outcome.error for outcome in outcomes):
        return _NOT_ATTEMPTED
    wrong = [i for i, outcome in enumerate(outcomes) if not _matches(outcome, reference[i], exercise.seconds)]
    if not wrong:
        return Judged("right", exercise.insight)
    first = wrong[0]
    case = _complaint(exercise.name, cases[first], outcomes[first], reference[first].value)
    if all(outcome.value is None and not outcome.error for outcome in outcomes):
        return Judged("not yet", case)  # without `return` nothing else can be said
    for mistake in exercise.mistakes:
        typical = exercise.run(mistake.code, given)
        try:
            made = within(exercise.seconds, lambda typical=typical: [_call(typical, case) for case in cases])
        except TookTooLong:
            continue
        if all(outcome.same_as(other) for outcome, other in zip(outcomes, made, strict=True)):
            return Judged("not yet", f"{mistake.says}\n\n{case}")
    return Judged("not yet", case)


def _matches(outcome: _Outcome, expected: _Outcome, seconds: float) -> bool:
    """Return whether an outcome is the expected one; what the learner's function returned may loop as well."""
    try:
        return within(seconds, lambda: outcome.same_as(expected))
    except TookTooLong:
        return False


def _call_all(function: Callable, cases: list[tuple], name: str, current: list[str]) -> list[_Outcome]:
    outcomes = []
    for case in cases:
        current[0] = _call_text(name, case)
        outcomes.append(_call(function, case))
    return outcomes


def _call(function: Callable, case: tuple) -> _Outcome:
    try:
        return _Outcome(function(*copy.deepcopy(case)))
    except (Exception, SystemExit) as error:
        return _Outcome(error=error)


def _complaint(name: str, case: tuple, outcome: _Outcome, expected: Any) -> str:
    call = _call_text(name, case)
    if outcome.error:
        line = _line_of(outcome.error)
        said = show(str(outcome.error))[1:-1] if str(outcome.error) else "without a message"
        return f"Expected `{show(expected)}` for `{call}`, but got {type(outcome.error).__name__}{line}: `{said}`"
    if outcome.value is None:
        return f"Expected `{show(expected)}` for `{call}`, but got `None`. Is there a `return` on every path?"
    if outcome.value is ...:
        return f"Expected `{show(expected)}` for `{call}`, but got `...`: something is still to be filled in."
    return f"Expected `{show(expected)}` for `{call}`, but got `{show(outcome.value)}`."


def _call_text(name: str, case: tuple) -> str:
    return f"{name}({', '.join(show(argument) for argument in case)})"


def _line_of(error: BaseException) -> str:
    """Return where in the learner's own cell an error arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if frame.line]
    cells = [frame for frame in frames if "ipykernel" in frame.filename or frame.filename.startswith("<")]
    return f" in the line `{cells[-1].line}`" if cells else ""


def _is_starter(exercise: Function, answer: Callable) -> bool:
    """Return whether a function is the starter, by what it was compiled to: blanks and comments do not matter."""
    code = getattr(answer, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    names: dict[str, Any] = {}
    exec(compile(exercise.starter, "<starter>", "exec"), names)
    return _fingerprint(code) == _fingerprint(names[exercise.name].__code__)


def _fingerprint(code: CodeType) -> tuple:
    constants = tuple(_fingerprint(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts)
    return code.co_code, constants, code.co_names, code.co_varnames
