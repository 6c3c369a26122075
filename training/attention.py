"""Attention for training on a CPU: plain products in blocks, so that half of what causality forbids is never calculated."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS

BLOCK = 128
NAME = "causal_blocks"


def causal_blocks(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Return what transformers' eager attention does, (rows, length, heads, head_dim): each block of queries reads only the keys up to its end."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, dim=1).mT, value.repeat_interleave(groups, dim=1)
    parts = []
    for end in range(BLOCK, query.shape[2] + BLOCK, BLOCK):
        scores = (
            query[:, :, end - BLOCK : end] @ key[..., :end] * scaling + attention_mask[:, :, end - BLOCK : end, :end]
        )
        parts.append(scores.softmax(-1, dtype=torch.float32).to(query.dtype) @ value[:, :, :end])
    return torch.cat(parts, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, causal_blocks)
AttentionMaskInterface.register(NAME, ALL_MASK_ATTENTION_FUNCTIONS["eager"])
