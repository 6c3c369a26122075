"""Percentages and growth written out in whole numbers: the scratchpads of the growth skill.

Everything is built from 10 % (shift the digits) and halves, rounded half up to whole numbers at each step. Amounts in millions
are counted in thousands, so that three decimals are kept without a decimal point.
"""

from __future__ import annotations

from dataclasses import dataclass

# unit: (what one of it is, the whole numbers it is counted in, how many of these make one)
UNITS = {
    "": (1, "", 1),
    "thousand": (1e3, "", 1000),
    "million": (1e6, "thousand", 1000),
    "billion": (1e9, "million", 1000),
}


def plus(*numbers: int) -> str:
    """Write a sum in one line: each column from the right, its digits and what the column before carried over, and its total.

    plus(2645, 265, 133) -> "2645+265+133: 5+5+3=13, 4+6+3+1=14, 6+2+1+1=10, 2+0+0+1=3 = 3043"
    """
    written = "+".join(map(str, numbers))
    if max(numbers) < 100 and len(numbers) == 2:
        return f"{written} = {sum(numbers)}"
    if max(numbers) < 10:  # in pairs, since each pair is met elsewhere as well, and 7+7+7 only here
        sums = [sum(numbers[:end]) for end in range(1, len(numbers) + 1)]
        pairs = zip(sums, numbers[1:], sums[1:], strict=False)
        return f"{written}: {', '.join(f'{left}+{right}={total}' for left, right, total in pairs)} = {sums[-1]}"
    columns, carry = [], 0
    for place in range(len(str(max(numbers)))):
        digits = [number // 10**place % 10 for number in numbers] + [carry] * (carry > 0)
        columns.append(f"{'+'.join(map(str, digits))}={sum(digits)}")
        carry = sum(digits) // 10
    return f"{written}: {', '.join(columns)} = {sum(numbers)}"


def compare(left: int, right: int) -> str:
    """Write how two numbers compare: by their lengths, or by the first digits that differ.

    compare(4024, 5000) -> "4024 and 5000: 4<5, less"
    """
    a, b = str(left), str(right)
    if len(a) == len(b):
        shown = next(f"{x}{'>' if x > y else '<'}{y}" for x, y in zip(a, b, strict=True) if x != y)
        same = next(at for at, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
        shown = ", ".join([f"{x}={x}" for x in a[:same]] + [shown])
    else:
        shown = f"{len(a)} digits {'>' if len(a) > len(b) else '<'} {len(b)} digits"
    return f"{left} and {right}: {shown}, {'more' if left > right else 'less'}"


# Every rate is made of these: a tenth (the digits shifted), half of it, or half of the number.
PARTS = {5: (5,), 10: (10,), 15: (10, 5), 20: (10, 10), 25: (10, 10, 5), 30: (10, 10, 10), 50: (50,)}


def percent_parts(value: int, rate: int) -> tuple[int, ...]:
    """Return the parts that make up `rate` % of a whole number.

    percent_parts(2645, 25) -> (265, 265, 133)
    """
    tenth = (value + 5) // 10
    part = {10: tenth, 5: (tenth + 1) // 2, 50: (value + 1) // 2}
    return tuple(part[size] for size in PARTS[rate])


def written_rate(rate: int) -> str:
    """Return the line that says what a rate is made of, such as "15 % = 10 % + 5 %"."""
    simple = {5: "half of 10 %", 10: "one tenth", 50: "half"}
    made_of = simple.get(rate) or " + ".join(f"{size} %" for size in PARTS[rate])
    return f"{rate} % = {made_of}"


def percent_of(value: int, rate: int) -> list[str]:
    """Return the lines that find `rate` % of a whole number."""
    parts = percent_parts(value, rate)
    tenth = f"10 % of {value} = {percent_parts(value, 10)[0]}"
    if rate in (10, 50):
        return [f"{rate} % of {value} = {parts[0]}"]
    if rate == 5:
        return [f"{tenth}, 5 % = {parts[0]}"]
    return [tenth + (f", 5 % = {parts[-1]}" if 5 in PARTS[rate] else ""), f"{rate} %: {plus(*parts)}"]


def path(start: int, rate: int, years: int) -> list[int]:
    """Return the amounts after 0, 1, ... years, each rounded to a whole number."""
    values = [start]
    for _ in range(years):
        values.append(values[-1] + sum(percent_parts(values[-1], rate)))
    return values


def written_path(values: list[int], rate: int, labels: list[str], goal: int | None = None) -> list[str]:
    """Return one line for each year of a path; with a goal another that compares the amount with it."""
    lines = []
    for label, before, after in zip(labels, values, values[1:], strict=False):
        tenth = f"10 % is {percent_parts(before, 10)[0]}, " if rate == 5 else ""
        lines.append(f"{label}: {tenth}{plus(before, *percent_parts(before, rate))}")
        if goal is not None:
            lines.append(compare(after, goal))
    return lines


# What an amount is multiplied by in some years: known by heart, to find the growth that a goal needs.
NEEDED_RATES = (5, 10, 15, 20, 25, 30, 40, 50)


def needed_rate(times: float, years: int) -> tuple[int, int] | None:
    """Return the two neighbouring rates between which an amount becomes `times` as much, or None if it is none or nearly one of them."""
    factors = [(1 + rate / 100) ** years for rate in NEEDED_RATES]
    if min(abs(times - factor) for factor in factors) < 0.01 or not factors[0] < times < factors[-1]:
        return None
    above = next(at for at, factor in enumerate(factors) if factor > times)
    return NEEDED_RATES[above - 1], NEEDED_RATES[above]


@dataclass(frozen=True)
class Growth:
    """Hold an amount (`start`, counted in whole numbers of a smaller unit) that grows for some years."""

    start: int
    unit: str
    rate: int
    years: int
    first_year: int = 2020
    goal: int = 0

    @property
    def values(self) -> list[int]:
        """Return the rounded amounts of all years."""
        return path(self.start, self.rate, self.years)

    def exact(self, years: int | None = None) -> float:
        """Return the amount without any rounding."""
        return self.start * (1 + self.rate / 100) ** (self.years if years is None else years)

    @property
    def one(self) -> float:
        """Return what one of the whole numbers is in full: 1000 for an amount in millions."""
        full, _, parts = UNITS[self.unit]
        return full / parts

    def text(self, value: int) -> str:
        """Return an amount as a question gives it.

        Growth(2500, "million", 15, 5).text(2500) -> "2.5 million"
        """
        return f"{value / UNITS[self.unit][2]:g} {self.unit}" if self.unit else str(value)

    def small(self, value: int) -> str:
        """Return an amount in the unit in which it is counted, such as "2500 thousand"."""
        return f"{value} {UNITS[self.unit][1]}".strip()

    def rounded(self, value: int) -> str:
        """Return an amount as the answer gives it: whole, or with 2 decimals for millions and billions."""
        if not UNITS[self.unit][1]:
            return str(value)
        hundredths = (value + 5) // 10
        return f"{hundredths // 100}.{hundredths % 100:02d} {self.unit}"
