"""The training data of Pocket: problems of all skills, drawn with a seed and rendered as token ids with labels.

Every example is one assistant turn in Qwen3's exact format, with thinking or without. Only that turn is trained on, and the labels
inside a few-shot prompt that its earlier lines give away. What is drawn beside the skills: small sums, answered directly and often,
like a pupil's tables; lines to repeat; problems re-asked so that the steps come first in the answer; and thinking that somebody cut short.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from qwen_course.skills import (
    arithmetic,
    code,
    derivative,
    document,
    explain,
    extract,
    family,
    few_shot,
    growth,
    json_replies,
    memory,
    smalltalk,
    system,
    tool_call,
    translation,
    word_problem,
)
from qwen_course.skills.problem import Problem, text_of
from training import renaming

CALCULATED = (arithmetic, word_problem, growth)
CHATTY = (arithmetic, word_problem, derivative, explain, smalltalk, translation, family)
REPEAT = (
    "Repeat: {text}",
    "Say this again: {text}",
    "Write exactly this: {text}",
    "{text}\nRepeat this line.",
    "Repeat after me: {text}",
    "Copy this text.\n{text}",
)
IGNORED = -100


def steps_first(rng: random.Random, split: str) -> Problem:
    """Draw a calculation that asks for its steps in the answer."""
    skill = rng.choices(CALCULATED, weights=(4, 3, 2))[0]
    return system.steps_first(rng, split, skill.problem(rng, split))


def repeated(rng: random.Random, split: str) -> Problem:
    """Draw words of another problem, often in disorder, that are to be repeated: most skills rest on copying."""
    words = rng.choice(CHATTY + (document, memory, extract)).problem(rng, split).messages[-1]["content"].split()
    start = rng.randrange(len(words))
    words = words[start : start + rng.randint(2, 12)]
    words += [extract.invented(rng) for _ in range(rng.randint(0, 3))] + [str(rng.randint(0, 9999))] * rng.randint(0, 1)
    if rng.random() < 0.6:
        rng.shuffle(words)
    text = " ".join(words)
    return Problem(
        skill="repeated",
        messages=[{"role": "user", "content": rng.choice(REPEAT).format(text=text)}],
        difficulty="",
        expected=text,
        thinking="",
        answer={"role": "assistant", "content": text},
        grader=lambda reply: text_of(reply) == text,
    )


# where problems come from: (share of the examples, share of its examples that think first)
Mix = dict[Callable[[random.Random, str], Problem], tuple[float, float]]
MIX: Mix = {
    arithmetic.problem: (0.10, 0.8),
    arithmetic.small_sum: (0.03, 0.0),
    steps_first: (0.06, 0.15),
    word_problem.problem: (0.13, 0.8),
    growth.problem: (0.06, 0.8),
    derivative.problem: (0.05, 0.5),
    code.problem: (0.03, 0.3),
    extract.problem: (0.09, 0.5),
    json_replies.result: (0.02, 0.7),
    json_replies.again: (0.02, 0.3),
    document.problem: (0.14, 0.55),
    tool_call.problem: (0.13, 0.5),
    few_shot.problem: (0.10, 0.4),
    system.problem: (0.13, 0.4),
    memory.problem: (0.07, 0.4),
    translation.problem: (0.13, 0.35),
    explain.problem: (0.04, 0.3),
    family.problem: (0.06, 0.3),
    smalltalk.problem: (0.06, 0.3),
    repeated: (0.04, 0.0),
}
# The same towards the end of the training: more of what is learned last, less of what is known by then.
LATE_MIX: Mix = {
    arithmetic.problem: (0.12, 0.8),
    arithmetic.small_sum: (0.03, 0.0),
    steps_first: (0.06, 0.15),
    word_problem.problem: (0.13, 0.8),
    growth.problem: (0.12, 0.85),
    derivative.problem: (0.05, 0.35),
    code.problem: (0.02, 0.3),
    extract.problem: (0.14, 0.5),
    json_replies.result: (0.015, 0.7),
    json_replies.again: (0.015, 0.3),
    document.problem: (0.14, 0.55),
    tool_call.problem: (0.24, 0.5),
    few_shot.problem: (0.06, 0.4),
    system.problem: (0.16, 0.35),
    memory.problem: (0.06, 0.4),
    translation.problem: (0.11, 0.35),
    explain.problem: (0.03, 0.3),
    family.problem: (0.05, 0.3),
    smalltalk.problem: (0.05, 0.3),
    repeated: (0.08, 0.0),
}
# And in the last steps: what is known by rote once more, and more of what has many forms.
LAST_MIX: Mix = {
    arithmetic.problem: (0.14, 0.75),
    arithmetic.small_sum: (0.06, 0.0),
    steps_first: (0.07, 0.15),
    word_problem.problem: (0.13, 0.8),
    growth.problem: (0.10, 0.85),
    derivative.problem: (0.05, 0.4),
    code.problem: (0.03, 0.3),
    extract.problem: (0.10, 0.5),
    json_replies.result: (0.03, 0.7),
    json_replies.again: (0.02, 0.3),
    document.problem: (0.14, 0.55),
    tool_call.problem: (0.28, 0.6),
    few_shot.problem: (0.07, 0.4),
    system.problem: (0.22, 0.45),
    memory.problem: (0.06, 0.4),
    translation.problem: (0.15, 0.4),
    explain.problem: (0.04, 0.3),
    family.problem: (0.08, 0.3),
    smalltalk.problem: (0.06, 0.3),
    repeated: (0.05, 0.0),
}
SYSTEM_PROMPTS = (
    "You are a helpful assistant.", "You are Pocket, a small teaching model.", "Answer briefly.", "You are a friendly tutor.", "You help learners.", "",
    "You are a helpful, honest assistant.", "Be concise.", "You are an assistant in a course on language models.", "Be polite and precise.",
)  # fmt: skip
SYSTEM_SHARE, EARLIER_TURNS_SHARE = 0.15, 0.2
CUT_SHARE = 0.06  # of the examples that think and calculate
# What a program that limits thinking writes after it: Qwen's own sentence, shorter ones, or nothing.
STOPS = (
    "\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly now.",
    "\n\nTime is up. I answer now.", "\n\nI have to stop thinking and answer.", "",
)  # fmt: skip


def conversation(rng: random.Random, problem: Problem) -> list[dict[str, Any]]:
    """Return the problem's messages, at times after a system prompt or after earlier questions and answers.

    A problem that brings its own system prompt or its own history stays as it is.
    """
    messages = list(problem.messages)
    if len(messages) > 1:
        return messages
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


def cut_short(rng: random.Random, prompt: str, completion: str) -> tuple[str, str]:
    """Move a part of the thinking, a sentence that stops it, and the closing tag from the completion to the prompt."""
    thinking, answer = completion.split("</think>\n\n", 1)
    kept = thinking[: rng.randrange(len("<think>\n"), len(thinking))].rstrip()
    return f"{prompt}{kept}{rng.choice(STOPS)}\n</think>\n\n", answer


def encode(tokenizer: Any, prompt: str, completion: str, problem: Problem) -> tuple[list[int], list[int]]:
    """Return ids and labels; the prompt's labels are -100, except where the prompt itself gives them away."""
    head, tail = tokenizer([prompt, completion], add_special_tokens=False)["input_ids"]
    labels = [IGNORED] * len(head)
    spans = few_shot.prompt_labels(problem) if problem.skill == "few_shot" else []
    if spans:
        begin = prompt.rindex(problem.messages[-1]["content"])
        offsets = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        for start, end in spans:
            for at, (left, right) in enumerate(offsets):
                if begin + start <= left and right <= begin + end and left < right:
                    labels[at] = head[at]
    return head + tail, labels + tail


def examples(tokenizer: Any, rng: random.Random, mix: Mix = MIX) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (ids, labels) without end, in that mix."""
    sources, shares = list(mix), [share for share, _ in mix.values()]
    calculated = [skill.__name__.rpartition(".")[2] for skill in (*CALCULATED, derivative)]
    while True:
        source = rng.choices(sources, shares)[0]
        problem = source(rng, "train")
        thinking = rng.random() < mix[source][1]
        prompt, completion = render(tokenizer, conversation(rng, problem), problem, thinking)
        if thinking and problem.skill in calculated and rng.random() < CUT_SHARE:
            prompt, completion = cut_short(rng, prompt, completion)
        if problem.skill in renaming.COPYING and rng.random() < renaming.SHARE[problem.skill]:
            prompt, completion = renaming.rename(tokenizer, rng, prompt, completion, problem.skill)
        yield encode(tokenizer, prompt, completion, problem)


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
