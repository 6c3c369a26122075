"""The training data of Pocket-VL: charts drawn at random, and several questions about each.

A row is one user turn's pictures followed by several questions with their answers. Each question sees the pictures and itself, as if it
stood alone, so one pass through the vision part pays for all of them; in a fifth of the rows they follow each other as a conversation does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch

from qwen_course.charts.data import draw_chart
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
from training.rewording import reworded
from training.vision_helper import IGNORED, MERGE, PATCH, Known, known_of

SIZES = {(128, 96): 12, (112, 112): 1, (144, 80): 2, (128, 80): 1, (112, 96): 1}  # width and height: weight
FRAMES = 2
MEAN, STD = (
    1.0,
    0.5,
)  # of a picture's values from 0 to 1: white paper becomes 0, so that only what is drawn says anything
TWO_SERIES_SHARE, TWO_PICTURES_SHARE, CONVERSATION_SHARE = 0.18, 0.1, 0.2
TEXT_BUDGET = 176  # tokens of questions and answers in a row
# always asked, then as many as fit, drawn with these weights
ALWAYS = (trend.question, count.question)
OFTEN = {extremes.question: 9, value.question: 5, paragraph.question: 2, reading.title: 1.5, reading.axis: 1.5, table.question: 2, unanswerable.question: 2}  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Hold one step's tensors; R rows of L tokens, P patches in all."""

    pixel_values: torch.Tensor  # (P, 3 * FRAMES * PATCH * PATCH)
    grid: torch.Tensor  # (pictures, 3)
    ids: torch.Tensor  # (R, L)
    labels: torch.Tensor  # (R, L)
    positions: torch.Tensor  # (3, R, L): time, height, width
    mask: torch.Tensor  # (R, 1, L, L), True where a token may look
    known: Known
    answers: int

    def to(self, device: str) -> Batch:
        """Return the same on a device."""
        return replace(
            self, **{f.name: value.to(device) for f in fields(self) if hasattr(value := getattr(self, f.name), "to")}
        )


def patches(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (N, height, width, 3) of 0 to 255 as flattened patches, in the order and scale of the image processor.

    Four neighbours that will be merged follow each other; a still picture fills both frames of a patch.
    """
    n, height, width, _ = pictures.shape
    scaled = (pictures.astype(np.float32) / 255 - MEAN) / STD
    cut = scaled.reshape(n, height // PATCH // MERGE, MERGE, PATCH, width // PATCH // MERGE, MERGE, PATCH, 3)
    cut = cut.transpose(0, 1, 4, 2, 5, 7, 3, 6)  # picture, big row, big column, row, column, colour, y, x
    cut = np.repeat(cut[:, :, :, :, :, :, None], FRAMES, axis=6)
    return cut.reshape(-1, 3 * FRAMES * PATCH * PATCH)


def _draw(rng: random.Random, two_series: bool, size: tuple[int, int]) -> Drawn:
    return draw_with_numpy(draw_chart(rng, "train", two_series=two_series), rng, size)


def _as_tensors(drawn: list[Drawn]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the patches of pictures of one size, and their grid."""
    height, width, _ = drawn[0].picture.shape
    grid = torch.tensor([[1, height // PATCH, width // PATCH]] * len(drawn))
    return torch.from_numpy(patches(np.stack([one.picture for one in drawn]))), grid


def make_pictures(rng: random.Random, n: int) -> tuple[torch.Tensor, torch.Tensor, Known]:
    """Draw pictures of one size without questions: their patches, their grid, and what is known of them."""
    size = rng.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    drawn = [_draw(rng, rng.random() < TWO_SERIES_SHARE, size) for _ in range(n)]
    return *_as_tensors(drawn), known_of(drawn)


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


def make_batch(tokenizer: Any, rng: random.Random, rows: int, *, other_words: bool = False) -> Batch:
    """Draw a batch: all pictures of one size, one or two to a row; the questions in other words if so wished."""
    width, height = rng.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    each = 2 if rng.random() < TWO_PICTURES_SHARE else 1
    grid_h, grid_w = height // PATCH // MERGE, width // PATCH // MERGE
    begin, end, pad = map(tokenizer.convert_tokens_to_ids, ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>"))
    head = tokenizer("<|im_start|>user\n", add_special_tokens=False)["input_ids"]
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
    pictures, parts = [], []
    for _ in range(rows):
        two = each == 1 and rng.random() < TWO_SERIES_SHARE
        drawn = tuple(_draw(rng, two, (width, height)) for _ in range(each))
        pictures += drawn
        asked = questions_for(rng, drawn)
        parts.append(_row(tokenizer, rng, [reworded(rng, one) for one in asked] if other_words else asked))
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
        *_as_tensors(pictures),
        torch.from_numpy(all_ids),
        torch.from_numpy(labels),
        torch.from_numpy(positions).permute(2, 0, 1).contiguous(),
        mask[:, None],
        known_of(pictures),
        int((all_ids == tokenizer.eos_token_id).sum()) // 2,  # one ends the question, one the answer
    )
