"""What Pocket-VL's vision part is asked directly while it trains, beside the questions that the whole model answers.

From answers alone it hardly begins to learn: as long as it says nothing useful, the text part ignores it and sends no gradient back. So
it first learns to look: each patch is asked what stands in its column, and the picture as a whole for its facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy, gelu

from qwen_course.charts.data import COLOURS, DAYS, MONTHS, TITLES, Chart
from qwen_course.charts.drawing import Drawn

IGNORED = -100
PATCH, MERGE = 8, 2
PLACES = 12  # values of a picture, at most
LABELS = (*(str(i) for i in range(1, PLACES + 1)), *MONTHS, *DAYS)
# The facts of a picture as a whole, and the number of classes of each, in the order of `_facts`.
FACTS = {
    "trend": 3,
    "season": 2,
    "count": 13,
    "highest": 12,
    "lowest": 12,
    "colour": len(COLOURS),
    "kind": 2,
    "title": len(TITLES) + 1,
}
# What a patch is asked about its column, and how many numbers it answers with: which period and label, how high each series stands
# (share of the picture's height from above) and what it is worth (logarithm), and whether it is the highest (1), the lowest (2) or neither.
COLUMN = {"period": PLACES, "label": len(LABELS), "extreme": 3, "height": len(COLOURS), "worth": len(COLOURS)}
WEIGHT = {"period": 1, "label": 2, "extreme": 3, "height": 100, "worth": 20}


@dataclass(frozen=True)
class Known:
    """Hold the right answers for N pictures of P patches in all. Classes are IGNORED, and numbers NaN, where there is none."""

    facts: torch.Tensor  # (N, FACTS), classes
    columns: dict[str, torch.Tensor]  # of COLUMN: classes (P,), or numbers (P, COLOURS)

    def to(self, device: str) -> Known:
        """Return the same on a device."""
        return Known(self.facts.to(device), {name: right.to(device) for name, right in self.columns.items()})


def _facts(chart: Chart) -> list[int]:
    shared = [int(chart.kind == "bar"), ("", *TITLES).index(chart.title)]
    n = len(chart.labels)
    if len(chart.series) == 2:
        return [IGNORED, IGNORED, n, IGNORED, IGNORED, IGNORED, *shared]
    trend = ("growing", "falling", "flat").index(chart.trend)
    places = [chart.labels.index(chart.highest), chart.labels.index(chart.lowest)]
    return [trend, int(chart.seasonal), n, *places, COLOURS.index(chart.colour), *shared]


def _columns(drawn: Drawn) -> dict[str, np.ndarray]:
    """Return the answers of COLUMN for each column of patches of a picture."""
    height, width, _ = drawn.picture.shape
    x, *ys = drawn.places
    chart = drawn.chart
    at = (np.arange(width // PATCH) + 0.5) * PATCH
    nearest = np.abs(at[:, None] - x[None, :]).argmin(1)
    near = np.abs(at - x[nearest]) <= PATCH
    labels = np.array([LABELS.index(label) for label in chart.labels])
    known = {"period": np.where(near, nearest, IGNORED), "label": np.where(near, labels[nearest], IGNORED)}
    known["height"], known["worth"] = (np.full((len(at), len(COLOURS)), np.nan, np.float32) for _ in range(2))
    for (colour, values), y in zip(chart.series.items(), ys, strict=True):
        known["height"][near, COLOURS.index(colour)] = y[nearest[near]] / height
        known["worth"][near, COLOURS.index(colour)] = np.log10(np.array(values))[nearest[near]] / 3
    if len(ys) == 2:
        known["extreme"] = np.full(len(at), IGNORED)
    else:
        extreme = np.where(nearest == ys[0].argmin(), 1, np.where(nearest == ys[0].argmax(), 2, 0))
        known["extreme"] = np.where(near, extreme, IGNORED)
    return known


def _per_patch(columns: np.ndarray, rows: int) -> np.ndarray:
    """Return what is known of each column of patches for every patch, in the order of the image processor."""
    grid = np.broadcast_to(columns, (rows, *columns.shape))
    cut = grid.reshape(rows // MERGE, MERGE, len(columns) // MERGE, MERGE, *columns.shape[1:])
    return cut.swapaxes(1, 2).reshape(rows * len(columns), *columns.shape[1:])


def known_of(drawn: list[Drawn]) -> Known:
    """Return the right answers for pictures of one size."""
    rows = drawn[0].picture.shape[0] // PATCH
    every = [_columns(one) for one in drawn]
    columns = {
        name: torch.from_numpy(np.concatenate([_per_patch(columns[name], rows) for columns in every]))
        for name in COLUMN
    }
    return Known(torch.tensor([_facts(one.chart) for one in drawn]), columns)


class Helper(torch.nn.Module):
    """Asks two small questions of the vision part: one of each patch, and one of the mean and the maximum of a picture's tokens."""

    def __init__(self, patch_width: int, width: int) -> None:
        super().__init__()
        self.column_norm = torch.nn.LayerNorm(patch_width)
        self.column = torch.nn.Linear(patch_width, sum(COLUMN.values()))
        self.norm = torch.nn.LayerNorm(2 * width)
        self.hidden = torch.nn.Linear(2 * width, 256)
        self.out = torch.nn.Linear(256, sum(FACTS.values()))

    def forward(self, seen: Any, known: Known) -> torch.Tensor:
        """Return the sum of the losses for the output of the vision part."""
        tokens = seen.pooler_output.unflatten(0, (len(known.facts), -1))
        pooled = self.norm(torch.cat([tokens.mean(1), tokens.amax(1)], -1).float())
        said = self.out(gelu(self.hidden(pooled))).float().split(list(FACTS.values()), 1)
        loss = sum(cross_entropy(s, known.facts[:, i], ignore_index=IGNORED) for i, s in enumerate(said))
        said = self.column(self.column_norm(seen.last_hidden_state.float())).float().split(list(COLUMN.values()), 1)
        for (name, right), scores in zip(((name, known.columns[name]) for name in COLUMN), said, strict=True):
            if right.ndim == 1:
                part = cross_entropy(scores, right, ignore_index=IGNORED)
            else:
                there = right.isfinite()
                part = ((scores - right.nan_to_num()) ** 2 * there).sum() / there.sum()
            loss = loss + WEIGHT[name] * part
        return loss
