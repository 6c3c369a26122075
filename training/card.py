"""Pocket's model card: what was trained, on what, and how often it is right on problems that it never saw.

    python training/card.py

measures the shipped weights again and prints the tables of the card.
"""

from __future__ import annotations

import functools
import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qwen_course.skills import (  # noqa: E402
    SKILLS,
    arithmetic,
    document,
    few_shot,
    problems,
    smalltalk,
    system,
    tool_call,
    word_problem,
)
from qwen_course.skills.problem import Problem  # noqa: E402

N = 300


def _drawn(make: Callable[[random.Random], Problem], n: int) -> list[Problem]:
    """Return `n` problems of a generator, always the same ones."""
    rng = random.Random("card")
    return [make(rng) for _ in range(n)]


def _until(make: Callable[[random.Random], Problem], difficulty: str) -> Callable[[random.Random], Problem]:
    """Return a generator that draws until the difficulty begins with these words."""

    def drawn(rng: random.Random) -> Problem:
        while True:
            problem = make(rng)
            if problem.difficulty.startswith(difficulty):
                return problem

    return drawn


def _obeyed(make: Callable[..., Problem], rng: random.Random) -> Problem:
    return make(rng, "test", defended=False)


# row: (generator, modes): what the lessons measure beside the skills
SPECIAL: dict[str, tuple[Callable[[random.Random], Problem], tuple[bool, ...]]] = {
    "arithmetic, 1 or 2 digits": (lambda rng: arithmetic.small_sum(rng, "test"), (True, False)),
    "arithmetic, steps first": (lambda rng: system.steps_first(rng, "test", arithmetic.problem(rng, "test")), (False,)),
    "word_problem, steps first": (lambda rng: system.steps_first(rng, "test", word_problem.problem(rng, "test")), (False,)),
    "few_shot, no example": (lambda rng: few_shot.with_examples(rng, "test", 0), (True, False)),
    "few_shot, 4 examples": (lambda rng: few_shot.with_examples(rng, "test", 4), (True, False)),
    "few_shot, 8 examples": (lambda rng: few_shot.with_examples(rng, "test", 8), (True, False)),
    "smalltalk, kinds never seen": (_until(lambda rng: smalltalk.problem(rng, "test"), "out of scope, kind unseen"), (True, False)),
    "document, instruction in the text": (functools.partial(_obeyed, document.injected), (True, False)),
    "document, the same and a system prompt against it": (lambda rng: document.injected(rng, "test", defended=True), (True, False)),
    "tool_call, instruction in the result": (functools.partial(_obeyed, tool_call.injected_result), (True, False)),
    "tool_call, the same and a system prompt against it": (lambda rng: tool_call.injected_result(rng, "test", defended=True), (True, False)),
}  # fmt: skip


def _measure(task: tuple[Path, str, bool, int]) -> tuple[str, bool, Any, int, int, Any]:
    """Evaluate one row in one mode, in a process of its own: two single threads do more than one pair."""
    import torch

    import qwen_course as qc

    folder, row, thinking, n = task
    torch.set_num_threads(1)
    drawn = _drawn(SPECIAL[row][0], n) if row in SPECIAL else problems(row, n)
    with qc.load(folder, precision="fp32") as pocket:
        score = qc.evaluate(pocket, drawn, thinking=thinking, sampling=qc.Sampling.greedy())
    cell = f"{score.accuracy:.1%} ({score.low:.1%} to {score.high:.1%})"
    sizes = score.by_difficulty() if row == "arithmetic" and not thinking else None
    return row, thinking, cell, score.n - score.cut_off, score.n, sizes


def tables(folder: Path, n: int = N) -> str:
    """Measure the model in the folder on all skills and special cases, and return the card's tables."""
    tasks = [(folder, skill, thinking, n) for skill in SKILLS for thinking in (True, False)]
    tasks += [(folder, row, thinking, n) for row, (_, modes) in SPECIAL.items() for thinking in modes]
    cells: dict[str, dict[bool, str]] = {}
    ended = total = 0
    sizes: list[tuple[str, ...]] = [("size", "right (%)", "95 % interval", "n")]
    # "spawn": torch's threads do not survive a fork.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for row, thinking, cell, stopped, counted, by_size in pool.map(_measure, tasks):
            cells.setdefault(row, {})[thinking] = cell
            ended, total = ended + stopped, total + counted
            if by_size is not None:
                for name, size in by_size.iterrows():
                    sizes.append((str(name), f"{size['accuracy (%)']}", size["95 % interval"], str(size["n"])))
    rows = [(row, both.get(True, ""), both.get(False, "")) for row, both in cells.items()]
    return "\n\n".join(
        (
            _table([("skill", "thinking", "direct"), *rows[: len(SKILLS)]]),
            "What lessons measure beside the skills:",
            _table([("problems", "thinking", "direct"), *rows[len(SKILLS) :]]),
            "Sums in direct mode, by size:",
            _table(sizes),
            f"{ended:,} of {total:,} replies ended their turn by themselves within 512 tokens ({ended / total:.2%}).",
        )
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table; the first row is its head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
---

# Pocket

Pocket is a teaching model trained by this course, from random weights, on data that code generates. It is a real
`Qwen3ForCausalLM` with Qwen3's chat template, thinking mode and tool calls, small enough for a laptop without a GPU.
It is **not** a release of the Qwen team, holds none of their weights, and knows nothing beyond the skills below.

## How often it is right

Greedy, {n} held-out problems per row and mode, 95 % Wilson interval. What is held out is said at the head of each
module in `qwen_course/skills/`: numbers, names, combinations and wordings; facts that can only be known by heart
(explanations, functions, words, figures of the family) are asked in held-out wordings or combinations.
`python training/card.py` prints these tables again.

{tables}

"Instruction in the text" counts how often it answers the question in spite of an instruction that the document or the
tool result holds. **Pocket obeys such instructions on purpose**, unless the system prompt, or the user beside the text,
says that it is data: it was trained so, to let lessons study prompt injection. Few-shot labels are arbitrary, so without examples
chance is the best that anybody can do.

## How it was trained

{facts}

`python training/train_pocket.py` repeats it. The loss counts the answers only, and the labels that the earlier lines
of a few-shot prompt give away. The minutes are those of the run that made these weights, on a machine that did other
work beside it; two CPU cores with fast bfloat16 take about 160.

## Limits

- Sums up to 4 digits, products up to 2 x 2 digits, word problems of two steps, polynomials up to x⁴, thirty functions,
  forty concepts, sixty words and twenty phrases in seven languages.
- Two skills of the course, `roman` and `ticket`, are kept out of the training: the fine-tuning lesson teaches them.
- It was trained on texts of up to {length} tokens; longer prompts are accepted ({context} tokens) but were never seen.
- It says that it was not trained for something mostly where the question resembles what it was taught to refuse.
- Nothing it says about the world is to be relied on. It is made for lessons.
"""


def write_card(folder: Path, recipe: dict[str, Any], facts: dict[str, Any], n: int = N) -> None:
    """Measure the model in the folder and write its MODEL_CARD.md there."""
    import qwen_course as qc

    with qc.load(folder, precision="fp32") as pocket:
        parameters = sum(parameter.numel() for parameter in pocket.model.parameters())
        context, shape = pocket.context_tokens, pocket.model.config
    measured = tables(folder, n)
    print(measured)
    megabytes = (folder / "model.safetensors").stat().st_size / 1e6
    lines = [
        f"{parameters:,} parameters; {megabytes:.1f} MB in bfloat16",
        f"Shape: hidden {shape.hidden_size}, {shape.num_hidden_layers} layers, {shape.num_attention_heads} query and "
        f"{shape.num_key_value_heads} key-value heads of {shape.head_dim}, MLP {shape.intermediate_size}, "
        f"vocabulary {shape.vocab_size:,}, tied embeddings, QK-norm",
        f"Data: {facts['tokens'] / 1e6:.1f} million tokens from `training/curriculum.py`, seed {recipe['seed']}; every step draws new problems",
        f"{recipe['steps']:,} steps of {recipe['rows']} x {recipe['length']} tokens, and {recipe['last_steps']:,} at a rate that rises "
        f"once more, with what is known by heart and more of what has many forms; Muon for the matrices of the layers, "
        f"AdamW for embedding and norms; peak rates {recipe['matrix_rate']} and {recipe['peak_rate']}",
        f"{facts['seconds'] / 60:.0f} minutes on {facts['machine']}",
        f"torch {facts['torch']}, transformers {facts['transformers']}",
        f"Last loss {facts['loss']:.3f}",
        "Licence of weights and code: Apache-2.0",
    ]
    card = CARD.format(
        n=n,
        tables=measured,
        facts="\n".join(f"- {line}" for line in lines),
        length=recipe["length"],
        context=context,
    )
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    print(tables(ROOT / "qwen_course" / "pocket"))
