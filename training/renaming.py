"""Words that training never repeats: the names and things of an example are replaced by new words, in prompt and answer alike.

A small model learns to complete a known name rather than to copy it: two tokens that never stood beside each other are then copied
wrongly. A new word is one token that begins words and up to two that continue them, drawn from the vocabulary, so any pair occurs.
"""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import Any

from qwen_course.skills import pools, tool_inventions

COPYING = ("extract", "document", "tool_call", "memory", "system", "repeated")
LOWER_CASE = ("tool_call", "repeated")  # elsewhere words in lower case are those of the language: boxes, price, name
SHARE, MOST = {skill: 0.4 if skill == "tool_call" else 0.25 for skill in COPYING}, 3
KEPT = frozenset("name value number string integer object type none true false function description the".split())
_KNOWN = frozenset(
    word
    for pool in (
        pools.NAMES, pools.SURNAMES, pools.CITIES, pools.THINGS, tool_inventions.COUNTED, *tool_inventions.SETTINGS.values(),
        *(part for kind in tool_inventions.KINDS.values() for part in (kind[1], kind[3])),
    )
    for word in pool
) - KEPT  # fmt: skip
_INVENTED = re.compile(r"([bdfgklmnprstvz][aeiou]){2,4}", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+")


@lru_cache(maxsize=4)
def _pieces(tokenizer: Any) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the vocabulary's beginnings of words with a capital, those without, and what continues a word."""
    vocabulary = sorted(tokenizer.get_vocab())
    begins = [token[1:] for token in vocabulary if re.fullmatch("Ġ[A-Za-z][a-z]+", token)]
    return (
        tuple(token for token in begins if token[0].isupper()),
        tuple(token for token in begins if token[0].islower()),
        tuple(token for token in vocabulary if re.fullmatch("[a-z]+", token)),
    )


def new_word(tokenizer: Any, rng: random.Random, capital: bool) -> str:
    """Return a word of one to three tokens that need never have met."""
    upper, lower, more = _pieces(tokenizer)
    begin = rng.choice(upper if capital else lower)
    return begin + "".join(rng.choice(more) for _ in range(rng.choice((0, 1, 1, 1, 2, 2))))


def rename(tokenizer: Any, rng: random.Random, prompt: str, completion: str, skill: str) -> tuple[str, str]:
    """Return prompt and completion with up to three words that stand in both replaced by new ones, the same in both."""
    inside, answered = set(_WORD.findall(prompt)), set(_WORD.findall(completion))
    shared = sorted(
        word
        for word in inside & answered
        if (word in _KNOWN or (_INVENTED.fullmatch(word) and word.lower() not in KEPT))
        and (word[0].isupper() or skill in LOWER_CASE)
    )
    for word in rng.sample(shared, min(len(shared), rng.randint(1, MOST))):
        new = new_word(tokenizer, rng, word[0].isupper())
        if new in inside | answered or len(new) > 20:
            continue
        pattern = re.compile(rf"(?<![A-Za-z]){word}(?![A-Za-z])")
        prompt, completion = pattern.sub(new, prompt), pattern.sub(new, completion)
    return prompt, completion
