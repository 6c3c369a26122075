"""Ask for JSON of a schema: validate the reply, ask again with the error, or let the model write nothing else.

Three steps that build upon each other, each with its price: a prompt that states the schema (`json_prompt`), a retry
that says what was wrong, and constrained decoding (`constrained.py`; on an endpoint the server's own). Valid JSON need
not be right: what it says has to be checked as any answer of a model has.
"""

import json
import re
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Any

from .json_schemas import plain_schema
from .reply import Reply
from .sampling import Sampling

_STARTS = 100  # places where JSON may begin that are tried: "[[[[..." must not take for ever
_AGAIN = "That does not fit the schema. {error}\nAnswer again with JSON only."


@dataclass(frozen=True)
class JsonAnswer:
    """What came of asking for JSON. `value` is None where no try fitted; `error` then says what was wrong last.

    `tries` holds the replies in their order: more than one where it was asked again. Introduced in notebook 03.
    """

    value: Any
    error: str
    tries: tuple[Reply, ...]

    @property
    def valid(self) -> bool:
        return not self.error

    @property
    def reply(self) -> Reply:
        """The last reply."""
        return self.tries[-1]

    @property
    def tokens(self) -> int:
        """The number of tokens generated in all tries."""
        return sum(reply.completion_tokens for reply in self.tries)

    @property
    def seconds(self) -> float:
        return sum(reply.seconds for reply in self.tries)

    def _repr_html_(self) -> str:
        shown = "white-space:pre-wrap;overflow-wrap:anywhere"
        outcome = f"<code>{escape(repr(self.value))}</code>" if self.valid else f"Not valid: {escape(self.error)}"
        rows = "".join(
            f'<li><code style="{shown}">{escape(reply.text) or "(nothing)"}</code></li>' for reply in self.tries
        )
        footer = f"{len(self.tries)} tries, {self.tokens} tokens, {self.seconds:.2f} s"
        return f"<div><div>{outcome}</div><ol>{rows}</ol><div style='opacity:.75;font-size:85%'>{footer}</div></div>"


def parse_json(reply: Reply | str, schema: Any) -> Any:
    """Return the JSON value in a reply, validated: an instance of a pydantic model class, or plain data of a schema.

    A fence or words around the JSON do no harm. Raises ValueError with one line on what is wrong, the field in front.
    Introduced in notebook 03.

    parse_json('{"age": "old"}', Person) -> ValueError: name: Field required; age: Input should be a valid integer, ...
    """
    text = reply if isinstance(reply, str) else reply.text
    found = _find_json(text)
    if found is None:
        raise ValueError("There is no JSON in the reply.")
    if isinstance(schema, type) and hasattr(schema, "model_validate_json"):
        from pydantic import ValidationError

        try:
            return schema.model_validate_json(found)
        except ValidationError as error:
            raise ValueError("; ".join(_line(one["loc"], one["msg"]) for one in error.errors())) from None
    from jsonschema import Draft202012Validator

    value = json.loads(found)
    validator = Draft202012Validator(plain_schema(schema))
    if errors := sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path))):
        raise ValueError("; ".join(_line(error.absolute_path, error.message[:200]) for error in errors))
    return value


def ask_json(
    qwen,
    messages: str | list[dict],
    schema: Any,
    *,
    retries: int = 0,
    constrained: bool = False,
    thinking: bool | None = None,
    system: str | None = None,
    max_new_tokens: int = 512,
    sampling: Sampling | None = None,
    seed: int | None = None,
) -> JsonAnswer:
    """Ask for JSON of a schema; a reply that does not fit is shown to the model with its error, `retries` times.

    The messages are sent as they are; `json_prompt` states the schema in them. With `constrained` a local model can
    write only JSON of the schema, after thinking freely where it thinks, and the schema must be bounded (`unbounded`
    tells): then `max_new_tokens` counts for the thinking alone. An endpoint gets the schema as `response_format`. What
    the model wrote is never an error here; bad options are a ValueError. Introduced in notebook 03.

    ask_json(qwen, json_prompt("Ana Fox is 31.", Person), Person, retries=1).value -> Person(name='Ana Fox', age=31)
    """
    options = dict(thinking=thinking, system=system, max_new_tokens=max_new_tokens, sampling=sampling, seed=seed)
    return ask_json_batch(qwen, [messages], schema, retries=retries, constrained=constrained, **options)[0]


def ask_json_batch(
    qwen,
    conversations: list[str | list[dict]],
    schema: Any,
    *,
    retries: int = 0,
    constrained: bool = False,
    thinking: bool | None = None,
    system: str | None = None,
    max_new_tokens: int = 512,
    sampling: Sampling | None = None,
    seed: int | None = None,
) -> list[JsonAnswer]:
    """Return one JsonAnswer per conversation: all first tries in one batch, then all second tries that are needed.

    Options as for `ask_json`, the same for all. Introduced in notebook 03.
    """
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise ValueError(f"retries is {retries!r}; expected a whole number of at least 0.")
    plain_schema(schema)  # what is no schema is an error before anything is asked
    options = dict(thinking=thinking, system=system, max_new_tokens=max_new_tokens, sampling=sampling, seed=seed)
    starts = [_as_list(messages) for messages in conversations]
    current = list(starts)
    tries: list[list[Reply]] = [[] for _ in starts]
    values, errors = [None] * len(starts), ["not asked"] * len(starts)
    for _ in range(retries + 1):
        open_rows = [i for i, error in enumerate(errors) if error]
        if not open_rows:
            break
        replies = _chat(qwen, [current[i] for i in open_rows], schema if constrained else None, options)
        for i, reply in zip(open_rows, replies, strict=True):
            tries[i].append(reply)
            values[i], errors[i] = _judge(reply, schema)
            # only the last try is shown again, so that the prompt does not grow with each
            again = {"role": "user", "content": _AGAIN.format(error=errors[i])}
            current[i] = [*starts[i], {"role": "assistant", "content": reply.text}, again]
    return [JsonAnswer(value, error, tuple(made)) for value, error, made in zip(values, errors, tries, strict=True)]


def _chat(qwen, conversations: list[list[dict]], schema: Any, options: dict) -> list[Reply]:
    from .endpoint import EndpointQwen

    if schema is None:
        return qwen.chat_batch(conversations, **options)
    if isinstance(qwen, EndpointQwen):
        from .endpoint_json import chat_with_schema

        return chat_with_schema(qwen, conversations, schema, **options)
    from .constrained import chat_constrained

    return chat_constrained(qwen, conversations, schema, **options)


def _judge(reply: Reply, schema: Any) -> tuple[Any, str]:
    try:
        return parse_json(reply, schema), ""
    except ValueError as error:
        cut = " The reply was cut off." if reply.finish_reason == "length" else ""
        return None, f"{error}{cut}"


def _as_list(messages: str | list[dict]) -> list[dict]:
    return [{"role": "user", "content": messages}] if isinstance(messages, str) else list(messages)


def _find_json(text: str) -> str | None:
    """Return the first JSON object or list in a text, fenced or not, as text."""
    decoder = json.JSONDecoder()
    for start in islice(re.finditer(r"[{\[]", text), _STARTS):
        try:
            _, end = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        return text[start.start() : end]
    return None


def _line(path: Any, said: str) -> str:
    where = ".".join(map(str, path))
    return f"{where}: {said}" if where else said
