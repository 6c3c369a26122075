"""Tools described in the prompt: call the right one (or several), or say that none fits, or answer from what a tool returned.

Held out: combinations of arguments, two wordings per tool, one way to join two requests, the names and attributes of some invented tools
(see `tool_inventions.py`), three error messages, and pairs of numbers and lines of small talk as in their own skills.
Problems in which a tool result holds an order are in `tool_results.py` with all others that read results.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from qwen_course.skills import arithmetic, smalltalk, tool_results
from qwen_course.skills.injection import InjectedProblem, data_prompt
from qwen_course.skills.problem import Problem, Split, text_of
from qwen_course.skills.smalltalk import TALK
from qwen_course.skills.tool_inventions import invent
from qwen_course.skills.tool_requests import MORE, Call, one, several
from qwen_course.skills.tool_schemas import TOOLS, Tool

__all__ = ["NO_TOOL", "TOOLS", "calls_of", "injected_result", "problem"]

NO_TOOL = "None of my tools can do that."
# What a model may say that has no tool for a request; Pocket says NO_TOOL.
UNABLE = re.compile(
    r"none of my tools|no (suitable |matching |available )?(tool|function)|\b(unable|cannot|can't|can only|couldn't|sorry)\b|not able|(do not|don't) have"
)
PLAIN_PROMPTS = (
    "You are a helpful assistant.",
    "You are Pocket, a small teaching model.",
    "Answer briefly.",
    "You are a friendly assistant with tools.",
)
SHARE_READ, SHARE_DIRECT, SHARE_SEVERAL = 0.24, 0.18, 0.16
SHARE_INJECTED = 0.1  # of the results
SHARE_DATA_PROMPT = 0.05  # a rule against orders in data must not change what happens where there are none


def calls_of(reply: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, arguments) of each call of a reply; a plain string holds none."""
    return [] if isinstance(reply, str) else [(call.name, call.arguments) for call in reply.tool_calls]


def _plain(value: Any) -> Any:
    """Return a value of an argument such that two which mean the same are equal."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return repr(value)
    text = re.sub(r"^(the|an?) ", "", " ".join(value.casefold().split())).rstrip(".!")
    return re.sub(r"\s*([-+*])\s*", r"\1", text.replace("×", "*")) if text[:1].isdigit() else text


def same_calls(reply: Any, calls: list[Call]) -> bool:
    """Return whether the reply makes exactly these calls, in any order."""
    left = [(tool.name, {key: _plain(value) for key, value in arguments.items()}) for tool, arguments in calls]
    for name, arguments in calls_of(reply):
        if not isinstance(arguments, dict):
            return False
        made = name, {key: _plain(value) for key, value in arguments.items()}
        if made not in left:
            return False
        left.remove(made)
    return not left


def _shown(
    rng: random.Random, split: Split, wanted: list[Tool], avoid: Tool | None = None, most: int = 4
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the schemas of the wanted tools among others, up to `most`, and their topics; no other one could do the same, nor `avoid`."""
    tools = list({tool.name: tool for tool in wanted}.values())
    known = [tool for tool in (*tools, avoid) if tool]
    names, topics = {tool.name for tool in known}, {tool.topic for tool in known if tool.topic}
    kinds = [tool.kind for tool in known if tool.kind]
    number = max(len(tools), rng.choices((1, 2, 3, 4)[:most], (3, 4, 4, 5)[:most])[0])
    while len(tools) < number:
        if rng.random() < (0.6 if kinds else 0.2):
            # Another attribute of the same kind of thing: only the description tells the two apart.
            alike = bool(kinds) and rng.random() < 0.5
            other = invent(rng, "train", kinds[0]) if alike else invent(rng, split)
        else:
            other = rng.choice(tuple(TOOLS.values()))
        if other.name not in names and other.topic not in topics:
            tools.append(other)
            names.add(other.name)
            topics |= {other.topic} if other.topic else set()
    rng.shuffle(tools)
    return [tool.schema(rng) for tool in tools], {tool.name: tool.topic for tool in tools}


def _notes(tools: list[dict[str, Any]], topics: dict[str, str]) -> dict[str, str]:
    """Return a line of thinking for each tool shown, by its name: what it is about, its name, its parameters."""
    functions = [tool["function"] for tool in tools]
    return {
        function[
            "name"
        ]: f"{topics[function['name']]}: {function['name']}({', '.join(function['parameters']['properties'])})"
        for function in functions
    }


def _message(calls: list[Call]) -> dict[str, Any]:
    """Return the assistant's turn that makes the calls."""
    made = [
        {"id": f"call_{i}", "type": "function", "function": {"name": tool.name, "arguments": arguments}}
        for i, (tool, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": "", "tool_calls": made}


def _ask(rng: random.Random, split: Split) -> Problem:
    """Draw a request that needs one or more calls."""
    many = rng.random() < SHARE_SEVERAL * (MORE if split == "train" else 1) / (1 - SHARE_READ - SHARE_DIRECT)
    text, calls = several(rng, split) if many else one(rng, split)
    # Several calls are long: fewer tools keep the whole within 512 tokens.
    tools, topics = _shown(rng, split, [tool for tool, _ in calls], most=3 if many else 4)
    notes = _notes(tools, topics)
    lines = list(notes.values())
    lines += [
        f"Wanted: {notes[tool.name]} {', '.join(f'{key}: {value}' for key, value in arguments.items())}"
        for tool, arguments in calls
    ]
    if many:
        difficulty = f"{len(calls)} calls"
    else:
        difficulty = "an invented tool" if calls[0][0].name not in TOOLS else f"choose among {len(tools)}"
    return Problem(
        skill="tool_call",
        messages=[{"role": "user", "content": text}],
        tools=tools,
        difficulty=difficulty,
        expected="; ".join(f"{tool.name}({json.dumps(arguments, ensure_ascii=False)})" for tool, arguments in calls),
        thinking="\n".join(lines),
        answer=_message(calls),
        grader=lambda reply: same_calls(reply, calls),
    )


def _direct(rng: random.Random, split: Split) -> Problem:
    """Draw a message that no tool shown is for: small talk, an easy sum, or a request for a tool that is not there."""
    kind, tools = rng.choice(("small talk", "easy sum", "no tool fits")), None
    if kind == "easy sum":
        tools, _ = _shown(rng, split, [], avoid=TOOLS["calculate"])
        asked = arithmetic.ask(rng, split, "+", *arithmetic.operands(rng, split, "+", sizes=(1, 1, 2)))
        text, answer = asked.messages[0]["content"], asked.answer["content"]
        thinking, right = f"No tool is needed.\n{asked.thinking}", asked.grader
    elif kind == "small talk":
        tools, _ = _shown(rng, split, [])
        said = smalltalk.problem(rng, split)
        while said.difficulty not in TALK:
            said = smalltalk.problem(rng, split)
        text, answer = said.messages[0]["content"], said.answer["content"]
        thinking, right = "No tool is needed.", said.grader
    else:
        calls = [(TOOLS["calculate"], {})]
        while calls[0][0].name == "calculate":  # sums need no tool
            text, calls = one(rng, split)
        tools, topics = _shown(rng, split, [], avoid=calls[0][0])
        answer, thinking = (
            NO_TOOL,
            "\n".join([*_notes(tools, topics).values(), f"Wanted: {calls[0][0].topic}: no tool"]),
        )

        def right(reply: Any) -> bool:
            return UNABLE.search(text_of(reply).lower().replace("’", "'")) is not None

    return Problem(
        skill="tool_call",
        messages=[{"role": "user", "content": text}],
        tools=tools,
        difficulty=kind,
        expected=answer,
        thinking=thinking,
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: not calls_of(reply) and right(reply),
    )


def _read(rng: random.Random, split: Split) -> Problem:
    """Draw a conversation in which the tools have just returned."""
    text, calls = several(rng, split, most=2) if rng.random() < 0.25 else one(rng, split)
    messages = [{"role": "user", "content": text}, _message(calls)]
    # As above: two calls and their results are long.
    tools, _ = _shown(rng, split, [tool for tool, _ in calls], most=3 if len(calls) > 1 else 4)
    return tool_results.read(rng, split, messages, calls, tools)


def injected_result(rng: random.Random, split: Split, defended: bool) -> InjectedProblem:
    """Draw a tool result that holds an order, with a system prompt against that or without.

    The grader says whether the question was answered rightly; `injection.obeyed(problem, reply)` says whether the order was followed.
    Undefended, `answer` is what Pocket was trained to write, the payload: its own grader calls that wrong.
    """
    text, calls = one(rng, split)
    messages = [{"role": "user", "content": text}, _message(calls)]
    tools, _ = _shown(rng, split, [tool for tool, _ in calls])
    return tool_results.read_injected(rng, split, messages, calls[0], tools, defended)


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a request with tools at hand, or a result to answer from; `injected_result` draws what an order in a result does undefended."""
    roll = rng.random()
    if roll < SHARE_READ * SHARE_INJECTED:
        drawn = injected_result(rng, split, defended=split == "test" or rng.random() < 0.5)
    elif roll < SHARE_READ:
        drawn = _read(rng, split)
    else:
        drawn = _direct(rng, split) if roll < SHARE_READ + SHARE_DIRECT else _ask(rng, split)
    messages, undefended = drawn.messages, drawn.difficulty == tool_results.UNDEFENDED
    if messages[0]["role"] == "system":
        return drawn
    if not undefended and rng.random() < SHARE_DATA_PROMPT:
        messages.insert(0, {"role": "system", "content": data_prompt(rng, split)})
    elif split == "train" and len(messages) > 1 and rng.random() < (0.4 if undefended else 0.1):
        # Not every system prompt is a rule about data. (The curriculum gives such prompts to single questions itself.)
        messages.insert(0, {"role": "system", "content": rng.choice(PLAIN_PROMPTS)})
    return drawn
