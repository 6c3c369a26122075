"""The data of the family: every open Qwen checkpoint, its shape, and what was published about it.

Four files lie beside this module. `family.csv` holds one row per checkpoint, `shapes.json` the transformers config
keywords that exact counts need, `benchmarks.csv` published results and `published_memory.csv` the memory that the Qwen
team measured. Each row names its source as repository and path. An empty cell was not verified; nothing is guessed.
Introduced in notebook 01.
"""

import csv
import difflib
import json
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Checkpoint:
    """One row of the catalogue. None, or an empty string, means: not verified, or there is none.

    parameters is the whole checkpoint, active_parameters what one token of text passes through. For mixtures of experts
    intermediate_size is that of one expert. native_context and extended_context (with YaRN) are tokens. commercial_use
    is "yes", "conditional" (read the licence), "no" or "".
    """

    repo_id: str
    generation: str
    released: str
    variant: str
    thinking: str
    task: str
    parameters: int | None
    active_parameters: int | None
    layers: int | None
    full_attention_layers: int | None
    hidden_size: int | None
    intermediate_size: int | None
    attention_heads: int | None
    kv_heads: int | None
    head_dim: int | None
    vocab_size: int | None
    tied_embeddings: bool | None
    native_context: int | None
    extended_context: int | None
    license: str
    commercial_use: str
    languages: str
    training_tokens: int | None
    source: str


def catalog() -> "pandas.DataFrame":
    """Return the catalogue as a table, one row per checkpoint, oldest generation first.

    Numbers are nullable integers; `released` is text, year and month where the day is not known.
    Introduced in notebook 01.
    """
    import pandas as pd

    table = pd.DataFrame([vars(row) for row in all_checkpoints()])
    for field in fields(Checkpoint):
        if field.type == int | None:
            table[field.name] = table[field.name].astype("Int64")
        elif field.type == bool | None:
            table[field.name] = table[field.name].astype("boolean")
    return table


def checkpoint(repo_id: str) -> Checkpoint:
    """Return the catalogue's entry for a repository id such as "Qwen/Qwen3-8B".

    Raises ValueError, naming the nearest ids, when the catalogue does not hold it. Introduced in notebook 01.
    """
    by_id = {row.repo_id: row for row in all_checkpoints()}
    if repo_id not in by_id:
        # compare in lower case and without the organisation: people type "qwen3-8b"
        short = {known.removeprefix("Qwen/").lower(): known for known in by_id}
        near = difflib.get_close_matches(str(repo_id).removeprefix("Qwen/").lower(), short, n=3, cutoff=0.0)
        raise ValueError(
            f"{repo_id!r} is not in the catalogue. The nearest ids: {', '.join(short[name] for name in near)}. "
            "All of them: qc.catalog()."
        )
    return by_id[repo_id]


def shape(repo_id: str) -> dict[str, Any]:
    """Return the transformers config keywords of a catalogue id, as shapes.json holds them.

    Two keys are our own: `text_only` where only the language model is known, and `same_size_as`, alone, where no more
    is known than the checkpoint that it is built on. Raises ValueError for an unknown id or a shape not verified.
    """
    known = checkpoint(repo_id).repo_id
    if known not in _shapes():
        raise ValueError(
            f"the shape of {repo_id!r} is not verified, so nothing exact can be computed from it. "
            f'Pass its config instead: AutoConfig.from_pretrained("{repo_id}").'
        )
    return _shapes()[known]


def published_results() -> "pandas.DataFrame":
    """Return published benchmark results, one per row, with mode ("base", "thinking", "non-thinking") and source.

    Compare only rows of one `table`: across tables prompts and numbers of examples differ. Introduced in notebook 01.
    """
    return _read_table("benchmarks.csv")


def published_memory() -> "pandas.DataFrame":
    """Return the GPU memory, in MiB, that the Qwen team measured for Qwen3. Introduced in notebook 01."""
    return _read_table("published_memory.csv")


@cache
def all_checkpoints() -> tuple[Checkpoint, ...]:
    """Read family.csv; needs neither pandas nor torch."""
    with (files(__package__) / "family.csv").open(encoding="utf-8", newline="") as file:
        rows = [Checkpoint(**{f.name: _convert(row[f.name], f.type) for f in fields(Checkpoint)})
                for row in csv.DictReader(file)]  # fmt: skip
    return tuple(rows)


@cache
def _shapes() -> dict[str, dict[str, Any]]:
    return json.loads((files(__package__) / "shapes.json").read_text(encoding="utf-8"))


def _convert(cell: str, kind: Any) -> Any:
    if kind is str:
        return cell
    if cell == "":
        return None
    return cell == "true" if kind == bool | None else int(cell)


def _read_table(name: str) -> "pandas.DataFrame":
    import pandas as pd

    with (files(__package__) / name).open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False)
