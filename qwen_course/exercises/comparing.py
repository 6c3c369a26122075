"""Compare and show values that a learner made: anything at all, tensors and broken objects included."""

import math
from numbers import Real
from typing import Any

_MOST = 160  # characters of a value that are shown


def same(answer: Any, expected: Any, *, tolerance: float = 1e-6) -> bool:
    """Return whether two values are the same to a learner: 3.0 is 3, a tensor is its numbers, a tuple is a list.

    `tolerance` is relative and holds for fractions; whole numbers that were expected must be met within it too, so
    that a rounded estimate passes where the exercise allows it. Texts count without the blanks around them.
    """
    try:
        return _same(plain(answer), plain(expected), tolerance)
    except Exception:  # an answer whose own methods fail is not the one expected
        return False


def _same(answer: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, bool) or isinstance(answer, bool):
        return isinstance(expected, bool) and isinstance(answer, bool) and answer == expected
    if isinstance(expected, Real):
        if not isinstance(answer, Real):
            return False
        both_nan = math.isnan(answer) and math.isnan(expected)
        return both_nan or math.isclose(answer, expected, rel_tol=tolerance, abs_tol=1e-9)
    if isinstance(expected, str):
        return isinstance(answer, str) and answer.strip() == expected.strip()
    if isinstance(expected, dict):
        if hasattr(answer, "to_dict"):  # a pandas Series
            answer = answer.to_dict()
        return (
            isinstance(answer, dict)
            and answer.keys() == expected.keys()
            and all(same(answer[key], expected[key], tolerance=tolerance) for key in expected)
        )
    if isinstance(expected, (set, frozenset)):
        return isinstance(answer, (set, frozenset, list, tuple)) and set(answer) == expected
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(answer, (list, tuple))
            and len(answer) == len(expected)
            and all(same(one, other, tolerance=tolerance) for one, other in zip(answer, expected, strict=True))
        )
    return type(answer) is type(expected) and bool(answer == expected)


def plain(value: Any) -> Any:
    """Return tensors, arrays and their scalars as Python numbers and lists; anything else as it is."""
    if isinstance(value, (bool, int, float, str, list, tuple, dict, set)) or isinstance(value, type):
        return value
    if hasattr(value, "tolist") and not hasattr(value, "to_dict"):
        return value.tolist()
    return value


def is_number(value: Any) -> bool:
    """Return whether a value counts as a number; True and False do not."""
    try:
        return isinstance(plain(value), Real) and not isinstance(plain(value), bool)
    except Exception:
        return False


def show(value: Any) -> str:
    """Return a value as one short line of text, whatever its repr does."""
    try:
        text = " ".join(repr(value).split())
    except Exception as error:
        return f"(an object of type {type(value).__name__} that cannot be shown: {type(error).__name__})"
    return text if len(text) <= _MOST else f"{text[: _MOST - 20]} ... {text[-15:]}"
