"""After training: load an adapter again, merge it into a base model, and say beside it what it is and what it changed.

An adapter is a difference to one base model, so base and adapter belong together; merging adds the difference to 16- or
32-bit weights. What peft does in one call is called directly in notebook 05; here is what guards it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_course.conversation import LocalQwen
from qwen_course.finetuning import quiet_training
from qwen_course.models import load
from qwen_course.quiet import quiet_transformers

if TYPE_CHECKING:
    from qwen_course.evaluation import Score
    from qwen_course.finetuning import Training
    from qwen_course.finetuning_checks import TrainingData


def load_adapter(folder: str | Path, *, base: str | Path | None = None, precision: str = "auto") -> LocalQwen:
    """Return the base model with the adapter from a folder attached, ready to chat.

    `base` and `precision` as for `load`. Raises FileNotFoundError without an adapter in the folder, and ValueError
    where it was trained on a model of another shape. Introduced in notebook 05.
    """
    from peft import PeftModel

    folder = Path(folder)
    if not (folder / "adapter_config.json").exists():
        raise FileNotFoundError(
            f"{str(folder)!r} holds no adapter: expected adapter_config.json, as save_model writes."
        )
    qwen = load(base, precision=precision, local=True)
    try:
        with quiet_training():
            model = PeftModel.from_pretrained(qwen.model, folder).eval()
    except RuntimeError as error:
        raise ValueError(
            f"The adapter in {str(folder)!r} does not fit {qwen.name!r}: it was trained on a model of another shape "
            f"({_base_of(folder)}). Load it with that base."
        ) from error
    reason = f"{qwen.reason} With the adapter of {folder.name}."
    return LocalQwen(name=qwen.name, reason=reason, model=model, tokenizer=qwen.tokenizer, sampling=qwen.name)


def merge_adapter(
    folder: str | Path, target: str | Path, *, base: str | Path | None = None, precision: str = "fp32"
) -> Path:
    """Add an adapter to its base model's weights and save the result in `target`, a folder that `load` takes.

    The default adds and stores in float32, so that nothing is rounded away; "bf16" halves the file. Raises ValueError
    for a base in 8 or 4 bits: adding there rounds to the nearest of 16 levels again, and the answers change. Quantize
    the merged model instead. Introduced in notebook 05.
    """
    target = Path(target)
    if precision not in ("fp32", "bf16", "fp16"):
        raise ValueError(
            f"precision is {precision!r}: an adapter is merged in 'fp32', 'bf16' or 'fp16', as 8 and 4 bits would "
            "round the sum. Merge first, then load the merged folder with that precision."
        )
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(
            f"{str(target)!r} is there already and not empty; name a new folder for the merged model."
        )
    with load_adapter(folder, base=base, precision=precision) as qwen:
        if getattr(qwen.model.get_base_model(), "is_quantized", False):
            raise ValueError(f"{qwen.name!r} is stored in few bits; merge into the 16-bit original it was made from.")
        with quiet_transformers():
            qwen.model.base_model.merge_and_unload(safe_merge=True).save_pretrained(target)
            qwen.tokenizer.save_pretrained(target)
    return target


def write_adapter_card(
    training: Training, *, base: str, data: str, rows: TrainingData, scores: Mapping[str, tuple[Score, Score]]
) -> Path:
    """Write the adapter's model card, README.md beside it, and return its path.

    `base` and `data` are names for people; `scores` holds before and after for each measurement, on the same held-out
    problems. Introduced in notebook 05.
    """
    from qwen_course.evaluation import compare

    lines = ["| held-out problems | before | after | change in points |", "|---|---|---|---|"]
    for name, (before, after) in scores.items():
        change = compare({"before": before, "after": after}).loc["after", "points above before"]
        lines.append(f"| {name} (n = {after.n}) | {_share(before)} | {_share(after)} | {change or 'other problems'} |")
    settings = "\n".join(f"- {name}: {value}" for name, value in training.settings.items())
    versions = ", ".join(f"{name} {version(name).split('+')[0]}" for name in ("torch", "transformers", "peft", "trl"))
    path = training.folder / "README.md"
    path.write_text(
        _CARD.format(
            base=base,
            data=data,
            rows=repr(rows).splitlines()[0],
            table="\n".join(lines),
            settings=settings,
            seconds=round(training.seconds),
            versions=versions,
        ),
        encoding="utf-8",
    )
    return path


_CARD = """---
library_name: peft
base_model: {base}
pipeline_tag: text-generation
---

# Adapter for {base}

A LoRA adapter. It holds the difference to its base model and does nothing without it.

## What it changed

Greedy, held-out problems, with 95 % intervals; the change is paired.

{table}

## Data

{data}: {rows}.

## Settings

{settings}
- seconds of training: {seconds}
- versions: {versions}

## Limits

Measured on the problems above and on nothing else. Where a skill is not in the table, nobody knows what became of it.
"""


def _share(score: Score) -> str:
    return f"{100 * score.accuracy:.1f} % ({100 * score.low:.0f} to {100 * score.high:.0f})"


def _base_of(folder: Path) -> Any:
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    return Path(config.get("base_model_name_or_path") or "base unknown").name
