"""Train Pocket-VL from nothing: weights, processor and model card. The tokenizer is Pocket's, which has the vision tokens.

    python training/train_pocket_vl.py [--threads 2]

Fixed seeds; prints loss, pictures per second and time left; continues after a kill from the last checkpoint under `build/pocket_vl/`.
The result replaces `qwen_course/pocket_vl/` as a whole, at the very end, or not at all.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from transformers import GenerationConfig, Qwen3VLConfig, Qwen3VLForConditionalGeneration  # noqa: E402
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer  # noqa: E402

from qwen_course.machine import describe_machine  # noqa: E402
from training.card_vl import write_card  # noqa: E402
from training.vision_batches import COLOURS, FACTS, FRAMES, IGNORED, MERGE, PATCH, PLACES, Batch, make_batch  # noqa: E402

TOKENIZER = ROOT / "qwen_course" / "pocket"
WORK = ROOT / "build" / "pocket_vl"
TARGET = ROOT / "qwen_course" / "pocket_vl"


@dataclass(frozen=True)
class Recipe:
    """Hold every number that decides the result."""

    steps: int = 2250
    rows: int = 24
    matrix_rate: float = 2.5e-3  # the peak, for Muon
    peak_rate: float = 2e-3  # for AdamW
    warm_up: int = 60  # steps
    constant_until: float = 0.4  # share of the steps after which the rate falls in a straight line
    last_rate: float = 0.02
    weight_decay: float = 0.05
    helper_weight: float = 0.2  # of the helper's losses, beside the loss of the answers
    seed: int = 2026
    checkpoint_every: int = 100


def new_model(recipe: Recipe, tokenizer: Qwen2Tokenizer) -> Qwen3VLForConditionalGeneration:
    """Return Pocket-VL with random weights: deepstack, merged patches of 8 pixels, tied embeddings, interleaved M-RoPE."""
    torch.manual_seed(recipe.seed)
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
            "hidden_size": 160,
            "num_heads": 4,
            "intermediate_size": 480,
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
    eos, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=[eos, pad], pad_token_id=pad)
    return model


def rate_at(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rates: up in a straight line, constant, down in a straight line."""
    turn = recipe.constant_until * recipe.steps
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    falling = max(0.0, (step - turn) / (recipe.steps - turn))
    return 1 - (1 - recipe.last_rate) * falling


def new_optimizers(
    model: Qwen3VLForConditionalGeneration, helper: Helper, recipe: Recipe
) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices inside the layers, and AdamW for embeddings, norms, biases and the patch projection."""
    named = dict(model.model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in named.items() if p.ndim != 2 or "embed" in name] + list(helper.parameters())
    muon = torch.optim.Muon(
        matrices, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    adamw = torch.optim.AdamW(others, lr=recipe.peak_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    return [muon, adamw]


class Helper(torch.nn.Module):
    """Asks the vision part for the facts of a picture directly, during training only.

    From answers alone the vision part hardly begins to learn: as long as it says nothing useful, the text part ignores it and sends no
    gradient back. A small classifier on the mean and the maximum of a picture's tokens ends that within minutes. A second one asks each
    patch what stands in its column: which period, how high, and whether it is the highest or the lowest.
    """

    def __init__(self, width: int, patch_width: int) -> None:
        super().__init__()
        self.place = torch.nn.Linear(patch_width, PLACES + len(COLOURS) + 3)
        self.place_norm = torch.nn.LayerNorm(patch_width)
        self.norm = torch.nn.LayerNorm(2 * width)
        self.hidden = torch.nn.Linear(2 * width, 256)
        self.out = torch.nn.Linear(256, sum(FACTS.values()) + PLACES)

    def forward(self, tokens: torch.Tensor, patches: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the sum of the losses; `tokens` is (pictures, tokens of each, width), `patches` (all patches, patch_width)."""
        pooled = self.norm(torch.cat([tokens.mean(1), tokens.amax(1)], -1).float())
        said = self.out(torch.nn.functional.gelu(self.hidden(pooled))).float()
        *classes, values = said.split([*FACTS.values(), PLACES], 1)
        there = batch.values.isfinite()
        loss = ((values - batch.values.nan_to_num()) ** 2 * there).sum() / there.sum().clamp(min=1) * 10
        for i, scores in enumerate(classes):
            loss = loss + torch.nn.functional.cross_entropy(scores, batch.facts[:, i], ignore_index=IGNORED)
        said = self.place(self.place_norm(patches.float())).float()
        period, heights, extreme = said.split([PLACES, len(COLOURS), 3], 1)
        there = batch.heights.isfinite()
        loss = loss + ((heights - batch.heights.nan_to_num()) ** 2 * there).sum() / there.sum() * 20
        loss = loss + torch.nn.functional.cross_entropy(period, batch.periods, ignore_index=IGNORED)
        return loss + 3 * torch.nn.functional.cross_entropy(extreme, batch.extremes, ignore_index=IGNORED)


def batch_losses(
    model: Qwen3VLForConditionalGeneration, batch: Batch, helper: Helper | None = None
) -> tuple[torch.Tensor, torch.Tensor | float]:
    """Return the mean loss over the tokens of all answers, and the helper's; the model's parts are called as its own forward calls them."""
    seen = model.model.visual(batch.pixel_values, grid_thw=batch.grid)
    places = batch.ids == model.config.image_token_id
    embedded = model.model.language_model.embed_tokens(batch.ids)
    embedded = embedded.masked_scatter(places[..., None], seen.pooler_output.to(embedded.dtype))
    hidden = model.model.language_model(
        inputs_embeds=embedded,
        attention_mask=batch.mask,
        position_ids=batch.positions,
        visual_pos_masks=places,
        deepstack_visual_embeds=seen.deepstack_features,
        use_cache=False,
    ).last_hidden_state
    targets = batch.labels[:, 1:].flatten()
    kept = (targets != IGNORED).nonzero()[:, 0]
    logits = model.lm_head(hidden[:, :-1].flatten(0, 1)[kept])
    tokens = seen.pooler_output.view(len(batch.grid), -1, embedded.shape[-1])
    helping = helper(tokens, seen.last_hidden_state, batch) if helper else 0.0
    return torch.nn.functional.cross_entropy(logits.float(), targets[kept]), helping


def train(recipe: Recipe, *, stop_after: int | None = None) -> tuple[Qwen3VLForConditionalGeneration, dict]:
    """Train, or go on from the checkpoint, and return the model and facts for the card. `stop_after` ends the run at that step."""
    WORK.mkdir(parents=True, exist_ok=True)
    checkpoint = WORK / "checkpoint.pt"
    saved = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    if saved and saved["recipe"] != vars(recipe):
        print("the checkpoint belongs to another recipe: starting anew")
        saved = None
    tokenizer = Qwen2Tokenizer.from_pretrained(TOKENIZER)
    model = new_model(recipe, tokenizer)
    helper = Helper(model.config.text_config.hidden_size, model.config.vision_config.hidden_size)
    optimizers = new_optimizers(model, helper, recipe)
    start, facts = 0, {"seconds": 0.0, "pictures": 0, "answers": 0}
    if saved:
        model.load_state_dict(saved["model"])
        helper.load_state_dict(saved["helper"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        start, facts = saved["step"], saved["facts"]
        print(f"going on from step {start}")
    model.train()
    half = describe_machine("cpu").bf16  # a CPU that only imitates bfloat16 is many times slower with it
    begun, before, first, smooth = time.perf_counter(), facts["seconds"], start, None
    for step in range(start, min(recipe.steps, stop_after or recipe.steps)):
        # The data of a step depend on seed and step alone, so that a resumed run sees what an unbroken one sees.
        batch = make_batch(tokenizer, random.Random(f"{recipe.seed} {step}"), recipe.rows)
        for optimizer, peak in zip(optimizers, (recipe.matrix_rate, recipe.peak_rate), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * rate_at(step, recipe)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            loss, helping = batch_losses(model, batch, helper)
        (loss + recipe.helper_weight * helping).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        facts["pictures"] += len(batch.grid)
        facts["answers"] += batch.answers
        facts["seconds"] = before + time.perf_counter() - begun
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
        if (step + 1) % 20 == 0:
            pace = (time.perf_counter() - begun) / (step + 1 - first)
            left = pace * (recipe.steps - step - 1) / 60
            print(
                f"step {step + 1}: loss {smooth:.3f}, helper {helping.item():.2f}, {pace:.2f} s a step, {left:.0f} minutes left",
                flush=True,
            )
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == recipe.steps:
            facts["loss"] = smooth
            state = {
                "recipe": vars(recipe),
                "step": step + 1,
                "facts": facts,
                "model": model.state_dict(),
                "helper": helper.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
    return model.eval(), facts


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
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
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


def main() -> None:
    """Train Pocket-VL, measure it, and put weights, tokenizer, processor and card in their place together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, help="CPU threads; all cores when not given")
    threads = parser.parse_args().threads
    if threads:
        torch.set_num_threads(threads)
    recipe = Recipe()
    model, facts = train(recipe)
    ready = WORK / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    save_folder(model, ready)
    write_card(ready, vars(recipe), {**facts, "threads": torch.get_num_threads()})
    old = TARGET.with_name("pocket_vl.old")
    shutil.rmtree(old, ignore_errors=True)
    if TARGET.exists():
        TARGET.rename(old)
    ready.rename(TARGET)
    shutil.rmtree(old, ignore_errors=True)
    print(f"Pocket-VL is ready in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
