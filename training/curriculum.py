"""The training data of Pocket: problems of all skills, drawn with a seed and rendered as token ids with labels.

Every example is one assistant turn in Qwen3's exact format, with thinking or without. Only that turn is trained on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from qwen_course.skills import (
    arithmetic,
    code,
    derivative,
    explain,
    extract,
    memory,
    smalltalk,
    tool_call,
    word_problem,
)
from qwen_course.skills.problem import Problem

# skill: (share of the examples, share of its examples that think first)
MIX = {
    arithmetic: (0.31, 0.60),
    word_problem: (0.15, 0.60),
    derivative: (0.10, 0.50),
    code: (0.09, 0.30),
    extract: (0.09, 0.40),
    tool_call: (0.08, 0.40),
    memory: (0.06, 0.50),
    explain: (0.08, 0.30),
    smalltalk: (0.05, 0.30),
}
SYSTEM_PROMPTS = (
    "You are a helpful assistant.", "You are Pocket, a small teaching model.", "Answer briefly.", "You are a friendly tutor.", "You help learners.", "",
)  # fmt: skip
SYSTEM_SHARE, EARLIER_TURNS_SHARE = 0.12, 0.2
CHATTY = (arithmetic, word_problem, derivative, explain, smalltalk)
IGNORED = -100


def conversation(rng: random.Random, problem: Problem) -> list[dict[str, Any]]:
    """Return the problem's messages, at times after a system prompt or after earlier questions and answers."""
    messages = list(problem.messages)
    if problem.tools is None and rng.random() < EARLIER_TURNS_SHARE:
        for _ in range(rng.choice((1, 1, 2))):
            earlier = rng.choice(CHATTY).problem(rng, "train")
            messages = [*earlier.messages, earlier.answer, *messages]
    if rng.random() < SYSTEM_SHARE:
        messages = [{"role": "system", "content": rng.choice(SYSTEM_PROMPTS)}, *messages]
    return messages


def render(tokenizer: Any, messages: list[dict[str, Any]], problem: Problem, thinking: bool) -> tuple[str, str]:
    """Return the prompt and the completion, cut apart where the model takes over."""
    prompt = tokenizer.apply_chat_template(
        messages, tools=problem.tools, add_generation_prompt=True, tokenize=False, enable_thinking=thinking
    )
    answer = dict(problem.answer, reasoning_content=problem.thinking) if thinking else problem.answer
    whole = tokenizer.apply_chat_template([*messages, answer], tools=problem.tools, tokenize=False)
    if not whole.startswith(prompt):
        raise ValueError(f"the prompt is not the beginning of the whole text: {prompt!r} and {whole!r}")
    return prompt, whole[len(prompt) :].removesuffix("\n")  # the newline after <|im_end|> belongs to the next turn


def examples(tokenizer: Any, rng: random.Random, drill: float = 0.0) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (ids, labels) without end; the prompt's labels are -100.

    A share `drill` are small sums answered directly: like a pupil's tables, they are learned by repetition alone.
    """
    skills, shares = list(MIX), [share for share, _ in MIX.values()]
    while True:
        if drill and rng.random() < drill:
            problem = arithmetic.small_sum(rng, "train")
            prompt, completion = render(tokenizer, problem.messages, problem, thinking=False)
        else:
            skill = rng.choices(skills, shares)[0]
            problem = skill.problem(rng, "train")
            prompt, completion = render(tokenizer, conversation(rng, problem), problem, rng.random() < MIX[skill][1])
        head, tail = tokenizer([prompt, completion], add_special_tokens=False)["input_ids"]
        yield head + tail, [IGNORED] * len(head) + tail


def pack(source: Iterator[tuple[list[int], list[int]]], rows: int, length: int, pad: int) -> tuple[list, list, list]:
    """Fill `rows` rows of `length` tokens with whole examples and return ids, labels and positions.

    Positions start again at 0 with every example: that is how transformers keeps packed examples from seeing each other.
    An example longer than a row is skipped.
    """
    ids: list[list[int]] = [[] for _ in range(rows)]
    labels: list[list[int]] = [[] for _ in range(rows)]
    positions: list[list[int]] = [[] for _ in range(rows)]
    misses = 0
    while misses < 8:  # eight examples in a row that fit nowhere: the rows are full
        head, tail = next(source)
        row = next((r for r in range(rows) if len(ids[r]) + len(head) <= length), None)
        if row is None:
            misses += 1
            continue
        ids[row] += head
        labels[row] += tail
        positions[row] += range(len(head))
    for r in range(rows):
        rest = length - len(ids[r])
        ids[r] += [pad] * rest
        labels[r] += [IGNORED] * rest
        positions[r] += range(rest)
    return ids, labels, positions
