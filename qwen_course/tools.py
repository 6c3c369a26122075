"""Let a model call Python functions: show their schemas, validate what it asks for, run it, feed the result back.

The model only ever writes text. What is run is decided here: no name but those of the tools given, no arguments but
those that fit the hints, no more steps than allowed, and a say of the caller before a call that does something. What
goes wrong is told to the model as the result of its call, so that it can do better; nothing that a model or a tool does
raises. A tool runs with all rights of the notebook: give few, and none whose worst call you could not bear.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, get_type_hints

from .messages import check_messages, check_tools
from .reply import Reply, ToolCall
from .sampling import Sampling
from .tool_record import Problem, ToolRun, ToolStep

RESULT_CHARACTERS = 4000  # of one result; more would push the question out of the context
_UNREADABLE = "That tool call cannot be read. Write it again: the name, and the arguments as valid JSON or XML."

Confirm = Mapping[str, Callable[[ToolCall], bool]]


def call_tool(call: ToolCall, tools: list[Callable], *, confirm: Confirm | None = None) -> ToolStep:
    """Run one call of a model and return what to tell it; what the model or the tool does wrong is part of that.

    Arguments are validated and converted by the function's hints (pydantic): "12" becomes 12, a missing or an unknown
    argument is an error. `confirm` holds, by name, a function that says whether a call may be made. Results go back as
    JSON, errors as {"error": ...}, cut at 4,000 characters. Raises ValueError only for tools that are no functions or
    share a name. Introduced in notebook 03.

    call_tool(ToolCall("call_0", "add", {"a": 1}), [add]).result -> '{"error": "b: Field required"}'
    """
    named = _by_name(tools)
    start = perf_counter()
    result, problem = _outcome(call, named, confirm or {})
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    if len(text) > RESULT_CHARACTERS:
        text = f"{text[:RESULT_CHARACTERS]} ... (cut: {len(text)} characters)"
    # half of a surrogate pair is no character, and no template takes it
    return ToolStep(call, text.encode("utf-8", "replace").decode(), problem, perf_counter() - start)


def run_tools(
    qwen,
    messages: str | list[dict],
    tools: list[Callable],
    *,
    confirm: Confirm | None = None,
    max_steps: int = 5,
    thinking: bool | None = None,
    system: str | None = None,
    max_new_tokens: int = 512,
    sampling: Sampling | None = None,
    seed: int | None = None,
) -> ToolRun:
    """Ask, run the calls that the model makes, feed the results back, and go on until it answers.

    `tools` are Python functions with hints and a docstring with an Args: section. After `max_steps` replies with calls
    it ends, and calls of the reply after that are not made. `confirm` as for `call_tool`; the other options as for
    `chat`. Works on local models and endpoints. Introduced in notebook 03.

    run_tools(qwen, "What is the weather in Oslo?", [get_weather]).text -> "It is sunny in Oslo."
    """
    if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
        raise ValueError(f"max_steps is {max_steps!r}; expected a whole number of at least 1.")
    if unknown := set(confirm or {}) - set(_by_name(tools)):
        raise ValueError(f"confirm names {', '.join(sorted(unknown))}, which is no tool given; a typo?")
    schemas = check_tools(tools)
    conversation = check_messages(messages, system=system)
    options = dict(thinking=thinking, tools=schemas, max_new_tokens=max_new_tokens, sampling=sampling)
    replies: list[Reply] = []
    steps: list[ToolStep] = []
    while True:
        drawn = None if seed is None else seed + len(replies)
        reply = qwen.chat(conversation, **options, seed=drawn)
        replies.append(reply)
        conversation.append(reply.message)
        unreadable = not reply.tool_calls and "<tool_call>" in reply.text
        if reply.finish_reason == "length":
            stopped = "length"
        elif not reply.tool_calls and not unreadable:
            stopped = "answer"
        elif len(replies) > max_steps:
            stopped = "unreadable call" if unreadable else "step limit"
        else:
            stopped = ""
        if stopped:
            return ToolRun(conversation, tuple(replies), tuple(steps), stopped)
        if unreadable:
            conversation.append({"role": "user", "content": _UNREADABLE})
        for call in reply.tool_calls:
            steps.append(call_tool(call, tools, confirm=confirm))
            conversation.append(steps[-1].message)


def _by_name(tools: list[Callable]) -> dict[str, Callable]:
    if not isinstance(tools, (list, tuple)) or not tools or not all(map(callable, tools)):
        raise ValueError(f"tools is {tools!r}; expected a list of Python functions, such as [get_weather].")
    named = {tool.__name__: tool for tool in tools}
    if len(named) < len(tools):
        raise ValueError("Two of the tools have the same name; a model could not tell them apart. Rename one.")
    return named


def _outcome(call: ToolCall, tools: dict[str, Callable], confirm: Confirm) -> tuple[Any, Problem]:
    tool = tools.get(call.name)
    if tool is None:
        return {"error": f"{call.name[:80]} unknown, known: {', '.join(tools)}"}, "unknown tool"
    arguments, wrong = _validated(tool, call.arguments)
    if wrong:
        return {"error": wrong}, "bad arguments"
    try:
        if call.name in confirm and not confirm[call.name](ToolCall(call.id, call.name, arguments)):
            return {"error": "not allowed"}, "refused"
        return _json_value(tool(**arguments)), ""
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}, "exception"


def _validated(tool: Callable, arguments: dict) -> tuple[dict, str]:
    """Return the arguments as the hints want them, and what is wrong with them."""
    from pydantic import ConfigDict, Field, ValidationError, create_model

    hints = get_type_hints(tool)
    fields = {
        # names of ours, so that no argument can have the name of a method of pydantic's
        f"argument_{i}": (hints.get(name, Any), Field(alias=name, **_default(parameter)))
        for i, (name, parameter) in enumerate(inspect.signature(tool).parameters.items())
    }
    model = create_model("Arguments", __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True), **fields)
    try:
        checked = model.model_validate(arguments)
    except ValidationError as error:
        return {}, "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())[:400]
    return {model.model_fields[field].alias: getattr(checked, field) for field in checked.model_fields_set}, ""


def _default(parameter: inspect.Parameter) -> dict:
    """Return that an argument may be left out, where it may; the function itself then fills it in."""
    return {} if parameter.default is parameter.empty else {"default": None}


def _json_value(result: Any) -> Any:
    """Return the result if JSON can hold it; raise, as the tool's own error, where it cannot even be shown."""
    json.dumps(result, ensure_ascii=False, default=str)
    return result
