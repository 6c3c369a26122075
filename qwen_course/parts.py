"""Check the parts of a message: texts and pictures. No torch in this file.

Several spellings are in use; all of them become one: {"type": "text", "text": ...} and
{"type": "image", "image": a PIL picture}.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .pictures import data_url, open_picture

_EXPECTED = '{"type": "text", "text": "..."} or {"type": "image", "image": path, URL, PIL picture or array}'
_NOT_YET = {"video": "video", "video_url": "video", "audio": "sound", "audio_url": "sound", "input_audio": "sound"}


def check_parts(parts: list | tuple, where: str, *, pictures: bool = True) -> str | list[dict]:
    """Return parts in one form; parts that are all text become one string, which every template can read.

    `pictures=False` is for roles that have none. Raises ValueError and what `open_picture` raises. Introduced in
    notebook 09.
    """
    if not parts:
        raise ValueError(f"{where} is an empty list; expected at least one part, such as {_EXPECTED}.")
    checked = [_check_part(part, f"{where}[{i}]", pictures) for i, part in enumerate(parts)]
    if all(part["type"] == "text" for part in checked):
        return "".join(part["text"] for part in checked)
    return checked


def pictures_of(messages: list[dict]) -> list:
    """Return the pictures of checked messages, in order."""
    return [part["image"] for part in _parts(messages) if part["type"] == "image"]


def has_pictures(messages: Any) -> bool:
    """Return whether unchecked messages hold a part that is not text."""
    if not isinstance(messages, (list, tuple)):
        return False
    return not all(
        isinstance(part, dict) and part.get("type", "text") == "text" and "text" in part for part in _parts(messages)
    )


def openai_parts(parts: list[dict]) -> list[dict]:
    """Return checked parts as OpenAI's API wants them: each picture inside the message, as a data URL."""
    return [
        {"type": "image_url", "image_url": {"url": data_url(part["image"])}} if part["type"] == "image" else part
        for part in parts
    ]


def _parts(messages: list) -> Iterator[Any]:
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, (list, tuple)):
            yield from content


def _check_part(part: Any, where: str, pictures: bool) -> dict:
    if not isinstance(part, dict):
        raise ValueError(f"{where} is of the type {type(part).__name__}; expected {_EXPECTED}.")
    kind = part.get("type") or next((key for key in ("text", "image", "image_url", *_NOT_YET) if key in part), None)
    if kind == "text":
        if not isinstance(part.get("text"), str):
            raise ValueError(f"{where} has no text; expected {_EXPECTED}.")
        return {"type": "text", "text": part["text"]}
    if kind in _NOT_YET:
        raise ValueError(
            f"{where} is {_NOT_YET[kind]}, which this helper does not send: notebook 09 shows what it needs."
        )
    if kind not in ("image", "image_url"):
        raise ValueError(f"{where} has the type {kind!r}; expected {_EXPECTED}.")
    if not pictures:
        raise ValueError(f"{where} is a picture; pictures stand in user turns.")
    source = part.get("image", part.get("image_url", part.get("url", part.get("path"))))
    if isinstance(source, dict):
        source = source.get("url")
    if source is None:
        raise ValueError(f"{where} is a picture without a source; expected {_EXPECTED}.")
    return {"type": "image", "image": open_picture(source, where)}
