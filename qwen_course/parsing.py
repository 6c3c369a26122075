"""Cut a model's tokens into thinking, answer and tool calls while they arrive.

The tags are recognised by token id, so a model that merely writes the letters "</think>" in its answer changes nothing.
Bytes become text only when a character is complete: an emoji spread over three tokens appears once, whole.
"""

import codecs
import json
import re

from .reply import FinishReason, Kind, Piece, Reply, ToolCall


class TokenBytes:
    """Look up the bytes behind a token id, for any byte-level BPE tokenizer (every Qwen since Qwen1.5)."""

    def __init__(self, tokenizer) -> None:
        self._tokenizer = tokenizer
        self._added = {i: token for i, token in tokenizer.added_tokens_decoder.items()}
        self._known: dict[int, bytes] = {}

    def __call__(self, token_id: int) -> bytes:
        if token_id not in self._known:
            self._known[token_id] = self._look_up(token_id)
        return self._known[token_id]

    def _look_up(self, token_id: int) -> bytes:
        if token_id in self._added:
            token = self._added[token_id]
            return b"" if token.special else token.content.encode()
        token = self._tokenizer.convert_ids_to_tokens(token_id)
        if token is None:  # the embedding matrix has more rows than the tokenizer has tokens
            return b""
        return bytes(_BYTE_OF[character] for character in token)


def _byte_alphabet() -> dict[str, int]:
    """Map GPT-2's printable stand-ins back to bytes: visible bytes stand for themselves, the rest from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(0x100 + i): byte for i, byte in enumerate(hidden)}


_BYTE_OF = _byte_alphabet()


class ReplyParser:
    """Take token ids one by one; hand back the pieces of text that have become certain.

    `thinking` is the mode asked for; `opened`: the prompt already ends inside a think block. Newlines around the
    thinking and around the answer are left out, as in Qwen's own recipe. A tool call is held back until it is closed;
    one that does not parse is shown as text.
    """

    def __init__(
        self,
        token_bytes: TokenBytes,
        tags: dict[str, int],
        *,
        thinking: bool,
        opened: bool,
        tools: list[dict] | None,
    ) -> None:
        self._bytes = token_bytes
        self._tags = {token_id: tag for tag, token_id in tags.items()}
        self._tools = tools
        self._kind: Kind = "thinking" if opened else "answer"
        # Until the model opens a block, a closing tag can only mean that the opening one was left out
        self._unopened = thinking and not opened
        self._call: bytearray | None = None  # the inside of a tool call that is still open
        self._decoder = _new_decoder()
        self._texts = {"thinking": "", "answer": ""}
        self._held = {"thinking": "", "answer": ""}  # newlines that may turn out to be the last
        self.thinking_tokens = 0
        self._answer_tokens = 0
        self.tool_calls: list[ToolCall] = []

    @property
    def thinking(self) -> str:
        return self._texts["thinking"]

    @property
    def text(self) -> str:
        return self._texts["answer"]

    def feed(self, token_id: int) -> list[Piece]:
        """Return the pieces that this token completes: mostly one or none."""
        tag = self._tags.get(token_id)
        if self._call is not None:
            return self._feed_call(token_id, tag)
        if tag == "<think>":
            self._turn("thinking")
            self._unopened = False
            return []
        if tag == "</think>":
            if self._unopened:
                self._take_back_answer()
            self._turn("answer")
            return []
        if tag == "<tool_call>" and self._kind == "answer":
            self._turn("answer")
            self._call = bytearray()
            return []
        if self._kind == "thinking":
            self.thinking_tokens += 1
        else:
            self._answer_tokens += 1
        return self._emit(self._decoder.decode(self._bytes(token_id)))

    def finish(self) -> list[Piece]:
        """Return what an unclosed tool call still holds; half a character at the very end is dropped."""
        if self._call is None:
            return []
        inside, self._call = self._call.decode(errors="ignore"), None
        return self._emit(f"<tool_call>{inside}")

    def reply(
        self,
        *,
        prompt_tokens: int,
        completion_tokens: int,
        stopped: bool,
        time_to_first_token: float,
        seconds: float,
    ) -> Reply:
        """Return the Reply, after `finish`. `stopped`: the model ended its turn itself."""
        finish_reason: FinishReason = ("tool_calls" if self.tool_calls else "stop") if stopped else "length"
        return Reply(
            text=self.text,
            thinking=self.thinking,
            tool_calls=self.tool_calls,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            thinking_tokens=self.thinking_tokens,
            time_to_first_token=time_to_first_token,
            seconds=seconds,
            finish_reason=finish_reason,
        )

    def _feed_call(self, token_id: int, tag: str | None) -> list[Piece]:
        if tag != "</tool_call>":
            self._call += self._bytes(token_id)
            return []
        inside, self._call = self._call.decode(errors="replace"), None
        parsed = parse_tool_call(inside, self._tools)
        if parsed is None:
            return self._emit(f"<tool_call>{inside}</tool_call>")
        self.tool_calls.append(ToolCall(f"call_{len(self.tool_calls)}", *parsed))
        return []

    def _turn(self, kind: Kind) -> None:
        self._kind = kind
        self._decoder = _new_decoder()

    def _take_back_answer(self) -> None:
        """After a closing tag without an opening one: by Qwen's recipe all before was thinking, whatever was shown."""
        self._texts = {"thinking": self._texts["answer"], "answer": ""}
        self._held = {"thinking": "", "answer": ""}
        self.thinking_tokens, self._answer_tokens = self._answer_tokens, 0
        self._unopened = False

    def _emit(self, text: str) -> list[Piece]:
        kind = self._kind
        text = self._held[kind] + text
        if not self._texts[kind]:
            text = text.lstrip("\n")
        body = text.rstrip("\n")
        self._held[kind] = text[len(body) :]
        if not body:
            return []
        self._texts[kind] += body
        return [Piece(body, kind)]


def _new_decoder():
    return codecs.getincrementaldecoder("utf-8")(errors="replace")


def parse_tool_call(inside: str, tools: list[dict] | None = None) -> tuple[str, dict] | None:
    """Return (name, arguments) from the text between the tool-call tags, or None if it is neither JSON nor XML.

    JSON is the format of Qwen2.5 and Qwen3, XML that of Qwen3-Coder and of Qwen3.5 and later. XML values are text; the
    tool's schema gives them their type. Never raises. Introduced in notebook 03.

    parse_tool_call('{"name": "add", "arguments": {"a": 1}}') -> ("add", {"a": 1})
    """
    inside = inside.strip()
    return _parse_xml(inside, tools) if inside.startswith("<function=") else _parse_json(inside)


def _parse_json(inside: str) -> tuple[str, dict] | None:
    try:
        call = json.loads(inside)
        arguments = call["arguments"]
        if isinstance(arguments, str):  # some models write the arguments as JSON within JSON
            arguments = json.loads(arguments)
        name = call["name"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (name, arguments) if isinstance(name, str) and name and isinstance(arguments, dict) else None


_FUNCTION = re.compile(r"<function=([^>\n]+)>(.*)</function>", re.DOTALL)
_PARAMETER = re.compile(r"\s*<parameter=([^>\n]+)>\n?(.*?)\n?</parameter>\s*", re.DOTALL)


def _parse_xml(inside: str, tools: list[dict] | None) -> tuple[str, dict] | None:
    function = _FUNCTION.fullmatch(inside)
    if function is None:
        return None
    name, body = function.groups()
    schemas = _parameter_schemas(name, tools)
    arguments, end = {}, 0
    while parameter := _PARAMETER.match(body, end):
        key, value = parameter.groups()
        arguments[key] = _typed(value, schemas.get(key))
        end = parameter.end()
    return None if body[end:].strip() else (name, arguments)


def _parameter_schemas(name: str, tools: list[dict] | None) -> dict:
    for tool in tools or []:
        function = tool.get("function", tool)
        if function.get("name") == name:
            properties = (function.get("parameters") or {}).get("properties")
            return properties if isinstance(properties, dict) else {}
    return {}


_PYTHON_TYPES = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def _typed(value: str, schema: dict | None):
    """Return the value as the type that the schema names; text that does not fit it stays text."""
    named = schema.get("type") if isinstance(schema, dict) else None
    names = named if isinstance(named, list) else [named]
    if "string" in names and value.strip() != "null" or not set(map(str, names)) & set(_PYTHON_TYPES):
        return value
    try:
        # Python's spelling of booleans and None is common in what models write
        parsed = json.loads({"True": "true", "False": "false", "None": "null"}.get(value.strip(), value))
    except (ValueError, RecursionError):
        return value
    if isinstance(parsed, bool) and "boolean" not in names:
        return value
    if isinstance(parsed, float) and parsed.is_integer() and "integer" in names and "number" not in names:
        return int(parsed)
    fits = tuple(t for name in names if name in _PYTHON_TYPES for t in _as_tuple(_PYTHON_TYPES[name]))
    return parsed if isinstance(parsed, fits) else value


def _as_tuple(types) -> tuple:
    return types if isinstance(types, tuple) else (types,)
