"""Ask an endpoint for JSON of a schema: the server constrains its model, by `response_format` of OpenAI's API.

vLLM, SGLang, llama.cpp and Ollama do; `transformers serve` and others refuse or ignore it, so the reply is validated
by the caller all the same.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .endpoint import EndpointQwen
from .endpoint_errors import EndpointRefused
from .json_schemas import plain_schema
from .reply import Reply

_AT_ONCE = 8


def chat_with_schema(qwen: EndpointQwen, conversations: list[list[dict]], schema: Any, **options) -> list[Reply]:
    """Return one reply per conversation; `options` are those of `chat`, conversation i is drawn with seed + i.

    Raises EndpointRefused, saying what to do, where the server does not take a schema.
    """
    name = getattr(schema, "__name__", "answer")
    form = {"type": "json_schema", "json_schema": {"name": name, "schema": plain_schema(schema), "strict": True}}
    seed = options.pop("seed")
    if options["thinking"] is not None:
        _ = qwen.thinking_modes  # found out once, not by each thread

    def ask(number: int) -> Reply:
        drawn = None if seed is None else seed + number
        stream = qwen.stream_as(conversations[number], response_format=form, seed=drawn, **options)
        for _ in stream:
            pass
        return stream.reply

    try:
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="qwen-json") as pool:
            return list(pool.map(ask, range(len(conversations))))
    except EndpointRefused as error:
        raise EndpointRefused(
            f"{error} If that is because of the schema: this server does not constrain its model. Ask without "
            "constrained=True and with retries, or serve the model with vLLM, SGLang, llama.cpp or Ollama."
        ) from error
