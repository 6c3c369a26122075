"""Pocket-VL's model card: what was trained, on what, and how often it is right on charts that it never saw.

    python training/card_vl.py

measures the shipped weights again and prints the table of the card.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qwen_course.skills_vl import SKILLS, chart_problems  # noqa: E402

N, N_MATPLOTLIB = 200, 100


def _cell(qwen: Any, skill: str, n: int, hand: str) -> str:
    import qwen_course as qc

    score = qc.evaluate(qwen, chart_problems(skill, n, hand=hand), sampling=qc.Sampling.greedy())
    return f"{score.accuracy:.1%} ({score.low:.1%} to {score.high:.1%})"


def table(folder: Path, n: int = N, n_matplotlib: int = N_MATPLOTLIB) -> str:
    """Measure the model in the folder on all vision skills, drawn by the course and by matplotlib, as a Markdown table."""
    import qwen_course as qc

    rows = ["| skill | course's charts | matplotlib's charts |", "|---|---|---|"]
    with qc.load(folder, precision="fp32") as qwen:
        for skill in SKILLS:
            rows.append(
                f"| {skill} | {_cell(qwen, skill, n, 'numpy')} | {_cell(qwen, skill, n_matplotlib, 'matplotlib')} |"
            )
    return "\n".join(rows)


CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: image-text-to-text
---

# Pocket-VL

Pocket-VL is a teaching model trained by this course, from random weights, on charts that code draws. It is a real
`Qwen3VLForConditionalGeneration` with Qwen3-VL's chat template, deepstack, merged patches and M-RoPE, small enough for a
laptop without a GPU. It is **not** a release of the Qwen team, holds none of their weights, and knows nothing but charts.

## How often it is right

Greedy, {n} held-out problems per row for the course's charts and {n_matplotlib} for matplotlib's, of which training never saw
one; 95 % Wilson interval. Held out from training: one combination in ten of title, colour, labels and number of periods; one
wording of each question (asked in a third of the tests); one kind of question that charts cannot answer.
`python training/card_vl.py` prints this table again.

{table}

- `value` and `table`: each value within 5 % of the chart's highest value; `paragraph`: trend, season, highest and lowest period,
  all four right; `axis`: all numbers of the axis; `unanswerable`: says that the chart does not show it.

## How it was trained

{facts}

`python training/train_pocket_vl.py` repeats it. The minutes are those of the run that made these weights.

## Limits

- Bar and line charts of 4 to 12 periods with one or two series, an axis from 0, labels that are numbers, months or weekdays,
  twelve titles and six colours. A photograph is to it a strange chart.
- Pictures are resized to about 128 x 96 pixels. Text too small for that is guessed.
- Pictures stand before the question in training; the other order was never seen. At most two pictures.
- It reads words that it knows, and takes others for them.
- Nothing it says is to be relied on. It is made for lessons.
"""


def write_card(folder: Path, recipe: dict[str, Any], facts: dict[str, Any]) -> None:
    """Measure the model in the folder and write its MODEL_CARD.md there."""
    import torch
    import transformers

    import qwen_course as qc

    with qc.load(folder, precision="fp32") as qwen:
        parameters = sum(parameter.numel() for parameter in qwen.model.parameters())
        text, seen = qwen.model.config.text_config, qwen.model.config.vision_config
    measured = table(folder)
    print(measured)
    megabytes = (folder / "model.safetensors").stat().st_size / 1e6
    lines = [
        f"{parameters:,} parameters; {megabytes:.1f} MB in bfloat16",
        f"Text: hidden {text.hidden_size}, {text.num_hidden_layers} layers, {text.num_attention_heads} query and "
        f"{text.num_key_value_heads} key-value heads of {text.head_dim}, MLP {text.intermediate_size}, vocabulary {text.vocab_size:,}, tied embeddings",
        f"Vision: hidden {seen.hidden_size}, {seen.depth} layers, {seen.num_heads} heads, MLP {seen.intermediate_size}, patches of {seen.patch_size} "
        f"pixels, {seen.spatial_merge_size} x {seen.spatial_merge_size} merged, deepstack after layers {list(seen.deepstack_visual_indexes)}",
        f"Data: {facts['pictures']:,} pictures and {facts['answers']:,} answers from `training/vision_batches.py`, seed {recipe['seed']}",
        f"{recipe['looking_steps']:,} steps of {recipe['looking_rows']} pictures for the vision part alone, which a helper asks what stands where; "
        f"then {recipe['steps']:,} steps of {recipe['rows']} rows for the whole model, and {recipe['rewording_steps']:,} with the questions in "
        f"other words; Muon for the matrices, AdamW for the rest; peak rates {recipe['matrix_rate']} and {recipe['peak_rate']}",
        f"{facts['seconds'] / 60:.0f} minutes with {facts['threads']} thread{'s' * (facts['threads'] != 1)} ({platform.machine()}, device {facts['device']})",
        f"torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}",
        f"Last loss {facts['loss']:.3f}",
        "Licence of weights and code: Apache-2.0",
    ]
    card = CARD.format(n=N, n_matplotlib=N_MATPLOTLIB, table=measured, facts="\n".join(f"- {line}" for line in lines))
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    print(table(ROOT / "qwen_course" / "pocket_vl"))
