"""Column arithmetic written out, digit by digit: the scratchpads of the arithmetic skills.

Each function returns the lines that a careful pupil would write. Long division and decimals are not covered.
"""

from __future__ import annotations


def _digits(number: int, width: int) -> list[int]:
    """Return the decimal digits, lowest first, padded with zeros to `width`."""
    return [int(digit) for digit in reversed(str(number).zfill(width))]


def _result(written: list[int]) -> str:
    """Return the digits (lowest first) as they are read, and without leading zeros where there are any."""
    read = "".join(str(digit) for digit in reversed(written))
    plain = str(int(read))
    return read if read == plain else f"{read} = {plain}"


def add(a: int, b: int) -> str:
    """Write out a + b for whole numbers from 0."""
    width = max(len(str(a)), len(str(b)))
    lines, written, carry = [f"{a} + {b}"], [], 0
    for top, bottom in zip(_digits(a, width), _digits(b, width), strict=True):
        total = top + bottom + carry
        terms = f"{top} + {bottom}" + (" + 1" if carry else "")
        carry, digit = divmod(total, 10)
        written.append(digit)
        lines.append(f"{terms} = {total}, write {digit}" + (", carry 1" if carry else ""))
    if carry:
        written.append(1)
        lines.append("write 1")
    return "\n".join([*lines, f"Result: {_result(written)}"])


def subtract(a: int, b: int) -> str:
    """Write out a - b for whole numbers from 0; a negative result is found by exchanging the numbers."""
    if a < b:
        return f"{a} is smaller than {b}, so the result is negative\n{subtract(b, a)}\nWith the sign: -{b - a}"
    width = len(str(a))
    lines, written, borrow = [f"{a} - {b}"], [], 0
    for top, bottom in zip(_digits(a, width), _digits(b, width), strict=True):
        short = top - bottom - borrow < 0
        terms = f"{top}" + (" + 10" if short else "") + f" - {bottom}" + (" - 1" if borrow else "")
        digit = top + 10 * short - bottom - borrow
        borrow = int(short)
        written.append(digit)
        lines.append(f"{terms} = {digit}, write {digit}" + (", borrow 1" if borrow else ""))
    return "\n".join([*lines, f"Result: {_result(written)}"])


def _times_digit(a: int, digit: int) -> list[str]:
    """Write out a times one digit, lowest digit of `a` first."""
    lines, carry = [], 0
    for top in _digits(a, len(str(a))):
        terms = f"{top} × {digit}" + (f" + {carry}" if carry else "")
        total = top * digit + carry
        carry, low = divmod(total, 10)
        lines.append(f"{terms} = {total}, write {low}" + (f", carry {carry}" if carry else ""))
    if carry:
        lines.append(f"write {carry}")
    return lines


def multiply(a: int, b: int) -> str:
    """Write out a × b for whole numbers of one or two digits."""
    if a < 10 and b < 10:
        return f"{a} × {b} = {a * b}\nResult: {a * b}"
    if a < 10:
        return f"{a} × {b} is {b} × {a}\n{multiply(b, a)}"
    if b < 10:
        return "\n".join([f"{a} × {b}", *_times_digit(a, b), f"Result: {a * b}"])
    tens, ones = divmod(b, 10)
    parts = [f"{a} × {b} is {a} × {ones} and {a} × {tens}0", f"{a} × {ones}", *_times_digit(a, ones), f"So {a * ones}"]
    parts += [f"{a} × {tens}", *_times_digit(a, tens), f"So {a * tens}, and with the zero {a * tens * 10}"]
    return "\n".join([*parts, add(a * ones, a * tens * 10)])
