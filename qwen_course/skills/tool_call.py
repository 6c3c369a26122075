"""Tools described in the prompt: choose one and fill in its arguments, or read its result and answer.

Held out: combinations of arguments, and one wording per tool. Several calls in one turn are not asked for.
"""

from __future__ import annotations

import json
import random
from typing import Any

from qwen_course.skills.pools import CITIES, NAMES, THINGS
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of


def _tool(name: str, description: str, **parameters: str) -> dict[str, Any]:
    """Return an OpenAI tool schema; all parameters are required."""
    properties = {key: {"type": kind} for key, kind in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


# name: (schema, wordings seen, wordings unseen, result as the tool returns it, answer from the result)
TOOLS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...], str, str]] = {
    "get_weather": (
        _tool("get_weather", "Get the weather of a city", city="string"),
        ("What is the weather in {city}?", "How is the weather in {city} today?", "Is it warm in {city}?", "Tell me the weather of {city}."),
        ("What is the weather like in {city}?",),
        '{{"temperature": {n}, "sky": "{sky}"}}',
        "In {city} it is {n} degrees and {sky}.",
    ),
    "get_time": (
        _tool("get_time", "Get the local time of a city", city="string"),
        ("What time is it in {city}?", "Tell me the time in {city}.", "How late is it in {city} now?", "I need the local time of {city}."),
        ("What is the time in {city}?",),
        '{{"time": "{n}:{m}"}}',
        "In {city} it is {n}:{m}.",
    ),
    "convert_currency": (
        _tool("convert_currency", "Convert an amount of money", amount="number", source="string", target="string"),
        ("Convert {amount} {source} to {target}.", "How much is {amount} {source} in {target}?", "What are {amount} {source} in {target}?"),
        ("Change {amount} {source} to {target}, please.",),
        '{{"amount": {n}}}',
        "{amount} {source} are {n} {target}.",
    ),
    "add_event": (
        _tool("add_event", "Add an event to the calendar", title="string", day="string", hour="integer"),
        ("Put {title} on {day} at {hour} into my calendar.", "Add {title} to my calendar: {day}, {hour}.", "Plan {title} for {day} at {hour}."),
        ("Please add {title} on {day} at {hour} to the calendar.",),
        '{{"ok": true}}',
        "{title} is in your calendar: {day} at {hour}.",
    ),
    "send_message": (
        _tool("send_message", "Send a short message to a person", to="string", text="string"),
        ('Send "{text}" to {to}.', 'Write to {to}: "{text}".', 'Tell {to}: "{text}".'),
        ('Send a message to {to}: "{text}".',),
        '{{"sent": true}}',
        "Your message to {to} was sent.",
    ),
    "search_stock": (
        _tool("search_stock", "Look up how many pieces of a product are in stock", product="string"),
        ("How many {product} are in stock?", "Do we have {product} in stock?", "Look up the stock of {product}.", "Are there {product} left in stock?"),
        ("Check the stock of {product}.",),
        '{{"pieces": {n}}}',
        "There are {n} {product} in stock.",
    ),
}  # fmt: skip
CURRENCIES = ("euros", "dollars", "yen", "pounds", "pesos", "rupees")
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
TITLES = ("lunch", "a meeting", "tennis", "a concert", "the dentist", "a call", "dinner", "a walk", "chess", "a lesson")
TEXTS = (
    "I am late",
    "See you soon",
    "Happy birthday",
    "The train is late",
    "Call me back",
    "Thank you",
    "I am at home",
    "Good luck",
)


def _arguments(rng: random.Random, name: str) -> dict[str, Any]:
    """Return arguments of one call."""
    source, target = rng.sample(CURRENCIES, 2)
    values = {
        "city": rng.choice(CITIES), "amount": rng.randint(2, 999), "source": source, "target": target, "title": rng.choice(TITLES),
        "day": rng.choice(DAYS), "hour": rng.randint(8, 21), "to": rng.choice(NAMES), "text": rng.choice(TEXTS), "product": rng.choice(THINGS),
    }  # fmt: skip
    return {key: values[key] for key in TOOLS[name][0]["function"]["parameters"]["properties"]}


def calls_of(reply: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, arguments) of each call of a reply; a plain string holds none."""
    return [] if isinstance(reply, str) else [(call.name, call.arguments) for call in reply.tool_calls]


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a request for which one of up to three tools is right; every third time with the tool's result already there."""
    name = rng.choice(tuple(TOOLS))
    schema, seen, unseen, result, answer = TOOLS[name]
    arguments = draw(split, lambda: _arguments(rng, name), lambda drawn: name + json.dumps(drawn, sort_keys=True))
    others = rng.sample([other for other in TOOLS if other != name], rng.choice((0, 1, 1, 2)))
    tools = [TOOLS[other][0] for other in others] + [schema]
    rng.shuffle(tools)
    question = {"role": "user", "content": pick_wording(rng, split, seen, unseen).format(**arguments)}
    call = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": name, "arguments": arguments}}],
    }
    if rng.random() < 2 / 3:
        return Problem(
            skill="tool_call",
            messages=[question],
            tools=tools,
            difficulty=f"choose among {len(tools)}",
            expected=f"{name}({json.dumps(arguments, ensure_ascii=False)})",
            thinking=f"The tool {name} does this.",
            answer=call,
            grader=lambda reply: calls_of(reply) == [(name, arguments)],
        )
    facts = {
        "n": rng.randint(10, 40),
        "m": rng.randint(10, 59),
        "sky": rng.choice(("sunny", "cloudy", "rainy", "windy")),
    }
    facts["n"] = rng.randint(0, 23) if name == "get_time" else facts["n"] * rng.choice((1, 7))
    told = {"role": "tool", "tool_call_id": "call_0", "content": result.format(**facts)}
    wanted = [str(facts[key]) for key in ("n", "m", "sky") if "{" + key + "}" in answer] or [
        str(next(iter(arguments.values())))
    ]
    text = answer.format(**arguments, **facts)
    return Problem(
        skill="tool_call",
        messages=[question, call, told],
        tools=tools,
        difficulty="read the result",
        expected=text,
        thinking=f"The tool says {told['content']}.",
        answer={"role": "assistant", "content": text[0].upper() + text[1:]},
        grader=lambda reply: not calls_of(reply) and all(word.lower() in text_of(reply).lower() for word in wanted),
    )
