"""Derivatives of polynomials up to the fourth power, in the notation of the question: x³ or x^3.

Held out: one polynomial in ten, among them x³ + 2x² - 5x + 3, and two wordings.
"""

from __future__ import annotations

import random
import re

from qwen_course.skills.problem import ALWAYS_HELD_OUT, Problem, Split, draw, pick_wording, text_of

WORDINGS = (
    "Find the derivative of f(x) = {p}", "What is the derivative of f(x) = {p}?", "Differentiate f(x) = {p}.", "f(x) = {p}. What is f'(x)?",
    "Compute the derivative of {p}.", "What is d/dx of {p}?", "Derive {p} with respect to x.", "求 f(x) = {p} 的导数。",
    "Let f(x) = {p}. Find f'(x).", "Give me the derivative of {p}.", "Could you differentiate {p}?", "I have to differentiate {p}, please help.", "Now differentiate {p}",
)  # fmt: skip
UNSEEN = ("Calculate the derivative of f(x) = {p}.", "Please differentiate {p}.")
SOURCE_EXAMPLE = {3: 1, 2: 2, 1: -5, 0: 3}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TERM = re.compile(r"([+-]?)(\d*)(?:(x)(?:\^(\d+))?)?")
Polynomial = dict[int, int]  # power -> coefficient


def render(polynomial: Polynomial, superscript: bool) -> str:
    """Write a polynomial with falling powers.

    render({3: 1, 1: -5}, superscript=True) -> "x³ - 5x"
    """
    text = ""
    for power, factor in sorted(polynomial.items(), reverse=True):
        if not factor:
            continue
        size = "" if abs(factor) == 1 and power else str(abs(factor))
        raised = "" if power < 2 else ("⁰¹²³⁴"[power] if superscript else f"^{power}")
        sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
        text += f"{sign}{size}{'x' if power else ''}{raised}"
    return text or "0"


def read(text: str) -> Polynomial | None:
    """Return the polynomial that stands last in the text, or None; reads x³, x^3, x^{3}, x**3 and 3*x."""
    plain = re.sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda match: "^" + match[1].translate(_SUPERSCRIPTS), text).replace("−", "-")
    plain = (
        re.sub(r"\*\*(?=\s*\{?\d)", "^", plain)
        .replace("\\cdot", "")
        .replace("·", "")
        .replace("*", "")
        .replace("$", " ")
    )
    last = re.split(r"=|\n|:|\bis\b", plain.strip().rstrip("."))[-1]
    last = re.sub(r"[\s{}\\()]", "", last)
    if not last or not re.fullmatch(r"[+-]?(?:\d+|\d*x(?:\^\d+)?)(?:[+-](?:\d+|\d*x(?:\^\d+)?))*", last):
        return None
    polynomial: Polynomial = {}
    for sign, size, x, power in _TERM.findall(last):
        if size or x:
            degree = int(power) if power else int(bool(x))
            polynomial[degree] = polynomial.get(degree, 0) + int(sign + (size or "1"))
    return {degree: factor for degree, factor in polynomial.items() if factor}


def derive(polynomial: Polynomial) -> Polynomial:
    """Return the derivative, without terms that vanish."""
    return {power - 1: power * factor for power, factor in polynomial.items() if power and factor}


def _key(polynomial: Polynomial) -> str:
    """Return the split key; the source's example is always held out."""
    return ALWAYS_HELD_OUT if polynomial == SOURCE_EXAMPLE else render(polynomial, superscript=False)


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one polynomial of two to four terms."""

    def make() -> Polynomial:
        powers = rng.sample(range(5), rng.randint(2, 4))
        return {power: rng.choice((-1, 1)) * rng.randint(1, 9) for power in sorted(powers, reverse=True)}

    polynomial = draw(split, make, _key)
    superscript = rng.random() < 0.5
    derivative = derive(polynomial)
    lines = []
    for power, factor in polynomial.items():
        term = {power: factor}
        lines.append(f"d/dx({render(term, superscript)}) = {render(derive(term), superscript)}")
    given, answer = render(polynomial, superscript), render(derivative, superscript)
    wording = pick_wording(rng, split, WORDINGS, UNSEEN)
    return Problem(
        skill="derivative",
        messages=[{"role": "user", "content": wording.format(p=given)}],
        difficulty=f"{len(polynomial)} terms",
        expected=answer,
        # The polynomial is copied before it is taken apart: the sign of its first term gets lost otherwise.
        thinking=f"The power rule: d/dx(xⁿ) = n·xⁿ⁻¹\nf(x) = {given}\n" + "\n".join(lines) + f"\nTogether: {answer}",
        answer={"role": "assistant", "content": f"f'(x) = {answer}"},
        grader=lambda reply: read(text_of(reply)) == derivative,
    )
