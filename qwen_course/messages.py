"""Check conversations before they reach a chat template.

Jinja templates skip what they do not know: a mistyped role or key would vanish in silence. So everything is checked
here, once, for local models and endpoints alike. No torch in this file, and no knowledge of any template.
"""

import json
from typing import Any

from .parts import check_parts, openai_parts

KEYS_BY_ROLE = {
    "system": {"content", "name"},
    "user": {"content", "name"},
    "assistant": {"content", "name", "tool_calls", "reasoning_content"},
    "tool": {"content", "name", "tool_call_id"},
}


def check_messages(messages: str | list[dict], *, system: str | None = None) -> list[dict]:
    """Return a fresh list of messages in one normal form, or raise a ValueError that says what is wrong and where.

    A string becomes one user turn. Tool-call arguments given as JSON text (as OpenAI's API has them) become dicts.
    Keys whose value is None are dropped. `system` is put in front. Introduced in notebook 02.
    Content may be a list of parts, texts and pictures (see `parts.py`); pictures are opened here. Introduced in
    notebook 09.

    check_messages("Hi") -> [{"role": "user", "content": "Hi"}]
    """
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    if not isinstance(messages, (list, tuple)):
        raise ValueError(
            f"messages is {_show(messages)}; expected a string or a list of dicts such as "
            '[{"role": "user", "content": "Hi"}].'
        )
    if not messages:
        raise ValueError("messages is empty; expected at least one user turn.")
    checked = [_check_message(message, f"messages[{i}]") for i, message in enumerate(messages)]
    if system is None:
        return checked
    if checked[0]["role"] == "system":
        raise ValueError("There are two system messages: system=... and messages[0]. Give one of them.")
    return [{"role": "system", "content": _text(system, "system")}, *checked]


def openai_messages(messages: list[dict]) -> list[dict]:
    """Return checked messages as OpenAI's API wants them: the arguments of tool calls as JSON text, each with an id."""
    sent = []
    for message in messages:
        if "tool_calls" in message:
            calls = [
                {
                    "id": call.get("id", f"call_{i}"),
                    "type": "function",
                    "function": {
                        "name": call["function"]["name"],
                        "arguments": json.dumps(call["function"]["arguments"], ensure_ascii=False),
                    },
                }
                for i, call in enumerate(message["tool_calls"])
            ]
            message = {**message, "tool_calls": calls}
        if isinstance(message.get("content"), list):
            message = {**message, "content": openai_parts(message["content"])}
        sent.append(message)
    return sent


def _check_message(message: Any, where: str) -> dict:
    if not isinstance(message, dict):
        raise ValueError(f"{where} is {_show(message)}; expected a dict with 'role' and 'content'.")
    role = message.get("role")
    if not isinstance(role, str) or role not in KEYS_BY_ROLE:
        raise ValueError(f"{where} has role {role!r}; expected one of {', '.join(map(repr, KEYS_BY_ROLE))}.")
    given = {key: value for key, value in message.items() if key != "role" and value is not None}
    unknown = [key for key in given if key not in KEYS_BY_ROLE[role]]
    if unknown:
        hint = " Reasoning belongs in 'reasoning_content'." if {"thinking", "reasoning"} & set(unknown) else ""
        raise ValueError(
            f"{where} (role {role!r}) has the unknown key {unknown[0]!r}; a template would ignore it in silence. "
            f"Known here: {', '.join(map(repr, sorted(KEYS_BY_ROLE[role])))}.{hint}"
        )
    checked = {"role": role}
    if "content" in given:
        checked["content"] = _content(given["content"], f"{where}['content']", pictures=role == "user")
    elif "tool_calls" in given:
        checked["content"] = ""  # OpenAI sends None beside tool calls; some templates would print the word "None"
    else:
        raise ValueError(f"{where} (role {role!r}) has no content; None is allowed only beside tool_calls.")
    for key in ("name", "tool_call_id", "reasoning_content"):
        if key in given:
            checked[key] = _text(given[key], f"{where}[{key!r}]")
    if "tool_calls" in given:
        calls = given["tool_calls"]
        if not isinstance(calls, (list, tuple)):
            raise ValueError(f"{where}['tool_calls'] is {_show(calls)}; expected a list.")
        if calls:
            checked["tool_calls"] = [_check_call(c, f"{where}['tool_calls'][{i}]") for i, c in enumerate(calls)]
    return checked


def _check_call(call: Any, where: str) -> dict:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
        raise ValueError(
            f"{where} is {_show(call)}; expected "
            '{"id": "call_0", "type": "function", "function": {"name": "...", "arguments": {...}}}.'
        )
    arguments = function.get("arguments", {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            raise ValueError(f"{where} has arguments that are not JSON: {_show(arguments)}.") from None
    if not isinstance(arguments, dict):
        raise ValueError(f"{where} has arguments {_show(arguments)}; expected a dict, or JSON text of one.")
    try:
        json.dumps(arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} has arguments that JSON cannot hold: {error}.") from None
    checked = {"type": "function", "function": {"name": function["name"], "arguments": arguments}}
    return {"id": call["id"], **checked} if isinstance(call.get("id"), str) else checked


def _content(value: Any, where: str, *, pictures: bool) -> str | list[dict]:
    if not isinstance(value, (list, tuple)):
        return _text(value, where)
    content = check_parts(value, where, pictures=pictures)
    if isinstance(content, str):
        return _text(content, where)
    for i, part in enumerate(content):
        if part["type"] == "text":
            _text(part["text"], f"{where}[{i}]['text']")
    return content


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where} is {_show(value)}; expected a string.")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{where} holds half of a surrogate pair, which is no character; decode it first.") from None
    return value


def check_tools(tools: list | None) -> list[dict] | None:
    """Return OpenAI tool schemas; Python functions become schemas by their hints and Google-style docstring.

    Raises ValueError for anything else. Introduced in notebook 03.
    """
    if not tools:
        return None
    if not isinstance(tools, (list, tuple)):
        raise ValueError(f"tools is {_show(tools)}; expected a list of tool schemas or Python functions.")
    return [_check_tool(tool, f"tools[{i}]") for i, tool in enumerate(tools)]


def tools_of_each(tools: list | None, count: int) -> list[list | None]:
    """Return the tools of each of `count` conversations: the same for all, or one list (or None) for each of them.

    Raises ValueError where there are lists for another number of conversations. Introduced in notebook 03.
    """
    if not isinstance(tools, list) or not tools or not all(isinstance(own, list | None) for own in tools):
        return [tools] * count
    if len(tools) != count:
        raise ValueError(f"tools has {len(tools)} lists for {count} conversations; give one for each, or one for all.")
    return list(tools)


def _check_tool(tool: Any, where: str) -> dict:
    if callable(tool):
        from transformers.utils import get_json_schema

        try:
            return get_json_schema(tool)
        except Exception as error:  # transformers has one exception class per cause; the learner needs only the cause
            raise ValueError(f"{where}: {error} Give hints and a docstring with an Args: section.") from error
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise ValueError(
            f"{where} is {_show(tool)}; expected a Python function or "
            '{"type": "function", "function": {"name": "...", "description": "...", "parameters": {...}}}.'
        )
    try:
        json.dumps(tool)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} holds what JSON cannot: {error}.") from None
    return tool


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
