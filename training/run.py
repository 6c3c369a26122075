"""What the trainings of Pocket and of Pocket-VL share: rates, optimizers, checkpoints, and the exchange of the finished folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from training.muon import StackedMuon


def rate_at(step: int, steps: int, recipe: Any) -> float:
    """Return the share of the peak rates at a step of `steps`: up in a straight line, constant, down in a straight line."""
    turn = recipe.constant_until * steps
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    falling = max(0.0, (step - turn) / (steps - turn))
    return 1 - (1 - recipe.last_rate) * falling


def new_optimizers(
    body: torch.nn.Module, recipe: Any, more: Iterable[torch.nn.Parameter] = ()
) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices inside the layers, and AdamW for embeddings, norms, biases, convolutions and `more`.

    Muon makes each update orthogonal; here it reaches AdamW's loss in far fewer steps. Keller Jordan, 2024: Muon.
    """
    named = dict(body.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named.items() if p.ndim != 2 or "embed" in name] + list(more)
    muon = StackedMuon(
        matrices, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    adamw = torch.optim.AdamW(others, lr=recipe.peak_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    return [muon, adamw]


def load_checkpoint(path: Path, recipe: Any, device: str) -> dict | None:
    """Return what was saved for that recipe, or None to begin anew."""
    saved = torch.load(path, weights_only=True, map_location=device) if path.exists() else None
    if saved and saved["recipe"] != vars(recipe):
        print("the checkpoint belongs to another recipe: starting anew")
        return None
    return saved


def save_checkpoint(state: dict, path: Path) -> None:
    """Save a state so that a kill leaves the old one or the new one."""
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def put_in_place(ready: Path, target: Path) -> None:
    """Exchange a folder for the finished one as a whole."""
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    ready.rename(target)
    shutil.rmtree(old, ignore_errors=True)
