"""What is checked before rows are trained on: an hour of training is a dear way to find a fault in the data.

Faults are errors and name file and line; what may be meant is a warning. `finetuning_data.py` makes the tokens.
Introduced in notebook 05.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qwen_course.finetuning_data import DataError, Example, Row, encode_row, refuse
from qwen_course.templates import ChatTemplate

if TYPE_CHECKING:
    from qwen_course.skills.problem import Problem


@dataclass(frozen=True)
class TrainingData:
    """Examples that passed the checks, and what is worth knowing about them. Introduced in notebook 05."""

    examples: tuple[Example, ...]
    warnings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def tokens(self) -> int:
        return sum(len(example.ids) for example in self.examples)

    @property
    def trained_share(self) -> float:
        return sum(len(example.trained) for example in self.examples) / max(self.tokens, 1)

    def records(self) -> list[dict[str, list[int]]]:
        """Return what `Dataset.from_list` and trl take: input_ids and labels."""
        return [{"input_ids": example.ids, "labels": example.labels} for example in self.examples]

    def __repr__(self) -> str:
        thinking = sum(example.row.thinking for example in self.examples)
        longest = max(len(example.ids) for example in self.examples)
        text = f"{len(self):,} rows, {thinking:,} of them with thinking; {self.tokens:,} tokens, the longest row "
        text += f"{longest}; {self.trained_share:.0%} of the tokens are trained on"
        return "\n".join([text, *(f"warning: {warning}" for warning in self.warnings)])


def prepare_rows(
    tokenizer: Any, rows: Sequence[Row], *, test: Sequence[Row | Problem] = (), max_tokens: int = 512
) -> TrainingData:
    """Encode rows and check them; raise DataError, with file and line, for what must not be trained on.

    Errors: no answer, an end of turn that is not learnt, more than `max_tokens`, control tokens in a text, a prompt of
    `test` among the rows. Warnings: a prompt that the model will not see like that, thinking that the template drops,
    a prompt twice, one prompt with two answers, too few or too many trained tokens. Introduced in notebook 05.
    """
    if not rows:
        raise DataError("There are no rows to train on.")
    template = ChatTemplate(tokenizer)
    control = [text for text in tokenizer.added_tokens_encoder if text.startswith("<")]
    asked = {
        _key(item.prompt if isinstance(item, Row) else item.messages): getattr(item, "source", "") or "a test problem"
        for item in test
    }
    examples, wrong, notes = [], [], []
    for row in rows:
        example = encode_row(tokenizer, row)
        examples.append(example)
        wrong += [
            f"{row.source}: {what}" for what in _errors(example, template.end_of_turn, control, asked, max_tokens)
        ]
        notes += [f"{row.source}: {what}" for what in _notes(tokenizer, example, template.thinking_modes)]
    refuse(wrong)
    data = TrainingData(tuple(examples), ())
    return TrainingData(data.examples, tuple(_shorten(notes) + _about_all(data)))


def _errors(
    example: Example, end_of_turn: int | None, control: list[str], asked: Mapping[str, str], most: int
) -> Iterator[str]:
    """Yield what is wrong with one row."""
    row, trained = example.row, example.trained
    if not (row.answer.get("content") or "").strip() and not row.answer.get("tool_calls"):
        yield "the answer is empty, so the model would learn to say nothing"
    elif end_of_turn is not None and end_of_turn not in trained:
        yield "the end of the turn is not among the trained tokens, so the model would not learn to stop"
    if len(example.ids) > most:
        yield f"{len(example.ids)} tokens, and {most} is the most: its end would be cut off, end of turn included"
    texts = [text for message in row.messages for text in _texts(message)]
    if forged := [token for token in control if any(token in text for text in texts)]:
        yield f"a text holds {forged[0]!r}, which would become a control token (reasoning has its own key)"
    if _key(row.prompt) in asked:
        yield f"it is in the test too ({asked[_key(row.prompt)]}): measured there, the model would only remember"


def _notes(tokenizer: Any, example: Example, modes: Sequence[bool]) -> Iterator[str]:
    """Yield what is worth a look in one row."""
    row = example.row
    if not example.prompt_fits:
        yield "the prompt alone is rendered unlike the prompt with its answer; training begins where they part"
    if row.thinking not in modes:
        yield f"it is in a mode that this template has not (thinking={row.thinking})"
    reasoning = (row.answer.get("reasoning_content") or "").strip()
    if reasoning and reasoning[:40] not in tokenizer.decode(example.trained):
        yield "its reasoning_content is dropped by this template"


def _about_all(data: TrainingData) -> list[str]:
    found = []
    answers: dict[tuple, set[str]] = {}
    times: dict[str, int] = {}
    for example in data.examples:
        row = example.row
        asked = json.dumps([row.messages[:-1], row.tools, row.thinking], sort_keys=True)
        answers.setdefault(asked, set()).add(json.dumps(row.answer, sort_keys=True))
        times[asked] = times.get(asked, 0) + 1
    if twice := sum(count - 1 for count in times.values()):
        found.append(f"{twice} rows repeat a prompt that is there already")
    if torn := sum(len(given) > 1 for given in answers.values()):
        found.append(f"{torn} prompts have more than one answer: the model cannot learn both")
    if data.trained_share > 0.9:
        found.append(f"{data.trained_share:.0%} of the tokens are trained on: are the prompts left out?")
    if data.trained_share < 0.02:
        found.append(f"only {data.trained_share:.1%} of the tokens are trained on: long prompts for short answers")
    return found


def _texts(message: Mapping[str, Any]) -> list[str]:
    return [message[key] for key in ("content", "reasoning_content") if isinstance(message.get(key), str)]


def _key(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return what makes two prompts the same: their words, without case, double spaces and punctuation at the ends."""
    return "\n".join(" ".join((m.get("content") or "").casefold().split()).strip(" .!?") for m in messages)


def _shorten(notes: list[str], most: int = 3) -> list[str]:
    """Return one line for each kind of note: the first rows that have it, and how many more."""
    kinds: dict[str, list[str]] = {}
    for note in notes:
        where, what = note.split(": ", 1)
        kinds.setdefault(what, []).append(where)
    return [
        f"{', '.join(places[:most])}{f' and {len(places) - most} more' if len(places) > most else ''}: {what}"
        for what, places in kinds.items()
    ]
