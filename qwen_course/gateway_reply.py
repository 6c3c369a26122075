"""Replies as OpenAI's chat completions: whole, or in chunks of a stream. Thinking is in `reasoning_content`."""

import json
import time
from uuid import uuid4

from .messages import openai_messages
from .reply import Piece, Reply


def completion(reply: Reply, model: str) -> dict:
    """Return the body of an answer that is not streamed."""
    message = openai_messages([reply.message])[0]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
    return {**_head("chat.completion", model), "choices": [choice], "usage": _usage(reply)}


class Chunks:
    """Write one stream as server-sent events; all its chunks carry the same id."""

    def __init__(self, model: str) -> None:
        self._head = _head("chat.completion.chunk", model)

    def piece(self, piece: Piece) -> str:
        """Return the event of a bit of text."""
        field = "reasoning_content" if piece.kind == "thinking" else "content"
        return self._event({"role": "assistant", field: str(piece)}, None)

    def end(self, reply: Reply, *, usage: bool) -> str:
        """Return the last events: tool calls, why it ended, what it cost if asked for, and the mark of the end."""
        delta = {}
        if reply.tool_calls:
            calls = openai_messages([reply.message])[0]["tool_calls"]
            delta = {"tool_calls": [{"index": index, **call} for index, call in enumerate(calls)]}
        events = self._event(delta, reply.finish_reason)
        if usage:
            events += event({**self._head, "choices": [], "usage": _usage(reply)})
        return events + "data: [DONE]\n\n"

    def _event(self, delta: dict, finish_reason: str | None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return event({**self._head, "choices": [choice]})


def event(value: dict) -> str:
    """Return one server-sent event."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _head(kind: str, model: str) -> dict:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _usage(reply: Reply) -> dict:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "completion_tokens_details": {"reasoning_tokens": reply.thinking_tokens},
    }
