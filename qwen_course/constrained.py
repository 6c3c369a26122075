"""Constrained decoding: let a local model write only what can still become JSON of a schema.

Before each token the library llguidance says which tokens the grammar admits next; all others get the logit minus
infinity. The spaces are those of `json.dumps`, the form that models have read most: a grammar that allows any white
space lets a weak model write newlines for ever, and one without spaces makes it leave the paths it knows. That JSON is
valid says nothing about its being right.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from .conversation import ROWS_PER_BATCH, LocalQwen, Request, check_options
from .json_schemas import grammar_schema, longest, unbounded
from .reply import Reply
from .sampling import Sampling
from .thinking_budget import answer_after_thinking

_SPACING = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


def check_bounded(schema: Any) -> None:
    """Raise ValueError for a schema whose JSON need not end: under a grammar a weak model would write for ever."""
    if missing := unbounded(schema):
        raise ValueError(
            f"The schema is not bounded, so a model may write for ever under it. {'; '.join(missing)}. In pydantic: "
            "Field(max_length=40) for texts and lists, Field(ge=0, le=150) for numbers, Literal for a choice."
        )


def chat_constrained(
    qwen: LocalQwen,
    conversations: list[str | list[dict]],
    schema: Any,
    *,
    thinking: bool | None,
    system: str | None,
    max_new_tokens: int,
    sampling: Sampling | None,
    seed: int | None,
) -> list[Reply]:
    """Return one reply per conversation, each of them JSON of the schema.

    The schema bounds the JSON, so `max_new_tokens` counts for the thinking alone, which stays free: the grammar begins
    behind `</think>`, since it has no room for thoughts. Raises ValueError for an unbounded schema, and where prompt
    and the longest JSON do not fit into the context.
    """
    check_bounded(schema)
    room = longest(schema) + 1  # and the end of the turn
    thinking_tokens = check_options(max_new_tokens, sampling, seed)
    options = (thinking, system, None, max_new_tokens, sampling, seed)
    requests = [qwen.prepare(messages, *options) for messages in conversations]
    replies: list[Reply] = []
    for start in range(0, len(requests), ROWS_PER_BATCH):
        rows = requests[start : start + ROWS_PER_BATCH]
        for row in rows:
            _check_room(qwen, row, room)
        seeds = [None if seed is None else seed + i for i in range(start, start + len(rows))]
        constraint = grammar_constraint(qwen, schema)
        if rows[0].thinking:
            budget = dict(thinking_tokens=thinking_tokens, answer_tokens=room)
            replies += answer_after_thinking(qwen, rows, seeds, **budget, constraint=constraint)
        else:
            rows = [replace(row, max_new_tokens=room) for row in rows]
            replies += qwen.run(rows, seeds, constraint=constraint)
    return replies


def grammar_constraint(qwen: LocalQwen, schema: Any) -> Callable:
    """Return a function (new ids, logits) -> logits without the tokens that the grammar does not admit.

    It follows the rows of one batch and serves one call of `generate`. Raises ValueError for what the grammar cannot
    express, and ImportError, naming the package, where llguidance is missing.
    """
    try:
        from llguidance import LLMatcher
    except ImportError as error:
        raise ImportError("Constrained decoding needs the package llguidance: pip install llguidance") from error
    tokenizer = _grammar_tokenizer(qwen.tokenizer, qwen.model.config.get_text_config().vocab_size, qwen.stop_ids[0])
    grammar = LLMatcher.grammar_from_json_schema({**grammar_schema(schema), "x-guidance": _SPACING})
    first = LLMatcher(tokenizer, grammar)
    if first.is_error():
        raise ValueError(f"The schema asks for what a grammar cannot express: {first.get_error().splitlines()[0]}")
    matchers: list = []

    def constrain(ids, scores):  # (batch, new tokens), (batch, vocabulary)
        import torch

        if not matchers:
            matchers.extend(first.deep_copy() for _ in range(len(ids)))
        else:
            for matcher, token_id in zip(matchers, ids[:, -1].tolist(), strict=True):
                if not matcher.is_stopped():
                    matcher.consume_token(token_id)
        # one byte per token, not zero where it is admitted; rows that ended get padding, whatever is admitted
        admitted = [
            torch.frombuffer(bytearray(matcher.compute_logit_bias()), dtype=torch.uint8) for matcher in matchers
        ]
        mask = torch.stack(admitted)[:, : scores.shape[1]].to(scores.device) == 0
        return scores.masked_fill(mask, -float("inf"))

    return constrain


@lru_cache(maxsize=4)
def _grammar_tokenizer(tokenizer, size: int, stop_id: int):
    """Return the tokenizer in the library's form; that takes seconds for Qwen's vocabulary, so it is kept."""
    import llguidance.hf

    return llguidance.hf.from_tokenizer(tokenizer, n_vocab=size, eos_token=stop_id)


def _check_room(qwen: LocalQwen, request: Request, room: int) -> None:
    if qwen.context_tokens is not None and len(request.ids) + room > qwen.context_tokens:
        raise ValueError(
            f"JSON of this schema may take {room} tokens and the prompt has {len(request.ids)}, but {qwen.name!r} "
            f"takes {qwen.context_tokens} in all. Lower max_length in the schema, or shorten the text."
        )
