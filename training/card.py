"""Pocket's model card: what was trained, on what, and how often it is right on problems that it never saw."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

N = 300
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

Greedy, {n} held-out problems per skill and mode, 95 % Wilson interval. What is held out is said at the head of each
module in `qwen_course/skills/`: numbers, names, combinations and wordings; facts that can only be known by heart
(explanations, functions) are asked in held-out wordings.

{table}

Sums in direct mode, by size:

{sizes}

{ended}

## How it was trained

{facts}

`python training/train_pocket.py` repeats it. The loss counts the answers only.
The minutes are those of the run that made these weights, on a machine that did other work beside it.

## Limits

- Sums up to 4 digits, products up to 2 x 2 digits, word problems of one step, polynomials up to x⁴, thirty functions, forty concepts.
- English, and Chinese for explanations and a few sums. Other languages are noise to it.
- It was trained on texts of up to {length} tokens; longer prompts are accepted ({context} tokens) but were never seen.
- It says that it was not trained for something only where the question resembles what it was taught to refuse.
- Nothing it says about the world is to be relied on. It is made for lessons.
"""


def _table(rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table; the first row is its head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def write_card(folder: Path, recipe: dict[str, Any], facts: dict[str, Any], n: int = N) -> None:
    """Measure the model in the folder and write its MODEL_CARD.md there."""
    import torch
    import transformers

    import qwen_course as qc
    from qwen_course.skills import SKILLS

    rows, ended, total = [("skill", "thinking", "direct")], 0, 0
    with qc.load(folder, precision="fp32") as pocket:
        parameters = sum(parameter.numel() for parameter in pocket.model.parameters())
        for skill in SKILLS:
            cells = [skill]
            for thinking in (True, False):
                score = qc.evaluate(pocket, skill, n=n, thinking=thinking, sampling=qc.Sampling.greedy())
                cells.append(f"{score.accuracy:.1%} ({score.low:.1%} to {score.high:.1%})")
                ended, total = ended + score.n - score.cut_off, total + score.n
                if skill == "arithmetic" and not thinking:
                    sizes = score.by_difficulty()
            rows.append(tuple(cells))
        context, shape = pocket.context_tokens, pocket.model.config
    size = [("size", "right (%)", "95 % interval", "n")]
    size += [
        (str(name), f"{row['accuracy (%)']}", row["95 % interval"], str(row["n"])) for name, row in sizes.iterrows()
    ]
    megabytes = (folder / "model.safetensors").stat().st_size / 1e6
    lines = [
        f"{parameters:,} parameters; {megabytes:.1f} MB in bfloat16",
        f"Shape: hidden {shape.hidden_size}, {shape.num_hidden_layers} layers, {shape.num_attention_heads} query and "
        f"{shape.num_key_value_heads} key-value heads of {shape.head_dim}, MLP {shape.intermediate_size}, "
        f"vocabulary {shape.vocab_size:,}, tied embeddings, QK-norm",
        f"Data: {facts['tokens'] / 1e6:.1f} million tokens from `training/curriculum.py`, seed {recipe['seed']}; every step draws new problems",
        f"{recipe['steps']:,} steps of {recipe['rows']} x {recipe['length']} tokens, AdamW, peak rate {recipe['peak_rate']}; "
        f"then {recipe['drill_steps']:,} in which every second example is a small sum answered directly",
        f"{facts['seconds'] / 60:.0f} minutes on {os.cpu_count()} cores ({platform.machine()}, device {facts['device']})",
        f"torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}",
        f"Last loss {facts['loss']:.3f}",
        "Licence of weights and code: Apache-2.0",
    ]
    card = CARD.format(
        n=n,
        table=_table(rows),
        sizes=_table(size),
        ended=f"{ended:,} of {total:,} replies ended their turn by themselves within 512 tokens ({ended / total:.2%}).",
        facts="\n".join(f"- {line}" for line in lines),
        length=recipe["length"],
        context=context,
    )
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")
