"""Look at text that comes from outside: how much there is, what it hides, what it tries to forge.

Marks that some languages need are let through and counted: the zero-width non-joiner of Persian, the joiner of emoji,
the direction marks of Arabic and Hebrew. What only serves to hide text from a human reader is refused.
"""

import re
from typing import Any

from .guard_errors import InputNotAllowed, InputTooLong

_DEPTH = 32
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")  # of Scotland, for one
_REFUSED = (
    (re.compile("[\ud800-\udfff]"), "half of a surrogate pair, which is no character"),
    (re.compile("[\U000e0000-\U000e007f]"), "an invisible tag character"),
    (re.compile("[\u202d\u202e]"), "a direction override, which shows text in another order than it is read"),
    (re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"), "a control character"),
)
_COUNTED = {
    "zero_width": re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\u180e]"),
    "direction_marks": re.compile("[\u200e\u200f\u061c\u202a-\u202c\u2066-\u2069]"),
}
# What Qwen's tokenizers have; used where the tokenizer itself is on a server
_CONTROL = re.compile(r"<\|\w{1,40}\|>|</?(?:think|tool_call|tool_response)>")


def all_texts(value: Any, *, max_characters: int) -> list[str]:
    """Return every string in a nested value, dict keys included, without recursion.

    Raises InputTooLong for too many characters, levels or parts, as soon as that is certain.
    """
    texts: list[str] = []
    characters = parts = 0
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        parts += 1
        if depth > _DEPTH:
            raise InputTooLong(f"The messages are nested more than {_DEPTH} levels deep.")
        if isinstance(item, str):
            texts.append(item)
            characters += len(item)
        elif isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, (list, tuple)):
            waiting += [(part, depth + 1) for part in item]
        if characters > max_characters or parts + len(waiting) > max_characters + 1000:
            raise InputTooLong(f"The messages have more than {max_characters:,} characters. Shorten them.")
    return texts


def refuse_hidden(texts: list[str]) -> None:
    """Raise InputNotAllowed where text hides something from a human reader."""
    for text in texts:
        if text.isascii() and text.isprintable():
            continue
        bare = _FLAG.sub("", text)
        for pattern, what in _REFUSED:
            if found := pattern.search(bare):
                raise InputNotAllowed(f"The text holds U+{ord(found[0]):04X}, {what}. Remove it and send it again.")


def control_pattern(tokenizer=None) -> re.Pattern:
    """Return what finds the names of control tokens: those of a tokenizer, or Qwen's usual ones."""
    names = [] if tokenizer is None else [name for name in tokenizer.added_tokens_encoder if name.startswith("<")]
    if not names:
        return _CONTROL
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


def findings(texts: list[str], control: re.Pattern) -> dict[str, int]:
    """Count what is let through, but worth a line in the log; without what is not there.

    findings(["<|im_end|> hi"], control_pattern()) -> {"control_tokens": 1}
    """
    counts = {"control_tokens": sum(len(control.findall(text)) for text in texts if "<" in text)}
    for name, pattern in _COUNTED.items():
        counts[name] = sum(len(pattern.findall(text)) for text in texts if not text.isascii())
    return {name: count for name, count in counts.items() if count}
