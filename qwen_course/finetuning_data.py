"""From rows to messages to tokens to labels.

A row is one conversation that ends with the answer to be learnt. `encode_row` makes the ids and labels from it that the
training sees, so that what a learner looks at, what is checked and what is trained are the same thing. No model is
needed, only its tokenizer. `finetuning_checks.py` checks, `finetuning.py` trains; notebook 05 teaches it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_course.messages import check_messages, check_tools

if TYPE_CHECKING:
    from qwen_course.skills.problem import Problem

IGNORED = -100  # the label that the loss passes over
_KEYS = ("messages", "prompt", "completion", "tools", "chat_template_kwargs")


class DataError(ValueError):
    """Rows that must not be trained on; the message lists what is wrong with which file and line."""


@dataclass(frozen=True)
class Row:
    """One conversation that ends with the answer to be learnt.

    `thinking` is the mode in which the question is put to the model; `source` says where the row came from
    ("tickets.jsonl:12"). Introduced in notebook 05.
    """

    messages: list[dict[str, Any]]
    thinking: bool = False
    tools: list[dict[str, Any]] | None = None
    source: str = field(default="", compare=False)

    @property
    def prompt(self) -> list[dict[str, Any]]:
        return self.messages[:-1]

    @property
    def answer(self) -> dict[str, Any]:
        return self.messages[-1]


@dataclass(frozen=True)
class Example:
    """A row as the training sees it: token ids, and for each its label, -100 where nothing is learnt."""

    ids: list[int]
    labels: list[int]
    row: Row
    prompt_fits: bool = True  # the prompt, as asked later, is the beginning of the whole text

    @property
    def trained(self) -> list[int]:
        """The ids that are trained on."""
        return [label for label in self.labels if label != IGNORED]


def read_rows(source: str | Path, *, split: str = "train") -> list[Row]:
    """Read rows from a JSONL file, or from a data set of the hub or in a folder.

    Each record has "messages", or "prompt" and "completion" (lists of messages, as trl takes them), and may have
    "tools" and "chat_template_kwargs": {"enable_thinking": ...}; without the latter the mode follows from
    "reasoning_content" in the answer. Raises FileNotFoundError, or DataError that lists every bad line. Introduced in
    notebook 05.
    """
    path = Path(source)
    if path.suffix == ".jsonl" or path.is_file():
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {str(source)!r}; expected JSON lines, one conversation in each.")
        records = _lines(path)
    else:
        from datasets import load_dataset

        found = load_dataset(str(source), split=split)
        records = ((f"{source}[{split}]:{i}", _without_none(record)) for i, record in enumerate(found))
    rows, wrong = [], []
    for where, record in records:
        try:
            rows.append(_row(record, where))
        except ValueError as error:
            wrong.append(f"{where}: {error}")
    refuse(wrong)
    if not rows:
        raise DataError(f"{source}: it holds no rows.")
    return rows


def rows_of(problems: Iterable[Problem], *, modes: Sequence[bool] = (False, True)) -> list[Row]:
    """Return one row for each problem, with its worked solution, in the given modes by turns.

    The default teaches half of the problems with thinking and half without, so that both modes stay. For a model with
    one mode give `qwen.thinking_modes`. Introduced in notebook 05.
    """
    rows = []
    for number, problem in enumerate(problems):
        thinking = modes[number % len(modes)]
        answer = {**problem.answer, **({"reasoning_content": problem.thinking} if thinking else {})}
        rows.append(Row([*problem.messages, answer], thinking, problem.tools, f"{problem.skill}:{number + 1}"))
    return rows


def write_rows(path: str | Path, rows: Iterable[Row]) -> Path:
    """Write rows as JSON lines in the form that `trl sft` reads, too: prompt, completion, chat_template_kwargs.

    Introduced in notebook 05.
    """
    path = Path(path)
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            record: dict[str, Any] = {"prompt": row.messages[:-1], "completion": row.messages[-1:]}
            record["chat_template_kwargs"] = {"enable_thinking": row.thinking}
            if row.tools:
                record["tools"] = row.tools
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def encode_row(tokenizer: Any, row: Row) -> Example:
    """Return ids and labels of one row: the prompt as it will be asked later, ignored; then the answer, trained on.

    The prompt of a row without thinking ends with Qwen3's empty think block, so that the block is not learnt. Only the
    last answer is trained on, as its prompt is the one that inference will show. Introduced in notebook 05.
    """
    options = {"tools": row.tools, "enable_thinking": row.thinking, "return_dict": False}
    prompt = tokenizer.apply_chat_template(row.messages[:-1], add_generation_prompt=True, **options)
    whole = tokenizer.apply_chat_template(row.messages, **options)
    begins = next((i for i, (a, b) in enumerate(zip(prompt, whole, strict=False)) if a != b), len(prompt))
    return Example(whole, [IGNORED] * begins + whole[begins:], row, prompt_fits=begins == len(prompt))


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path.name}:{number}"
        if not line.strip():
            yield where, ValueError("an empty line; each line is one JSON object")
            continue
        try:
            yield where, json.loads(line)
        except ValueError as error:
            yield where, ValueError(f"not JSON: {error}")


def _row(record: Any, where: str) -> Row:
    if isinstance(record, ValueError):
        raise record
    if not isinstance(record, dict):
        raise ValueError(f"a JSON object is expected, and this is {type(record).__name__}")
    if unknown := [key for key in record if key not in _KEYS]:
        raise ValueError(f"unknown key {unknown[0]!r}; known here: {', '.join(map(repr, _KEYS))}")
    if "messages" not in record and not {"prompt", "completion"} <= record.keys():
        raise ValueError("neither 'messages' nor 'prompt' and 'completion'")
    messages = check_messages(record.get("messages") or [*record["prompt"], *record["completion"]])
    if messages[-1]["role"] != "assistant" or len(messages) < 2:
        raise ValueError(f"the last message is the {messages[-1]['role']}'s; a question and its answer are expected")
    options = record.get("chat_template_kwargs") or {}
    if unknown := [key for key in options if key != "enable_thinking"]:
        raise ValueError(f"unknown key {unknown[0]!r} in 'chat_template_kwargs'; known here: 'enable_thinking'")
    thinking = options.get("enable_thinking", "reasoning_content" in messages[-1])
    if not isinstance(thinking, bool):
        raise ValueError(f"'enable_thinking' is {thinking!r}; expected true or false")
    return Row(messages, thinking, check_tools(record.get("tools")), where)


def _without_none(value: Any) -> Any:
    """Drop the keys without a value that a table adds, since all its records have the same columns."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value


def refuse(wrong: list[str], most: int = 10) -> None:
    """Raise DataError with the first faults, if there are any."""
    if wrong:
        more = [f"... and {len(wrong) - most} more"] if len(wrong) > most else []
        raise DataError("\n".join([f"{len(wrong)} faults in the data:", *wrong[:most], *more]))
