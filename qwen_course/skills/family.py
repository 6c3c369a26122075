"""Facts about the Qwen family, asked of well-known checkpoints and of the family as a whole.

What is asked of a checkpoint is read from the catalogue, so that the skill can never contradict it. The facts are known by heart.
Held out: one pair in ten of question and checkpoint, and two wordings of each question.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from qwen_course.checkpoints import Checkpoint, all_checkpoints, checkpoint
from qwen_course.skills.family_wordings import GENERAL, OF_A_CHECKPOINT, OF_A_GENERATION
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of, vary

# Those of Qwen2.5 are asked for by both names: base and instruct agree in all that is asked.
NAMES = tuple(
    "Qwen2.5-0.5B Qwen2.5-1.5B Qwen2.5-3B Qwen2.5-7B Qwen2.5-14B Qwen2.5-32B Qwen2.5-72B "
    "Qwen2.5-0.5B-Instruct Qwen2.5-1.5B-Instruct Qwen2.5-3B-Instruct Qwen2.5-7B-Instruct Qwen2.5-14B-Instruct Qwen2.5-32B-Instruct Qwen2.5-72B-Instruct "
    "Qwen3-0.6B Qwen3-1.7B Qwen3-4B Qwen3-8B Qwen3-14B Qwen3-32B Qwen3-30B-A3B Qwen3-235B-A22B "
    "Qwen3-4B-Instruct-2507 Qwen3-4B-Thinking-2507 Qwen3-30B-A3B-Instruct-2507 Qwen3-30B-A3B-Thinking-2507 "
    "Qwen3.5-0.8B Qwen3.5-2B Qwen3.5-4B Qwen3.5-9B Qwen3.5-27B Qwen3.5-35B-A3B".split()
)
EXPERTS = tuple(name for name in NAMES if "-A" in name)
GENERATIONS = ("Qwen2.5", "Qwen3", "Qwen3.5")
MONTHS = "January February March April May June July August September October November December".split()
# The name of a checkpoint in a reply: its numbers must not be read as the answer.
_NAME = re.compile(r"(?:qwen/)?qwen\d[\d.]*(?:[- ](?:\d[\w.]*|a\d+b|instruct|thinking|base))+")


def amount(number: int) -> str:
    """Return a count of parameters as people say it: 596 million, 8.2 billion."""
    return f"{number / 1e6:.0f} million" if number < 1e9 else f"{number / 1e9:.1f} billion"


def _near(text: str, number: int) -> bool:
    """Return whether the text holds this number of parameters, to three in a hundred."""
    found = re.findall(r"(\d+(?:[.,]\d+)*)\s*(billion|million|bn|b|m|亿)?\b", text, re.IGNORECASE)
    scale = {"b": 1e9, "m": 1e6, "亿": 1e8, "": 1.0}
    for digits, unit in found:
        plain = re.sub(r",(?=\d{3})", "", digits)
        if (
            plain.count(".") < 2
            and "," not in plain
            and abs(float(plain) * scale[unit[:1].lower()] - number) < 0.03 * number
        ):
            return True
    return False


def _layers(text: str, number: int) -> bool:
    counted = re.findall(r"(\d+)\W*(?:transformer |decoder |hidden )?(?:layer|block)", text)
    return (counted or re.findall(r"\d+(?:\.\d+)?", text))[:1] == [str(number)]


def _context(text: str, tokens: int) -> bool:
    plain = re.sub(r"(?<=\d)[,.\s](?=\d{3}\b)", "", text)
    return re.search(rf"\b({tokens}|{tokens // 1024} ?k|{tokens // 1000} ?k)\b", plain) is not None


def _licence(text: str, licence: str) -> bool:
    named = [name for name in ("apache", "research", "mit", "tongyi") if re.search(rf"\b{name}\b", text)]
    if licence == "Qwen":
        return not named and re.search(r"\bqwen (?:community )?licen[cs]e", text) is not None
    return named == ["apache" if licence == "Apache-2.0" else "research"]


def _thinks(text: str, mode: str) -> bool:
    hybrid = re.search(r"hybrid|both|switch|toggle|on and off|on or off", text) is not None
    never = re.search(r"\bno\b[,.!]|never|(?:does not|doesn't|cannot|can't) think|non-thinking|without thinking|no thinking", text) is not None  # fmt: skip
    if mode == "hybrid":
        return hybrid
    return not hybrid and (
        never if mode == "none" else not never and re.search(r"\byes\b|always|\bthinks\b", text) is not None
    )


def _generation(text: str, generation: str) -> bool:
    return re.search(rf"(?:qwen|generation) ?{re.escape(generation.removeprefix('Qwen'))}(?!\.?\d)", text) is not None


def _experts(text: str, experts: bool) -> bool:
    no = re.search(r"\bno\b[,.!]|not an? (?:mixture|moe)|\bdense\b(?! or)", text) is not None
    return no is not experts and (no or re.search(r"\byes\b|mixture|\bmoe\b", text) is not None)


@cache
def _row(name: str) -> Checkpoint:
    return checkpoint(f"Qwen/{name}")


@cache
def fact(what: str, name: str) -> tuple[str, str]:
    """Return what the catalogue says about one thing of one checkpoint: in a word or two, and as a sentence."""
    row = _row(name)
    word = {
        "layers": str(row.layers),
        "parameters": amount(row.parameters),
        "licence": row.license,
        "thinking": {"none": "never", "hybrid": "hybrid", "always": "always"}[row.thinking],
        "context": f"{row.native_context:,}",
        "generation": row.generation,
        "active": amount(row.active_parameters),
        "experts": "a mixture of experts" if active_part(name) else "dense",
        "name": active_part(name)[1:-1],
    }[what]
    sentence = {
        "never": f"No, {name} never thinks.",
        "hybrid": f"{name} is hybrid: its thinking can be switched on and off.",
        "always": f"Yes, {name} always thinks.",
        "a mixture of experts": f"{name} is a mixture of experts.",
        "dense": f"{name} is dense, not a mixture of experts.",
    }.get(word, word)
    return word, OF_A_CHECKPOINT[what][2].format(m=name, a=active_part(name), v=sentence)


def active_part(name: str) -> str:
    """Return the part of a name that counts the active parameters, such as A3B; dense checkpoints have none."""
    found = re.search(r"-(A\d+B)", name)
    return found[1] if found else ""


@cache
def generation_fact(what: str, generation: str) -> str:
    """Return how many languages a generation supports, or the month of its first checkpoint, as the catalogue has them."""
    rows = [row for row in all_checkpoints() if row.generation == generation and row.task == "general"]
    if what == "languages":
        told = next(row.languages for row in rows if row.languages)
        return f"more than {told.split()[0]} languages" if told.endswith("and more") else told
    year, month = min(row.released for row in rows if row.released).split("-")[:2]
    return f"{MONTHS[int(month) - 1]} {year}"


def right(what: str, row: Checkpoint, text: str) -> bool:
    """Return whether a text says what the catalogue says about this checkpoint."""
    text = _NAME.sub(" ", text.lower())
    return {
        "layers": lambda: _layers(text, row.layers),
        "parameters": lambda: _near(text, row.parameters),
        "licence": lambda: _licence(text, row.license),
        "thinking": lambda: _thinks(text, row.thinking),
        "context": lambda: _context(text, row.native_context),
        "generation": lambda: _generation(text, row.generation),
        "active": lambda: _near(text, row.active_parameters),
        "experts": lambda: _experts(text, bool(active_part(row.repo_id))),
        "name": lambda: re.search(r"activ", text) is not None and active_part(row.repo_id)[1:-1] in re.findall(r"\d+", text.replace(active_part(row.repo_id).lower(), "")),
    }[what]()  # fmt: skip


def _of_a_checkpoint(rng: random.Random, split: Split) -> Problem:
    """Draw a fact of a checkpoint."""

    def make() -> tuple[str, str, str]:
        what = rng.choices(tuple(OF_A_CHECKPOINT), (4, 4, 3, 3, 3, 2, 1, 1, 1))[0]
        name = rng.choice(EXPERTS if what in ("active", "name") else NAMES)
        return name, what, pick_wording(rng, split, *OF_A_CHECKPOINT[what][:2])

    name, what, wording = draw(split, make, lambda drawn: f"{drawn[0]}|{drawn[2]}")
    word, sentence = fact(what, name)
    roll = rng.random()  # as people type names
    typed = f"Qwen/{name}" if roll < 0.15 else name.replace("-", " ") if roll < 0.23 else name
    row = _row(name)
    return _ask(vary(rng, wording.format(m=typed, a=active_part(name))), what, word, f"{name}, {what}: {word}.", sentence, lambda text: right(what, row, text))  # fmt: skip


def _of_a_generation(rng: random.Random, split: Split) -> Problem:
    """Draw a fact of a generation."""

    def make() -> tuple[str, str, str]:
        what = rng.choice(tuple(OF_A_GENERATION))
        return rng.choice(GENERATIONS), what, pick_wording(rng, split, *OF_A_GENERATION[what][:2])

    generation, what, wording = draw(split, make, lambda drawn: f"{drawn[0]}|{drawn[2]}")
    value = generation_fact(what, generation)
    parts = re.findall(r"\d+|" + "|".join(MONTHS).lower(), value.lower())
    sentence = OF_A_GENERATION[what][2].format(g=generation, v=value)

    def told(text: str) -> bool:
        plain = re.sub(r"\b(20\d\d)-(\d\d)\b", lambda date: f"{MONTHS[int(date[2]) % 13 - 1]} {date[1]}", text).lower()
        return all(re.search(rf"\b{part}", plain) for part in parts)

    return _ask(vary(rng, wording.format(g=generation)), what, value, f"{generation}, {what}: {value}.", sentence, told)


def _general(rng: random.Random, split: Split) -> Problem:
    """Draw a question about the whole family."""

    def make() -> tuple[str, str]:
        what = rng.choice(tuple(GENERAL))
        return what, pick_wording(rng, split, *GENERAL[what][:2])

    what, question = draw(split, make, "|".join)
    _, _, answer, patterns = GENERAL[what]

    def told(text: str) -> bool:
        return all(re.search(pattern, text.lower()) for pattern in patterns)

    return _ask(vary(rng, question), "the whole family", answer, f"The question is about Qwen: {what}.", answer, told)


def _ask(question: str, difficulty: str, expected: str, thinking: str, answer: str, told: Callable[[str], bool]) -> Problem:  # fmt: skip
    return Problem(
        skill="family",
        messages=[{"role": "user", "content": question}],
        difficulty=difficulty,
        expected=expected,
        thinking=thinking,
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: told(text_of(reply)),
    )


KINDS = {_of_a_checkpoint: 76, _of_a_generation: 10, _general: 14}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a question about a checkpoint, a generation or the family."""
    return rng.choices(tuple(KINDS), tuple(KINDS.values()))[0](rng, split)
