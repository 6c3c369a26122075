"""The Qwen family: its catalogue, and choosing from it.

`recommend` weighs what the catalogue knows: task, memory, context, licence, thinking, generation and size. It does not
know how good a model is at *your* task: it narrows the choice to a few that you can then measure.
Introduced in notebook 01.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Literal, get_args

from .checkpoints import Checkpoint, all_checkpoints, catalog, checkpoint, shape
from .memory import Precision, estimate_memory

if TYPE_CHECKING:
    import pandas

__all__ = ["Checkpoint", "catalog", "checkpoint", "recommend"]

_COLUMNS = {
    "repo_id": "str",
    "fits": "bool",
    "missing_gib": "float64",
    "needs_gib": "float64",
    "reason": "str",
    "parameters": "Int64",
    "thinking": "str",
    "context": "Int64",
    "license": "str",
}

Task = Literal["general", "coder", "math", "vision", "audio", "omni", "embedding", "reranker", "guard"]


def recommend(
    task: Task,
    *,
    memory_gib: float,
    tokens: int = 8192,
    precision: Precision = "bf16",
    thinking: bool | None = None,
    commercial: bool = True,
) -> "pandas.DataFrame":
    """Rank the checkpoints for a task on a machine with memory_gib for the model, the best first.

    Always returns rows, also when nothing fits: `fits` says whether weights and the cache of `tokens` tokens find room,
    `missing_gib` how much is lacking (missing where the shape is not verified), `reason` the rest in words. thinking
    True or False asks for a model that can, or can do without. commercial=True leaves out research licences.
    Order: fits and is long enough; a clear licence before a conditional or unknown one; then the largest of each
    generation, those made for the task and the newest first; then the second largest, and so on. Of those that do not
    fit, the nearest miss comes first. Raises ValueError for an unknown task or option. Introduced in notebook 01.
    """
    import pandas as pd

    if task not in get_args(Task):
        near = difflib.get_close_matches(str(task), get_args(Task), n=1, cutoff=0.0)[0]
        raise ValueError(f"got task={task!r}; expected one of {', '.join(get_args(Task))}. The nearest is {near!r}.")
    if not memory_gib > 0 or tokens < 1:
        raise ValueError(f"got memory_gib={memory_gib!r} and tokens={tokens!r}; expected both above 0.")

    candidates = [row for row in all_checkpoints() if row.variant == "instruct" and _suits(row, task)]
    if commercial:
        candidates = [row for row in candidates if row.commercial_use != "no"]
    able = [row for row in candidates if thinking is None or _thinks(row, thinking)]
    rows = [_judge(row, task, memory_gib, tokens, precision, thinking, commercial) for row in able or candidates]
    sizes = defaultdict(set)  # of each line of models, to put the largest of every line before the second largest
    for row in rows:
        sizes[row["line"]].add(row["size"])
    for row in rows:
        row["place"] = sorted(sizes[row["line"]], reverse=True).index(row["size"]) if row["fits"] else 0
    rows.sort(key=lambda row: (row["unfit"], row["licence"], row["lack"], row["place"], row["line"][1:], row["age"]))
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return table.astype(_COLUMNS)


def _suits(row: Checkpoint, task: Task) -> bool:
    if row.task == task:
        return True
    if row.task == "general":
        return task in ("coder", "math") or (task == "vision" and _sees(row))
    return False


def _sees(row: Checkpoint) -> bool:
    """Whether a general model also reads pictures, as those from Qwen3.5 on do."""
    return _has_shape(row) and "vision_config" in shape(row.repo_id)


def _made_for(row: Checkpoint, task: Task) -> bool:
    """Whether it is a specialist, or for mathematics a model that thinks, which the specialists of 2024 do not."""
    return row.task == task or (task == "vision" and _sees(row)) or (task == "math" and _thinks(row, True))


def _thinks(row: Checkpoint, wanted: bool) -> bool:
    return row.thinking in (("hybrid", "always") if wanted else ("none", "hybrid"))


def _has_shape(row: Checkpoint) -> bool:
    try:
        shape(row.repo_id)
    except ValueError:
        return False
    return True


def _judge(
    row: Checkpoint,
    task: Task,
    memory_gib: float,
    tokens: int,
    precision: Precision,
    thinking: bool | None,
    commercial: bool,
) -> dict:
    """Return one row of the recommendation, with what its place among the others depends on."""
    needs = estimate_memory(row, precision=precision, tokens=tokens).total / 2**30 if _has_shape(row) else None
    missing = float("inf") if needs is None else max(0.0, needs - memory_gib)
    longest = max(row.native_context or 0, row.extended_context or 0)
    unfit = missing > 0 or 0 < longest < tokens or (thinking is not None and not _thinks(row, thinking))
    return {
        "repo_id": row.repo_id,
        "fits": missing == 0,
        "missing_gib": None if needs is None else ceil(missing * 100) / 100,  # a near miss must not read as 0
        "needs_gib": None if needs is None else round(needs, 2),
        "reason": "; ".join(_reasons(row, task, needs, memory_gib, tokens, thinking, commercial)),
        "parameters": row.parameters,
        "thinking": row.thinking,
        "context": longest or None,
        "license": row.license,
        "unfit": unfit,
        "licence": commercial and row.commercial_use != "yes",
        "lack": missing,
        "line": (unfit, not _made_for(row, task), -float(row.generation.removeprefix("Qwen"))),
        "size": row.parameters or row.active_parameters or 0,
        "age": (-int(row.released.replace("-", "").ljust(8, "0") or 0), row.repo_id),  # newest first among equals
    }


def _reasons(
    row: Checkpoint,
    task: Task,
    needs: float | None,
    memory_gib: float,
    tokens: int,
    thinking: bool | None,
    commercial: bool,
) -> Iterator[str]:
    if needs is None:
        yield "its shape is not verified, so its memory is unknown"
    elif needs <= memory_gib:
        yield f"needs {needs:.1f} GiB and leaves {memory_gib - needs:.1f}"
    else:
        yield f"needs {needs:.1f} GiB, {needs - memory_gib:.1f} too many"
    if needs is not None and shape(row.repo_id).get("text_only"):
        yield "its picture or sound encoders are not counted"
    if needs is not None and "same_size_as" in shape(row.repo_id):
        yield f"reckoned as {shape(row.repo_id)['same_size_as']}, whose size it has"
    if row.native_context is None:
        yield "its context is not verified"
    elif tokens > max(row.native_context, row.extended_context or 0):
        yield f"reads at most {max(row.native_context, row.extended_context or 0):,} tokens"
    elif tokens > row.native_context:
        yield f"needs YaRN beyond {row.native_context:,} tokens"
    if not _made_for(row, task):
        yield "a general model"
    if thinking is not None and not _thinks(row, thinking):
        yield "never thinks" if thinking else "always thinks"
    if commercial and row.commercial_use == "conditional":
        yield f"read the {row.license} licence before commercial use"
    elif commercial and row.commercial_use == "":
        yield "licence not verified: read it before commercial use"
