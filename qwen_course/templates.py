"""Turn messages into prompt tokens by the model's own chat template, and find out what that template can do.

Nothing here goes by a model's name: a template is rendered a few times and its output compared. Text of users, tools or
earlier replies can never become a control token such as <|im_end|> or <think>. transformers' own
`sanitize_control_tokens=True` (5.23) is not enough for that: it leaves the keys of tool arguments and schemas alone,
misses tokens that the template does not write itself, and those that arise where a template glues text to text.
"""

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

# While the template renders, this pair stands in for "<" in foreign text. Noncharacters: Unicode never assigns them.
# Where the first one itself occurs it is doubled up with another, so that nothing is lost.
_LESS, _MARK = "\ufdd0\ufdd2", "\ufdd0\ufdd1"
_HIDE = str.maketrans({"<": _LESS, _MARK[0]: _MARK})
_TAGS = ("<think>", "</think>", "<tool_call>", "</tool_call>")


@dataclass(frozen=True)
class Prompt:
    """The token ids to continue. `opened`: they end inside a think block, so the reply begins with thinking."""

    ids: list[int]
    opened: bool


class ChatTemplate:
    """A tokenizer's chat template, with the thinking modes found by rendering it."""

    def __init__(self, tokenizer) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = tokenizer
        added = {text: token_id for text, token_id in tokenizer.added_tokens_encoder.items()}
        # Every added token of Qwen begins with "<". One that does not is never recognised here, so none can be forged.
        self._control = {text: token_id for text, token_id in added.items() if text.startswith("<")}
        longest_first = sorted(self._control, key=len, reverse=True)
        self._split = re.compile("(" + ("|".join(map(re.escape, longest_first)) or "(?!)") + ")")
        # The same byte-level BPE without any added token: whatever it encodes stays plain text.
        backend = tokenizer.backend_tokenizer
        self._plain = Tokenizer(backend.model)
        self._plain.pre_tokenizer = backend.pre_tokenizer
        if backend.normalizer is not None:
            self._plain.normalizer = backend.normalizer
        self.tags = {tag: added[tag] for tag in _TAGS if tag in added}
        self.thinking_modes, self.default_thinking = self._find_modes()
        self._reads_tags_in_history = self._find_tag_reading()
        self.end_of_turn = self._find_end_of_turn()

    def prompt(self, messages: list[dict], *, thinking: bool, tools: list[dict] | None = None) -> Prompt:
        """Return the prompt for checked messages (see `check_messages`).

        Raises ValueError where the template refuses them, e.g. a system message that is not first (Qwen3.5).
        """
        text = self._render(messages, tools=tools, thinking=thinking)
        return Prompt(self.encode(text), opened=text.rstrip().endswith("<think>"))

    def encode(self, text: str) -> list[int]:
        """Return the ids of rendered text: the template's control tokens as such, all else as plain text."""
        parts = self._split.split(text)  # text, control token, text, control token, ..., text
        plain = [part.replace(_LESS, "<").replace(_MARK, _MARK[0]) for part in parts[::2]]
        ids: list[int] = []
        for text_part, control in zip_longest(plain, parts[1::2]):
            ids += self._plain.encode(text_part, add_special_tokens=False).ids
            if control is not None:
                ids.append(self._control[control])
        return ids

    def _render(self, messages: list[dict], *, tools: list[dict] | None = None, thinking: bool | None = None) -> str:
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            raise ValueError(
                "This checkpoint has no chat template (a base model?): it continues text but cannot chat. "
                "Take its Instruct version, or use qwen.model and qwen.tokenizer directly."
            )
        options = {} if thinking is None else {"enable_thinking": thinking}
        try:
            return self._tokenizer.apply_chat_template(
                [self._mark_message(message) for message in messages],
                tools=_mark(tools),
                tokenize=False,
                add_generation_prompt=True,
                **options,
            )
        except TemplateError as error:
            raise ValueError(f"The model's chat template refuses these messages: {error}") from error

    def _mark_message(self, message: dict) -> dict:
        content = message.get("content")
        if self._reads_tags_in_history and message["role"] == "assistant" and "reasoning_content" not in message:
            # The template looks for </think> in old replies; with "<" hidden it finds none, so the cut is made here.
            if "</think>" in content:
                before, _, content = content.rpartition("</think>")
                thinking = before.partition("</think>")[0].rpartition("<think>")[2]
                message = {**message, "content": content.lstrip("\n"), "reasoning_content": thinking.strip("\n")}
        return {key: value if key == "role" else _mark(value) for key, value in message.items()}

    def _find_modes(self) -> tuple[tuple[bool, ...], bool]:
        if not self._tokenizer.chat_template or not {"<think>", "</think>"} <= self.tags.keys():
            return (False,), False
        question = [{"role": "user", "content": "?"}]
        by_default, on, off = (self._render_probe(question, mode) for mode in (None, True, False))
        if on != off:
            return (False, True), by_default == on
        always = on.rstrip().endswith("<think>")
        return (always,), always

    def _render_probe(self, messages: list[dict], thinking: bool | None = None) -> str:
        """Render before `_reads_tags_in_history` is known."""
        self._reads_tags_in_history = False
        return self._render(messages, thinking=thinking)

    def _find_tag_reading(self) -> bool:
        """Whether the template treats "<think>A</think>B" in an old reply as the thinking A and the answer B."""
        if not self._tokenizer.chat_template:
            return False
        question = {"role": "user", "content": "?"}
        texts = [
            self._tokenizer.apply_chat_template([question, {"role": "assistant", **reply}], tokenize=False)
            for reply in ({"content": "<think>\nA\n</think>\n\nB"}, {"reasoning_content": "A", "content": "B"})
        ]
        return texts[0] == texts[1]

    def _find_end_of_turn(self) -> int | None:
        """Return the id that the template writes after a reply (<|im_end|> in ChatML)."""
        if not self._tokenizer.chat_template:
            return None
        text = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": "?"}, {"role": "assistant", "content": "Reply."}], tokenize=False
        )
        after = self._split.split(text.rpartition("Reply.")[2])
        return self._control[after[1]] if len(after) > 1 else None


def _mark(value: Any) -> Any:
    """Hide "<" in every string of a nested value, dict keys included."""
    if isinstance(value, str):
        return value.translate(_HIDE)
    if isinstance(value, dict):
        return {_mark(key): _mark(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mark(item) for item in value]
    return value
