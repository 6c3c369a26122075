"""The training data of Pocket-VL: charts drawn at random, and several questions about each.

A row is one user turn's pictures followed by several questions with their answers. Each question sees the pictures and itself, as if it
stood alone, so one pass through the vision part pays for all of them; in a fifth of the rows they follow each other as a conversation does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from qwen_course.charts.data import COLOURS, TITLES, Chart, draw_chart
from qwen_course.charts.drawing import Drawn, draw_with_numpy
from qwen_course.skills_vl import (
    compare,
    count,
    extremes,
    paragraph,
    reading,
    table,
    trend,
    two_pictures,
    unanswerable,
    value,
)
from qwen_course.skills_vl.question import Question

IGNORED = -100
# What a helper loss asks of each picture directly (see `train_pocket_vl.Helper`): the number of classes, in the order of `_facts`.
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
PLACES = 12  # values of a picture, at most
SIZES = {(128, 96): 12, (112, 112): 1, (144, 80): 2, (128, 80): 1, (112, 96): 1}  # width and height: weight
PATCH, MERGE, FRAMES = 8, 2, 2
TWO_SERIES_SHARE, TWO_PICTURES_SHARE, CONVERSATION_SHARE = 0.18, 0.1, 0.2
TEXT_BUDGET = 176  # tokens of questions and answers in a row
# always asked, then as many as fit, drawn with these weights
ALWAYS = (trend.question, count.question)
OFTEN = {extremes.question: 9, value.question: 5, paragraph.question: 2, reading.title: 1.5, reading.axis: 1.5, table.question: 1, unanswerable.question: 2}  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Hold one step's tensors; R rows of L tokens, P patches in all."""

    pixel_values: torch.Tensor  # (P, 3 * FRAMES * PATCH * PATCH)
    grid: torch.Tensor  # (pictures, 3)
    ids: torch.Tensor  # (R, L)
    labels: torch.Tensor  # (R, L)
    positions: torch.Tensor  # (3, R, L): time, height, width
    mask: torch.Tensor  # (R, 1, L, L), True where a token may look
    facts: torch.Tensor  # (pictures, FACTS), IGNORED where a chart has two series
    values: torch.Tensor  # (pictures, PLACES) as a share of the highest value, NaN where there is none
    periods: torch.Tensor  # (P,) the period that stands in a patch's column, IGNORED where there is none
    heights: (
        torch.Tensor
    )  # (P, COLOURS) where each series is there, as a share of the picture's height from above, else NaN
    extremes: (
        torch.Tensor
    )  # (P,) 1 in the column of the highest value, 2 of the lowest, else 0; IGNORED with two series
    answers: int


def patches(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (N, height, width, 3) of 0 to 255 as flattened patches, in the order and scale of the image processor.

    Four neighbours that will be merged follow each other; a still picture fills both frames of a patch; values run from -1 to 1.
    """
    n, height, width, _ = pictures.shape
    scaled = pictures.astype(np.float32) / 127.5 - 1
    cut = scaled.reshape(n, height // PATCH // MERGE, MERGE, PATCH, width // PATCH // MERGE, MERGE, PATCH, 3)
    cut = cut.transpose(0, 1, 4, 2, 5, 7, 3, 6)  # picture, big row, big column, row, column, colour, y, x
    cut = np.repeat(cut[:, :, :, :, :, :, None], FRAMES, axis=6)
    return cut.reshape(-1, 3 * FRAMES * PATCH * PATCH)


def _facts(chart: Chart) -> tuple[list[int], list[float]]:
    """Return the classes of FACTS and the values of a chart."""
    titles = ("", *TITLES)
    shared = [int(chart.kind == "bar"), titles.index(chart.title)]
    n = len(chart.labels)
    if len(chart.series) == 2:
        return [IGNORED, IGNORED, n, IGNORED, IGNORED, IGNORED, *shared], [float("nan")] * PLACES
    trend = ("growing", "falling", "flat").index(chart.trend)
    places = [chart.labels.index(chart.highest), chart.labels.index(chart.lowest)]
    values = [value / chart.top for value in chart.values] + [float("nan")] * (PLACES - n)
    return [trend, int(chart.seasonal), n, *places, COLOURS.index(chart.colour), *shared], values


def _columns(drawn: Drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return period, heights and extreme for each column of patches of a picture (see Batch)."""
    height, width, _ = drawn.picture.shape
    x, *ys = drawn.places
    at = (np.arange(width // PATCH) + 0.5) * PATCH
    nearest = np.abs(at[:, None] - x[None, :]).argmin(1)
    near = np.abs(at - x[nearest]) <= PATCH
    periods = np.where(near, nearest, IGNORED)
    heights = np.full((len(at), len(COLOURS)), np.nan, np.float32)
    for colour, y in zip(drawn.chart.series, ys, strict=True):
        heights[near, COLOURS.index(colour)] = y[nearest[near]] / height
    if len(ys) == 2:
        return periods, heights, np.full(len(at), IGNORED)
    extreme = np.where(nearest == ys[0].argmin(), 1, np.where(nearest == ys[0].argmax(), 2, 0))
    return periods, heights, np.where(near, extreme, IGNORED)


def _per_patch(columns: np.ndarray, rows: int) -> np.ndarray:
    """Return what is known of each column of patches for every patch, in the order of `patches`."""
    grid = np.broadcast_to(columns, (rows, *columns.shape))
    cut = grid.reshape(rows // MERGE, MERGE, len(columns) // MERGE, MERGE, *columns.shape[1:])
    return cut.swapaxes(1, 2).reshape(rows * len(columns), *columns.shape[1:])


def questions_for(rng: random.Random, drawn: tuple[Drawn, ...]) -> list[Question]:
    """Return more questions than fit in a row."""
    if len(drawn) == 2:
        return [two_pictures.question(rng, "train", drawn) for _ in range(7)]
    one = drawn[0]
    if len(one.chart.series) == 2:
        asked = [compare.question] * 6 + [count.question, unanswerable.question, reading.title]
    else:
        first = rng.sample(ALWAYS, 2)
        asked = first + rng.choices(tuple(OFTEN), tuple(OFTEN.values()), k=12)
    return [ask(rng, "train", one) for ask in asked]


def _row(tokenizer: Any, rng: random.Random, asked: list[Question]) -> tuple[list, list, list]:
    """Return ids, labels and the number of the question of each token after the pictures; -1 throughout for a conversation."""
    chained = rng.random() < CONVERSATION_SHARE
    ids: list[int] = []
    labels: list[int] = []
    segments: list[int] = []
    for number, question in enumerate(asked, start=1):
        opening = "\n<|im_start|>user\n" if chained and ids else ""
        head, tail = tokenizer(
            [
                f"{opening}{question.text}<|im_end|>\n<|im_start|>assistant\n",
                f"{question.answer}<|im_end|>",
            ],
            add_special_tokens=False,
        )["input_ids"]
        if len(ids) + len(head) + len(tail) > TEXT_BUDGET:
            continue
        ids += head + tail
        labels += [IGNORED] * len(head) + tail
        segments += [-1 if chained else number] * (len(head) + len(tail))
    return ids, labels, segments


def make_batch(tokenizer: Any, rng: random.Random, rows: int) -> Batch:
    """Draw a batch: all pictures of one size, one or two to a row."""
    width, height = rng.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    each = 2 if rng.random() < TWO_PICTURES_SHARE else 1
    grid_h, grid_w = height // PATCH // MERGE, width // PATCH // MERGE
    begin, end, pad, user = (
        tokenizer.convert_tokens_to_ids(token) for token in ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|im_start|>")
    )  # fmt: skip
    head = tokenizer("<|im_start|>user\n", add_special_tokens=False)["input_ids"]
    assert head[0] == user
    prefix = list(head)
    place = [[p, p, p] for p in range(len(head))]
    across = np.stack(np.meshgrid(np.arange(grid_h), np.arange(grid_w), indexing="ij"), -1).reshape(-1, 2).tolist()
    at = len(head)
    for _ in range(each):
        prefix += [begin] + [pad] * (grid_h * grid_w) + [end]
        place.append([at] * 3)
        at += 1
        place += [[at, at + h, at + w] for h, w in across]
        at += max(grid_h, grid_w)
        place.append([at] * 3)
        at += 1
    pictures, facts, parts, columns = [], [], [], []
    for _ in range(rows):
        two = each == 1 and rng.random() < TWO_SERIES_SHARE
        drawn = tuple(
            draw_with_numpy(draw_chart(rng, "train", two_series=two), rng, (width, height)) for _ in range(each)
        )
        pictures += [one.picture for one in drawn]
        facts += [_facts(one.chart) for one in drawn]
        columns += [[_per_patch(known, height // PATCH) for known in _columns(one)] for one in drawn]
        parts.append(_row(tokenizer, rng, questions_for(rng, drawn)))
    longest = max(len(ids) for ids, _, _ in parts)
    length = -(-(len(prefix) + longest) // 16) * 16
    filler = tokenizer.pad_token_id
    all_ids = np.full((rows, length), filler)
    labels = np.full((rows, length), IGNORED)
    segments = np.full((rows, length), -2)
    positions = np.zeros((rows, length, 3), np.int64)
    all_ids[:, : len(prefix)] = prefix
    segments[:, : len(prefix)] = 0
    positions[:, : len(prefix)] = place
    for row, (ids, wanted, segment) in enumerate(parts):
        part = slice(len(prefix), len(prefix) + len(ids))
        all_ids[row, part], labels[row, part] = ids, wanted
        segments[row, part] = segment
        numbers = np.asarray(segment)
        starts = np.r_[0, np.flatnonzero(np.diff(numbers)) + 1] if len(numbers) else np.array([0])
        restart = starts[np.searchsorted(starts, np.arange(len(ids)), side="right") - 1]
        positions[row, part] = (at + np.arange(len(ids)) - restart)[:, None]
    seen = torch.from_numpy(segments)
    mask = (seen[:, None, :] == 0) | (seen[:, :, None] == seen[:, None, :])
    mask &= torch.ones(length, length, dtype=torch.bool).tril()
    return Batch(
        torch.from_numpy(patches(np.stack(pictures))),
        torch.tensor([[1, grid_h * MERGE, grid_w * MERGE]] * len(pictures)),
        torch.from_numpy(all_ids),
        torch.from_numpy(labels),
        torch.from_numpy(positions).permute(2, 0, 1).contiguous(),
        mask[:, None],
        torch.tensor([classes for classes, _ in facts]),
        torch.tensor([values for _, values in facts]),
        *(torch.from_numpy(np.concatenate(known)) for known in zip(*columns, strict=True)),
        int((all_ids == tokenizer.eos_token_id).sum()) // 2,  # one ends the question, one the answer
    )
