"""A problem with its grader: the unit in which skills are trained and measured.

A skill module holds one function, `problem(rng, split)`, that draws one `Problem`. Everything that the draw depends on
comes from `rng`, so a seed fixes the data. This module knows nothing about models: a grader sees a reply and says right or wrong.
"""

from __future__ import annotations

import difflib
import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from qwen_course.conversation import Reply

Split = Literal["train", "test"]


@dataclass(frozen=True)
class Problem:
    """Hold one question, what a right answer must hold, and a worked solution.

    `thinking` and `answer` are what Pocket was trained to write; other models are only graded. Introduced in notebook 02.
    """

    skill: str
    messages: list[dict[str, Any]]
    difficulty: str
    expected: str
    answer: dict[str, Any] = field(repr=False)
    grader: Callable[[Any], bool] = field(repr=False)
    thinking: str = field(default="", repr=False)
    tools: list[dict[str, Any]] | None = field(default=None, repr=False)

    def grade(self, reply: Reply | str) -> bool:
        """Return whether the reply (or its text) is right; a reply that cannot be read is wrong, never an error."""
        return bool(self.grader(reply))


def check_draw(skill: str, known: tuple[str, ...], split: str, n: int, kind: str = "skill") -> None:
    """Raise ValueError for a skill that is not known (`kind` says of which kind), an unknown split, or n < 1."""
    if skill not in known:
        near = difflib.get_close_matches(skill, known, n=2, cutoff=0.3) or known
        raise ValueError(
            f"unknown {kind} {skill!r}: expected one of {', '.join(known)}; did you mean {' or '.join(near)}?"
        )
    if split not in ("train", "test"):
        raise ValueError(f"unknown split {split!r}: expected 'train' or 'test'")
    if n < 1:
        raise ValueError(f"n is {n}: ask for at least one problem")


def text_of(reply: Reply | str) -> str:
    """Return the answer text of a reply, or the string itself."""
    return reply if isinstance(reply, str) else (reply.text or "")


def held_out(key: str, share: float = 0.1) -> bool:
    """Return whether this key belongs to the test split: a fixed pseudo-random `share` of all keys does."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < share


# A key that is held out at every share: for what must never be trained on, whatever its own key says.
ALWAYS_HELD_OUT = next(key for key in map(str, range(1000)) if held_out(key, 0.01))


def draw(split: Split, make: Callable[[], Any], key: Callable[[Any], str], share: float = 0.1) -> Any:
    """Draw candidates from `make` until one whose key belongs to the split comes.

    Raises RuntimeError after 10,000 vain draws: then the generator has no candidate for this split.
    """
    for _ in range(10_000):
        candidate = make()
        if held_out(key(candidate), share) == (split == "test"):
            return candidate
    raise RuntimeError(f"no candidate of the {split} split in 10,000 draws: the generator is too narrow for it")


def pick_wording(rng: random.Random, split: Split, seen: tuple[str, ...], unseen: tuple[str, ...]) -> str:
    """Choose a wording: training sees only `seen`; a third of the test problems use `unseen`."""
    return rng.choice(unseen) if split == "test" and unseen and rng.random() < 1 / 3 else rng.choice(seen)


def vary(rng: random.Random, text: str) -> str:
    """Change case, final punctuation and politeness as people do; the meaning stays."""
    roll = rng.random()
    if roll < 0.08:
        text = text.lower()
    elif roll < 0.12:
        text = text.upper()
    elif roll < 0.20 and text[0].isascii() and text[1:2].islower():
        text = text[0].lower() + text[1:]
    if rng.random() < 0.15:
        text = text.rstrip("?.!。？")
    if rng.random() < 0.06 and text.isascii():
        text = rng.choice(("Please: ", "Hi! ", "Hello, ", "One question: ")) + text
    return text


_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[-−–]?\d+(?:,\d{3})*(?:\.\d+)?")


def last_integer(text: str) -> int | None:
    """Return the last number in the text if it is whole, else None; `1,234`, `7.0` and `−5` are read as people write them.

    last_integer("17 + 4 = 21.") -> 21
    """
    found = _NUMBER.findall(text)
    if not found:
        return None
    value = float(found[-1].replace(",", "").replace("−", "-").replace("–", "-"))
    return int(value) if value.is_integer() else None
