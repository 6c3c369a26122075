"""Cut the text of a server's reply into thinking, answer and tool calls while it arrives.

Good servers do the cutting and send the thinking in a field of its own; others leave the tags in the text. Here are no
token ids, as in `parsing.py`: only letters, so a tag is taken as one only where a model of Qwen's would write it.
"""

from .parsing import parse_tool_call
from .reply import Kind, Piece, ToolCall

_OPEN, _CLOSE, _CALL, _CALL_END = "<think>", "</think>", "<tool_call>", "</tool_call>"


class TextParser:
    """Take text bit by bit; hand back the pieces that have become certain.

    `thinking` is the mode asked for (None: not said). "<think>" counts at the start of the reply, "</think>" once: when
    the opening tag was part of the prompt, all before it was thinking. "<tool_call>" counts where `tools` were given.
    """

    def __init__(self, *, thinking: bool | None, tools: list[dict] | None) -> None:
        self._tools = tools
        self._kind: Kind = "answer"
        self._may_open = True  # nothing but space so far
        self._may_close = thinking is not False
        self._inside = ""  # of a tool call that is still open
        self._in_call = False
        self._buffer = ""  # may be the beginning of a tag
        self._texts = {"thinking": "", "answer": ""}
        self._held = {"thinking": "", "answer": ""}  # newlines that may turn out to be the last
        self.tool_calls: list[ToolCall] = []

    @property
    def thinking(self) -> str:
        return self._texts["thinking"]

    @property
    def text(self) -> str:
        return self._texts["answer"]

    def feed_thinking(self, text: str) -> list[Piece]:
        """Take text that the server itself marked as thinking: tags in the rest are then only text."""
        self._may_open = self._may_close = False
        return self._emit(text, "thinking")

    def feed(self, text: str) -> list[Piece]:
        self._buffer += text
        pieces: list[Piece] = []
        while self._buffer:
            tags = self._expected()
            found = [(at, tag) for tag in tags if (at := self._buffer.find(tag)) >= 0]
            if not found:
                keep = _tag_begun(self._buffer, tags)
                before, self._buffer = (
                    self._buffer[: len(self._buffer) - keep],
                    self._buffer[len(self._buffer) - keep :],
                )
                return pieces + self._plain(before)
            at, tag = min(found)
            before, self._buffer = self._buffer[:at], self._buffer[at + len(tag) :]
            pieces += self._plain(before)
            pieces += self._turn(tag)
        return pieces

    def finish(self) -> list[Piece]:
        """Return what was held back: the beginning of a tag, a tool call that was never closed."""
        rest, self._buffer = self._buffer, ""
        pieces = self._plain(rest)
        if self._in_call:
            self._in_call = False
            pieces += self._emit(_CALL + self._inside, "answer")
        return pieces

    def _expected(self) -> list[str]:
        if self._in_call:
            return [_CALL_END]
        if self._kind == "thinking":
            return [_CLOSE]
        opening = [_OPEN] if self._may_open else []
        return opening + ([_CLOSE] if self._may_close else []) + ([_CALL] if self._tools else [])

    def _turn(self, tag: str) -> list[Piece]:
        if tag == _OPEN and not self._may_open:  # text went before it, in this very buffer
            return self._emit(tag, "answer")
        if tag == _OPEN:
            self._kind, self._may_open, self._held["answer"] = "thinking", False, ""
        elif tag == _CLOSE:
            if self._kind == "answer":  # never opened: by Qwen's recipe all before was thinking, whatever was shown
                self._texts = {"thinking": self._texts["answer"], "answer": ""}
                self._held = {"thinking": "", "answer": ""}
            self._kind, self._may_close, self._may_open = "answer", False, False
        elif tag == _CALL:
            self._in_call, self._inside = True, ""
        else:
            self._in_call = False
            parsed = parse_tool_call(self._inside, self._tools)
            if parsed is None:
                return self._emit(f"{_CALL}{self._inside}{_CALL_END}", "answer")
            self.tool_calls.append(ToolCall(f"call_{len(self.tool_calls)}", *parsed))
        return []

    def _plain(self, text: str) -> list[Piece]:
        if self._in_call:
            self._inside += text
            return []
        if self._may_open and not text.strip():  # space before "<think>" belongs to nothing
            self._held["answer"] += text
            return []
        self._may_open = False
        return self._emit(text, self._kind)

    def _emit(self, text: str, kind: Kind) -> list[Piece]:
        """Newlines around the thinking and around the answer are left out, as for local models."""
        text = self._held[kind] + text
        if not self._texts[kind]:
            text = text.lstrip("\n")
        body = text.rstrip("\n")
        self._held[kind] = text[len(body) :]
        if not body:
            return []
        self._texts[kind] += body
        return [Piece(body, kind)]


def _tag_begun(text: str, tags: list[str]) -> int:
    """Return how many letters at the end of the text may be the beginning of a tag."""
    return max((n for tag in tags for n in range(1, len(tag)) if text.endswith(tag[:n])), default=0)
