"""Pocket-VL before its training: a small Qwen3-VL with random weights; and the folder in which its weights are kept."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import torch
from transformers import AttentionInterface, GenerationConfig, Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from training.vision_batches import FRAMES, MEAN, STD
from training.vision_helper import MERGE, PATCH

TOKENIZER = Path(__file__).resolve().parent.parent / "qwen_course" / "pocket"  # it has the vision tokens


def new_model(tokenizer: Qwen2Tokenizer, seed: int) -> Qwen3VLForConditionalGeneration:
    """Return Pocket-VL with random weights: deepstack, merged patches of 8 pixels, tied embeddings, interleaved M-RoPE."""
    torch.manual_seed(seed)
    ids = tokenizer.convert_tokens_to_ids
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": 3072,
            "hidden_size": 192,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 64,
            "intermediate_size": 512,
            "max_position_embeddings": 2048,
            "initializer_range": 0.04,
            "pad_token_id": tokenizer.pad_token_id,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [12, 10, 10],
                "mrope_interleaved": True,
            },
        },
        vision_config={
            "depth": 4,
            "hidden_size": 128,
            "num_heads": 4,
            "intermediate_size": 384,
            "patch_size": PATCH,
            "temporal_patch_size": FRAMES,
            "spatial_merge_size": MERGE,
            "out_hidden_size": 192,
            "num_position_embeddings": 256,
            "deepstack_visual_indexes": [1, 2],
            "initializer_range": 0.04,
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    model = Qwen3VLForConditionalGeneration(config)
    with torch.no_grad():
        model.model.visual.pos_embed.weight.copy_(waves(16, config.vision_config.hidden_size) / 2)
    eos, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=[eos, pad], pad_token_id=pad)
    return model


def waves(side: int, width: int) -> torch.Tensor:
    """Return sines and cosines of row and column for a square of places, (side * side, width).

    Begun at random, the places are learned so slowly that for a long time a patch does not know which others are in its column.
    """
    speeds = math.pi * 2 ** torch.linspace(-1, 3, width // 4)
    angles = torch.arange(side)[:, None] / side * speeds
    along = torch.cat([angles.sin(), angles.cos()], 1)
    down = along[:, None].expand(side, side, -1)
    return torch.cat([down, down.transpose(0, 1)], 2).flatten(0, 1)


def pictures_together(module, query, key, value, attention_mask=None, *, scaling, cu_seq_lens_q, **_):
    """Attend within all pictures at once, as they have one size in training; transformers would take one after the other."""
    n = len(cu_seq_lens_q) - 1
    query, key, value = (t[0].unflatten(1, (n, -1)).transpose(0, 1) for t in (query, key, value))
    seen = torch.nn.functional.scaled_dot_product_attention(query, key, value, scale=scaling)
    return seen.transpose(1, 2).flatten(0, 1)[None], None


# A name with "flash" in it, because transformers gives such functions all pictures in one call.
AttentionInterface.register("flash_pictures_together", pictures_together)


def save_folder(model: Qwen3VLForConditionalGeneration, folder: Path) -> None:
    """Write weights in bfloat16, tokenizer, template and the settings of the processors, as a Qwen3-VL repository has them."""
    model.to(torch.bfloat16).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / name, folder)
    shutil.copy(Path(__file__).with_name("chat_template_vl.jinja"), folder / "chat_template.jinja")
    shared = {
        "patch_size": PATCH,
        "temporal_patch_size": FRAMES,
        "merge_size": MERGE,
        "image_mean": [MEAN] * 3,
        "image_std": [STD] * 3,
    }
    least, most = 96 * 96, 128 * 96  # pixels, by which a picture is resized
    image = {"size": {"shortest_edge": least, "longest_edge": most}, "image_processor_type": "Qwen2VLImageProcessor"}
    video = {
        "size": {"shortest_edge": least, "longest_edge": most * 16},
        "video_processor_type": "Qwen3VLVideoProcessor",
    }
    for name, own in (("preprocessor_config.json", image), ("video_preprocessor_config.json", video)):
        settings = {**own, **shared, "processor_class": "Qwen3VLProcessor"}
        (folder / name).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
