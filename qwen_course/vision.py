"""Turn pictures into what a Qwen-VL model takes: rows of patches, a grid per picture, and the tokens that stand for it.

Used by `conversation.py` for models that see. The image processor is the checkpoint's own; the pixel budget is the
smaller of its own and the course's, because every 32 x 32 pixels of a Qwen3-VL cost a token, and the processor's own
limit would allow 16,384 of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .quiet import quiet_transformers

if TYPE_CHECKING:
    import torch
    from PIL import Image

MOST_TOKENS = 1280  # of one picture; Qwen2-VL's own default
MODELS_THAT_SEE = "pocket-vl (ships with this course), Qwen/Qwen3-VL-2B-Instruct, Qwen/Qwen2.5-VL-3B-Instruct"


@dataclass(frozen=True)
class Pictures:
    """The pictures of one prompt, prepared: N pictures of P patches in all."""

    pixel_values: torch.Tensor  # (P, 3 * frames * patch * patch)
    grid: torch.Tensor  # (N, 3): frames, rows and columns of patches
    tokens: tuple[int, ...]  # of each picture in the prompt, after merging


class Vision:
    """What a checkpoint does with pictures: a token covers (`patch` * `merge`)² pixels."""

    def __init__(self, processor: Any, config: Any) -> None:
        self.processor = processor
        self.image_token_id = config.image_token_id
        self.patch, self.merge = processor.patch_size, processor.merge_size
        self.pixels_per_token = (self.patch * self.merge) ** 2
        own = processor.size["longest_edge"] // self.pixels_per_token
        self.most_tokens = max(1, min(own, MOST_TOKENS))

    def prepare(self, pictures: list[Image.Image], *, most_tokens: int | None = None) -> Pictures:
        """Resize pictures to the budget and cut them into patches. `most_tokens` lowers the budget of each picture.

        Raises ValueError for a budget below one token. Introduced in notebook 09.
        """
        budget = self.most_tokens if most_tokens is None else min(most_tokens, self.most_tokens)
        if budget < 1:
            raise ValueError(f"most_tokens is {most_tokens}; a picture needs one token at least.")
        least = min(self.processor.size["shortest_edge"], budget * self.pixels_per_token)
        size = {"shortest_edge": least, "longest_edge": budget * self.pixels_per_token}
        out = self.processor(images=pictures, size=size, return_tensors="pt")
        grid = out["image_grid_thw"]
        return Pictures(out["pixel_values"], grid, tuple((grid.prod(-1) // self.merge**2).tolist()))

    def expand(self, ids: list[int], tokens: tuple[int, ...]) -> list[int]:
        """Return prompt ids in which each picture's one placeholder stands as often as the picture has tokens.

        Raises ValueError where template and pictures do not fit together.
        """
        if ids.count(self.image_token_id) != len(tokens):
            raise ValueError(
                f"The chat template made {ids.count(self.image_token_id)} places for {len(tokens)} pictures: it is "
                f"not one of a model that sees."
            )
        counts = iter(tokens)
        expanded: list[int] = []
        for token_id in ids:
            expanded += [token_id] * (next(counts) if token_id == self.image_token_id else 1)
        return expanded


def picture_inputs(model: Any, ids: torch.Tensor, pictures: list[Pictures | None]) -> dict[str, torch.Tensor]:
    """Return what a model's forward takes beside the ids (batch, tokens) for the pictures of all rows.

    Nothing, where there are none. `mm_token_type_ids` is 1 where a picture's token stands: the positions in height
    and width are computed from it.
    """
    import torch

    there = [row for row in pictures if row is not None]
    if not there:
        return {}
    values = torch.cat([row.pixel_values for row in there]).to(model.device, model.dtype)
    grid = torch.cat([row.grid for row in there]).to(model.device)
    kinds = (ids == model.config.image_token_id).to(torch.int32).to(model.device)
    return {"pixel_values": values, "image_grid_thw": grid, "mm_token_type_ids": kinds}


def load_vision_parts(folder: Path, model: Any) -> Vision | None:
    """Return what a loaded checkpoint needs for pictures, or None for one that reads text only."""
    if getattr(model.config, "vision_config", None) is None or not has_processor(folder):
        return None
    from transformers import AutoImageProcessor

    with quiet_transformers():
        # PIL's backend: the same pixels on every machine, and torchvision is not needed.
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil", trust_remote_code=False)
    return Vision(processor, model.config)


def has_processor(folder: Path) -> bool:
    """Return whether a checkpoint's folder brings an image processor."""
    return any((folder / name).exists() for name in ("preprocessor_config.json", "processor_config.json"))


def place_pictures(
    vision: Vision | None, name: str, ids: list[int], pictures: list[Image.Image]
) -> tuple[list[int], Pictures | None]:
    """Return a prompt's ids with room for its pictures, and the pictures prepared; None where there are none.

    Raises ValueError for a model that reads text only (`vision` is None).
    """
    if not pictures:
        return ids, None
    if vision is None:
        raise ValueError(
            f"{name!r} reads text only, and the messages hold a picture. Models that see: {MODELS_THAT_SEE}; "
            "or a server with one of them."
        )
    prepared = vision.prepare(pictures)
    return vision.expand(ids, prepared.tokens), prepared
