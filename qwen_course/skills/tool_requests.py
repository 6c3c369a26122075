"""Requests that ask for tool calls: one call, several in one sentence, two requests in one message, and sums in the words of sums.

Held out: combinations of arguments, two wordings per tool, and one way to join two requests.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from qwen_course.skills import arithmetic
from qwen_course.skills.problem import Split, draw, pick_wording
from qwen_course.skills.tool_inventions import invent
from qwen_course.skills.tool_schemas import TOOLS, Tool

Call = tuple[Tool, dict[str, Any]]
JOINS, UNSEEN_JOINS = (" and ", " and then ", ", then ", " and also "), (" and after that ",)
SHARE_INVENTED = 0.25
MORE = 1.6  # in training: so many times the share of several calls and of invented tools, the hardest to learn


def _arguments(rng: random.Random, split: Split, tool: Tool) -> dict[str, Any]:
    """Return arguments of the split for one call."""
    return draw(split, lambda: tool.arguments(rng), lambda drawn: _key(tool, drawn))


def _key(tool: Tool, arguments: dict[str, Any]) -> str:
    """Return what decides whether these arguments are held out."""
    return tool.name + json.dumps(arguments, sort_keys=True)


def _request(rng: random.Random, split: Split, tool: Tool, values: dict[str, Any], tidy: bool = False) -> str:
    """Return a request in one of the tool's wordings; what has to be copied keeps its case."""
    seen = tuple(form for form in tool.seen if not (tidy and " does " in form))
    wording = pick_wording(rng, split, seen, tool.unseen)
    text = wording.format(**values)
    if tidy:
        return text
    if rng.random() < 0.12:
        text = text.rstrip("?.")
    if wording[0] != "{" and wording[1].islower() and rng.random() < 0.1:
        text = text[0].lower() + text[1:]
    return rng.choice(("Please: ", "Hi! ", "Hello, ", "One question: ")) + text if rng.random() < 0.05 else text


def _sum(rng: random.Random, split: Split, tool: Tool) -> tuple[str, list[Call]]:
    """Return a sum for the calculator, in the words in which people ask for sums, at times in another language."""
    operation = rng.choice("+-×")
    sign = rng.choice("×*") if operation == "×" else operation
    a, b = draw(
        split,
        lambda: arithmetic.operands(rng, split, operation),
        lambda pair: _key(tool, {"expression": f"{pair[0]} {sign} {pair[1]}"}),
    )
    language = rng.choice((*arithmetic.LANGUAGES, *["English"] * 9))
    asked = arithmetic.ask(rng, split, operation, a, b, language)
    return asked.messages[0]["content"], [(tool, {"expression": f"{a} {sign} {b}"})]


def one(rng: random.Random, split: Split) -> tuple[str, list[Call]]:
    """Return a request for one call."""
    tool = (
        invent(rng, split)
        if rng.random() < SHARE_INVENTED * (MORE if split == "train" else 1)
        else rng.choice(tuple(TOOLS.values()))
    )
    if tool.name == "calculate" and rng.random() < 0.5:
        return _sum(rng, split, tool)
    arguments = _arguments(rng, split, tool)
    return _request(rng, split, tool, arguments), [(tool, arguments)]


def _listed(rng: random.Random, split: Split, most: int) -> tuple[str, list[Call]]:
    """Return one request that names two values or `most`: the weather in Oslo and in Rome."""
    tool = (
        invent(rng, split, listed=True) if rng.random() < 0.3 else rng.choice([t for t in TOOLS.values() if t.listed])
    )
    arguments = _arguments(rng, split, tool)
    calls, key = [(tool, arguments)], tool.listed
    shared = {name: value for name, value in arguments.items() if name != key}
    many = most if rng.random() < (0.4 if split == "train" else 0.2) else 2
    while len(calls) < many:
        value = _arguments(rng, split, tool)[key]
        if all(value != other[key] for _, other in calls):
            calls.append((tool, {key: value, **shared} if next(iter(arguments)) == key else {**shared, key: value}))
    named = [tool.listed_as.format(v=call[key]) for _, call in calls]
    # The wording has its own article before the first value.
    head = ", ".join([str(arguments[key]), *named[1:-1]])
    text = _request(rng, split, tool, {**arguments, key: f"{head} and\0{named[-1]}"}, tidy=True)
    preposition = re.search(rf"\b(in|of|to) (the )?{re.escape(head)}", text)
    again = f" {preposition[1]} " if many == 2 and preposition and rng.random() < 0.5 else " "
    return text.replace("\0", again), calls


def _joined(rng: random.Random, split: Split) -> tuple[str, list[Call]]:
    """Return two requests in one message."""
    fixed = list(TOOLS.values())
    first = invent(rng, split) if rng.random() < 0.2 else rng.choice(fixed)
    second = first if rng.random() < 0.25 else rng.choice([tool for tool in fixed if tool is not first])
    if first is not second and rng.random() < 0.5:
        first, second = second, first
    calls = [(first, _arguments(rng, split, first))]
    while len(calls) < 2:
        arguments = _arguments(rng, split, second)
        if first is not second or arguments != calls[0][1]:
            calls.append((second, arguments))
    if rng.random() < 0.35:
        return " ".join(_request(rng, split, tool, drawn, tidy=True) for tool, drawn in calls), calls
    join = pick_wording(rng, split, JOINS, UNSEEN_JOINS)
    text = join.join(rng.choice(tool.tasks).format(**drawn) for tool, drawn in calls)
    return text[0].upper() + text[1:] + rng.choice((".", ".", "")), calls


def several(rng: random.Random, split: Split, most: int = 3) -> tuple[str, list[Call]]:
    """Return a request for two calls, now and then for `most`."""
    return _listed(rng, split, most) if rng.random() < 0.5 else _joined(rng, split)
