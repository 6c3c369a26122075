"""Read amounts, percentages and a yes or no from the reply of any model, in English or Chinese."""

from __future__ import annotations

import re

TOLERANCE = 0.01
_SCALE = {
    "thousand": 1e3, "k": 1e3, "千": 1e3, "万": 1e4, "million": 1e6, "m": 1e6, "mn": 1e6, "百万": 1e6, "亿": 1e8, "billion": 1e9, "b": 1e9, "bn": 1e9,
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?<![A-Za-z0-9_.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])\s*(%|percent|[a-z]+|百万|千|万|亿)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent)", re.IGNORECASE)
_RANGE = re.compile(
    r"(?:between\s*(\d+(?:\.\d+)?)\s*(?:%|percent)?\s*and|(\d+(?:\.\d+)?)\s*(?:%|percent)?\s*[-–到至])\s*(\d+(?:\.\d+)?)\s*(?:%|percent)",
    re.IGNORECASE,
)
_WORDS = {word: str(n) for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}
# Doubt and refusal ("I do not know", "I cannot say") are no verdict, so a bare "not" is none either.
_GOAL_VERB = r"(?:\w+ ){0,2}(?:reach|achieve|attain|meet|hit|pass|exceed|surpass|possible|enough|sufficient|feasible)"
_NO = re.compile(
    rf"\bno\b|(?:\b(?:not|cannot)|n't) {_GOAL_VERB}|\bimpossible\b|\binsufficient\b|\bfalls? short\b|不能|不会|不可以|不可能|无法|达不到|不够|不足|没有达到|未能|^否"
)
_YES = re.compile(
    r"\byes\b|\bpossible\b|\benough\b|\bfeasible\b|\b(?:will|can|does|would) (?:\w+ )?(?:reach|achieve|pass|exceed|surpass|meet)\b|是的|可以|足够|能够|能达到|会达到|可能"
)


def _plain(text: str) -> str:
    """Return the text without the marks of LaTeX and Markdown that stand inside numbers or around words."""
    return (
        text.replace("{,}", ",")
        .replace("\\,", " ")
        .replace("\\%", "%")
        .replace("*", "")
        .replace("’", "'")
        .replace("$", " ")
    )


def amounts(text: str) -> list[tuple[float, bool]]:
    """Return the amounts of a text in full, each with whether a unit word such as "million" stood behind it; percentages are left out."""
    found = []
    for number, unit in _AMOUNT.findall(_plain(text)):
        unit = unit.lower()
        if unit not in ("%", "percent"):
            found.append((round(float(number.replace(",", "")) * _SCALE.get(unit, 1), 3), unit in _SCALE))
    return found


def _new_amounts(text: str, given: list[float]) -> list[tuple[float, bool]]:
    """Return the amounts that the question did not give."""
    return [(value, unit) for value, unit in amounts(text) if value not in given]


def _near(amount: tuple[float, bool], exact: float, scale: float) -> bool:
    """Return whether an amount is the exact one within the tolerance; without a unit word that of the question is meant too."""
    value, unit = amount
    return any(abs(said - exact) <= TOLERANCE * exact for said in ((value,) if unit else (value, value * scale)))


def last_amount_is(text: str, exact: float, scale: float, given: list[float]) -> bool:
    """Return whether the last amount that is not from the question is the exact one within 1 %."""
    new = _new_amounts(text, given)
    return bool(new) and _near(new[-1], exact, scale)


def no_wrong_amount(text: str, exact: float, scale: float, given: list[float], units_only: bool = False) -> bool:
    """Return whether the text gives no amounts of its own, or the exact one among them.

    With `units_only` bare numbers are not counted, because they may be ratios and roots.
    """
    new = [amount for amount in _new_amounts(text, given) if amount[1] or not units_only]
    return not new or any(_near(amount, exact, scale) for amount in new)


def verdict(text: str) -> bool | None:
    """Return what the text says: True for yes, False for no, None for neither or both."""
    said = re.sub(r"\bif (?:not|no)\b|如果不", " ", _plain(text).lower())
    explicit = set(re.findall(r"\b(yes|no)\b(?=\s*(?:[,.:;!}—–]|$))", said, re.MULTILINE))
    if len(explicit) == 2:
        return None
    if explicit:
        yes = explicit == {"yes"}
        return None if yes and _NO.search(said) else yes
    if _NO.search(said):
        return False
    return True if _YES.search(said) else None


def names_rate(text: str, exact: float) -> bool:
    """Return whether the last rate in the text is right: one within a percentage point, or a range of ten points at most around it."""
    said = _plain(text)
    ranges, single = list(_RANGE.finditer(said)), list(_PERCENT.finditer(said))
    if ranges and ranges[-1].end() >= single[-1].end():
        low, high = (float(found) for found in ranges[-1].groups() if found)
        return low <= exact <= high <= low + 10
    return bool(single) and abs(float(single[-1][1]) - exact) <= 1


def number_of_years(text: str) -> int | None:
    """Return the number of years that the text names last, in digits or as a word up to ten."""
    said = re.sub(r"\b(" + "|".join(_WORDS) + r")\b", lambda match: _WORDS[match[1]], _plain(text).lower())
    # a number that is marked as the answer, else one before "years", else the only one of the last line
    found = re.findall(r"(?:boxed\{|answer\b\D{0,12})(\d{1,2})\W*$", said)
    found = found or re.findall(r"(?<![\d.])(\d{1,2})\s*(?:full |whole )?(?:years?\b|年)", said)
    found = found or re.findall(r"^\D*(\d{1,2})\D*$", said.strip().rpartition("\n")[2])
    return int(found[-1]) if found else None


def calendar_year(text: str) -> int | None:
    """Return the calendar year that the text names last."""
    found = re.findall(r"(?<![\d.,])(20\d\d)(?!\d|[.,]\d)", _plain(text))
    return int(found[-1]) if found else None
