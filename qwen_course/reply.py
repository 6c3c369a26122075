"""What a model hands back: Reply, its tool calls, and the pieces of a stream.

Plain data without torch, so that an endpoint can return the same objects. How the text is cut into thinking, answer and
tool calls is the business of `parsing.py`.
"""

import json
from dataclasses import dataclass, field
from html import escape
from typing import Literal

Kind = Literal["thinking", "answer"]
FinishReason = Literal["stop", "length", "tool_calls"]


class Piece(str):
    """A bit of streamed text; `.kind` says whether it is "thinking" or "answer"."""

    kind: Kind

    def __new__(cls, text: str, kind: Kind) -> "Piece":
        piece = super().__new__(cls, text)
        piece.kind = kind
        return piece


@dataclass(frozen=True)
class ToolCall:
    """A function that the model asks us to call. `id` is unique within one reply: call_0, call_1, ..."""

    id: str
    name: str
    arguments: dict


@dataclass(frozen=True)
class Reply:
    """A model's turn, split into thinking, answer and tool calls, with what it cost.

    `completion_tokens` counts all that was generated, the end-of-turn token too; `thinking_tokens` those between
    the think tags. `finish_reason` "length" means that max_new_tokens cut the reply off. Introduced in notebook 02.
    """

    text: str
    thinking: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    thinking_tokens: int = 0
    time_to_first_token: float = 0.0  # seconds
    seconds: float = 0.0
    finish_reason: FinishReason = "stop"

    @property
    def tokens_per_second(self) -> float:
        """Return generated tokens over the whole time, reading the prompt included."""
        return self.completion_tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def message(self) -> dict:
        """Return the turn as a message to append to the history.

        The thinking goes along as `reasoning_content`; the model's template decides when to show or drop it.
        """
        message: dict = {"role": "assistant", "content": self.text}
        if self.thinking:
            message["reasoning_content"] = self.thinking
        if self.tool_calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.tool_calls
            ]
        return message

    def __str__(self) -> str:
        """Return what a person wants to read: the answer, and any tool calls as name(arguments)."""
        return "\n".join(part for part in (self.text, *map(_call_line, self.tool_calls)) if part)

    def _repr_html_(self) -> str:
        # Model output is untrusted text: everything is escaped. No colours of our own, so light and dark both work.
        parts = []
        if self.thinking:
            parts.append(
                f'<details style="opacity:.75"><summary>Thinking ({self.thinking_tokens} tokens)</summary>'
                f'<div style="{_TEXT};border-left:2px solid currentColor;padding-left:.8em">'
                f"{escape(self.thinking)}</div></details>"
            )
        if self.text:
            parts.append(f'<div style="{_TEXT}">{escape(self.text)}</div>')
        parts += [f"<div><code>{escape(_call_line(call))}</code></div>" for call in self.tool_calls]
        footer = (
            f"{self.prompt_tokens} + {self.completion_tokens} tokens, {self.seconds:.2f} s, "
            f"{self.tokens_per_second:.0f} tokens/s, finish: {self.finish_reason}"
        )
        parts.append(f'<div style="opacity:.75;font-size:85%">{escape(footer)}</div>')
        return "<div>" + "".join(parts) + "</div>"


_TEXT = "white-space:pre-wrap;overflow-wrap:anywhere"


def _call_line(call: ToolCall) -> str:
    return f"{call.name}({json.dumps(call.arguments, ensure_ascii=False)})"
