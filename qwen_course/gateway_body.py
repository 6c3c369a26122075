"""Read a request's body within its limits of size and time, and turn it into the options of `service.chat`."""

import asyncio
import json
from dataclasses import fields

from .gateway_errors import GatewayError
from .gateway_leaving import ClientLeft
from .sampling import Sampling

_SAMPLING = tuple(field.name for field in fields(Sampling))
_KNOWN = {
    *("model", "messages", "tools", "tool_choice", "stream", "stream_options", "seed", "n", "user"),
    *("max_tokens", "max_completion_tokens", "chat_template_kwargs"),
    *_SAMPLING,
}


async def read_body(request, *, max_bytes: int, seconds: float) -> bytes:
    """Return the whole body. Raises GatewayError 413 above `max_bytes`, 408 where it is not there after `seconds`.

    What is too much is still read, but not kept: a client that is cut off while it sends never sees the answer.
    """
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                event = await request.receive()
                if event["type"] == "http.disconnect":
                    raise ClientLeft
                part, more = event.get("body", b""), event.get("more_body", False)
                size += len(part)
                if size <= max_bytes:
                    body += part
                else:
                    body.clear()
    except TimeoutError:
        raise GatewayError(408, "slow_request", f"The request was not complete within {seconds:g} s.") from None
    if size > max_bytes:
        raise GatewayError(
            413, "request_too_large", f"The request has {size:,} bytes; at most {max_bytes:,} are taken."
        )
    return bytes(body)


def parse(body: bytes, *, model: str, max_new_tokens: int) -> tuple[dict, bool, bool]:
    """Return (options of `service.chat`, whether to stream, whether the stream ends with the usage).

    A field that the service would not honour is refused by its name rather than ignored.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise GatewayError(400, "invalid_json", "The body is no JSON (or is nested too deeply).") from None
    if not isinstance(asked, dict):
        raise GatewayError(400, "invalid_request", "The body is no JSON object.")
    asked = {name: value for name, value in asked.items() if value is not None}
    for name in asked.keys() - _KNOWN:
        raise GatewayError(400, "unsupported_parameter", f"{name[:60]!r} is not supported here.", param=name[:60])
    if asked.get("model", model) != model:
        raise GatewayError(404, "model_not_found", f"That model is not served here; {model!r} is.", param="model")
    if asked.get("n", 1) != 1:
        raise GatewayError(400, "unsupported_parameter", "n is more than 1; ask several times instead.", param="n")
    if "messages" not in asked:
        raise GatewayError(400, "invalid_request", "messages is missing.", param="messages")
    options = {"messages": asked["messages"], "seed": asked.get("seed"), "thinking": _thinking(asked)}
    if _choice(asked) == "auto":
        options["tools"] = asked.get("tools")
    length = asked.get("max_completion_tokens", asked.get("max_tokens", max_new_tokens))
    if isinstance(length, int) and length > max_new_tokens:
        raise GatewayError(400, "invalid_request", f"At most {max_new_tokens} new tokens are made.", param="max_tokens")
    options["max_new_tokens"] = length
    if chosen := {name: asked[name] for name in _SAMPLING if name in asked}:
        options["sampling"] = Sampling(**chosen)
    stream_options = asked.get("stream_options", {})
    if not isinstance(asked.get("stream", False), bool) or not isinstance(stream_options, dict):
        raise GatewayError(400, "invalid_request", "stream is true or false, stream_options an object.", param="stream")
    return options, asked.get("stream", False), stream_options.get("include_usage") is True


def _thinking(asked: dict) -> bool | None:
    options = asked.get("chat_template_kwargs", {})
    thinking = options.get("enable_thinking") if isinstance(options, dict) else "?"
    if not isinstance(options, dict) or options.keys() - {"enable_thinking"} or thinking not in (True, False, None):
        message = 'chat_template_kwargs takes {"enable_thinking": true or false} and nothing else.'
        raise GatewayError(400, "unsupported_parameter", message, param="chat_template_kwargs")
    return thinking


def _choice(asked: dict) -> str:
    choice = asked.get("tool_choice", "auto")
    if choice not in ("auto", "none"):
        raise GatewayError(400, "unsupported_parameter", "tool_choice is 'auto' or 'none' here.", param="tool_choice")
    return choice
