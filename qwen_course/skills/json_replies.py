"""JSON beside plain extraction, for the training: the result of a sum as JSON, and a reply that did not fit and is written again.

No lesson asks these as a skill of their own; they let a program use a calculation, and mend a reply by saying what was wrong with it.
"""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

from qwen_course.skills import arithmetic, extract
from qwen_course.skills.problem import Problem, Split, text_of

KEYS = ("result", "answer", "value", "number", "sum", "total")
WISHES = (
    "Answer with a JSON object with the key {key}.", "Answer with JSON: the key is {key}.", "Give me JSON with the key {key}.", "Write a JSON object with the key {key}.",
    'Use this form: {{"{key}": ...}}', 'Answer with JSON that fits this schema: {{"properties": {{"{key}": {{"type": "integer"}}}}, "required": ["{key}"], "type": "object"}}',
    *(form + ' {{"properties": {{"{key}": {{"type": "integer"}}}}, "required": ["{key}"], "type": "object"}}' for form in (
        "Return JSON of this form:", "Answer with JSON of this form:", "Schema:", "Return a JSON object of this form:", "Give me JSON that fits")),
)  # fmt: skip
AGAIN = (
    "That does not fit the schema. {error}\nAnswer again with JSON only.", "This is wrong: {error}\nPlease answer again with JSON only.", "{error} Try again.", "Not valid. {error}\nWrite the JSON again.",
)  # fmt: skip


def result(rng: random.Random, split: Split) -> Problem:
    """Draw a calculation whose result is wanted as JSON."""
    problem, key = arithmetic.problem(rng, split), rng.choice(KEYS)
    value = {key: int(problem.expected)}
    message = problem.messages[-1]
    return dataclasses.replace(
        problem,
        messages=[{**message, "content": f"{message['content']}\n{rng.choice(WISHES).format(key=key)}"}],
        expected=json.dumps(value),
        answer={"role": "assistant", "content": json.dumps(value)},
        grader=lambda reply: extract.read_json(text_of(reply)) == value,
    )


def _spoil(rng: random.Random, wanted: dict[str, Any]) -> tuple[str, str]:
    """Return a reply that does not fit, and what a validator says of it."""
    key = rng.choice(tuple(wanted))
    kind = rng.randrange(4)
    if kind == 0:
        return " ".join(str(value) for value in wanted.values()), "There is no JSON in the reply."
    if kind == 1:
        return json.dumps({k: v for k, v in wanted.items() if k != key}), f"{key}: Field required"
    if kind == 2:
        return json.dumps(wanted)[: -rng.randint(1, 9)], "There is no JSON in the reply."
    told = "a valid string" if isinstance(wanted[key], str) else "a valid integer, unable to parse string as an integer"
    return json.dumps({**wanted, key: None if isinstance(wanted[key], str) else "?"}), f"{key}: Input should be {told}"


def again(rng: random.Random, split: Split) -> Problem:
    """Draw an extraction whose first reply did not fit, and the turn that says why and asks for it again."""
    problem = extract.problem(rng, split)
    wrong, error = _spoil(rng, json.loads(problem.expected))
    turns = [
        {"role": "assistant", "content": wrong},
        {"role": "user", "content": rng.choice(AGAIN).format(error=error)},
    ]
    return dataclasses.replace(
        problem,
        messages=[*problem.messages, *turns],
        answer={"role": "assistant", "content": problem.expected},
        grader=lambda reply: extract.read_json(text_of(reply)) == json.loads(problem.expected),
    )
