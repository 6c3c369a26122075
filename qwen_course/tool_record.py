"""What a tool loop leaves behind: each call with its outcome, and the whole conversation.

Plain data; what decides and calls is in `tools.py`. Arguments and results are untrusted text, so all is escaped.
"""

import json
from dataclasses import dataclass
from html import escape
from typing import Literal

from .reply import Reply, ToolCall

Problem = Literal["", "unknown tool", "bad arguments", "exception", "refused"]
Stopped = Literal["answer", "step limit", "length", "unreadable call"]


@dataclass(frozen=True)
class ToolStep:
    """One call and what was fed back: `result` is the text that the model reads; `problem` is "" if the tool ran.

    Introduced in notebook 03.
    """

    call: ToolCall
    result: str
    problem: Problem = ""
    seconds: float = 0.0

    @property
    def message(self) -> dict:
        """Return the turn that hands the result to the model."""
        return {"role": "tool", "tool_call_id": self.call.id, "content": self.result}

    def __str__(self) -> str:
        arguments = json.dumps(self.call.arguments, ensure_ascii=False)
        return f"{self.call.name}({arguments}) -> {self.result}" + (f" [{self.problem}]" if self.problem else "")

    def _repr_html_(self) -> str:
        return _table([self])


@dataclass(frozen=True)
class ToolRun:
    """A conversation with tools. `messages` is all of it, the last reply included; `stopped` says why it ended:

    "answer": a reply without calls; "step limit": the last reply still wanted a call, which was not made; "length": a
    reply was cut off; "unreadable call": a call that could not be read, as told to the model before. Introduced in
    notebook 03.
    """

    messages: list[dict]
    replies: tuple[Reply, ...]
    steps: tuple[ToolStep, ...]
    stopped: Stopped

    @property
    def reply(self) -> Reply:
        """The last reply."""
        return self.replies[-1]

    @property
    def text(self) -> str:
        """The text of the last reply."""
        return self.reply.text

    @property
    def tokens(self) -> int:
        """The number of tokens generated in all replies."""
        return sum(reply.completion_tokens for reply in self.replies)

    @property
    def seconds(self) -> float:
        return sum(reply.seconds for reply in self.replies) + sum(step.seconds for step in self.steps)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.steps), self.text])

    def _repr_html_(self) -> str:
        footer = f"{len(self.replies)} replies, {self.tokens} tokens, {self.seconds:.2f} s, stopped: {self.stopped}"
        return (
            f"<div>{_table(self.steps) if self.steps else ''}"
            f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(str(self.reply))}</div>'
            f'<div style="opacity:.75;font-size:85%">{escape(footer)}</div></div>'
        )


def _table(steps) -> str:
    left = 'style="text-align:left;overflow-wrap:anywhere"'
    head = "".join(f'<th scope="col" {left}>{name}</th>' for name in ("step", "call", "result", "problem"))
    body = ""
    for number, step in enumerate(steps, start=1):
        call = f"{step.call.name}({json.dumps(step.call.arguments, ensure_ascii=False)})"
        cells = (f"<code>{escape(call)}</code>", f"<code>{escape(step.result)}</code>", escape(step.problem))
        body += f'<tr><th scope="row">{number}</th>' + "".join(f"<td {left}>{cell}</td>" for cell in cells) + "</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
