"""Train Pocket-VL from nothing: weights, processor and model card. The tokenizer is Pocket's, which has the vision tokens.

    python training/train_pocket_vl.py [--threads 2]

Fixed seeds; prints loss, pictures per second and time left; continues after a kill from the last checkpoint under `build/pocket_vl/`.
A GPU is used when there is one.
The result replaces `qwen_course/pocket_vl/` as a whole, at the very end, or not at all.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from transformers import Qwen3VLForConditionalGeneration  # noqa: E402
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer  # noqa: E402

from qwen_course.machine import describe_machine  # noqa: E402
from training.card_vl import write_card  # noqa: E402
from training.run import load_checkpoint, new_optimizers, put_in_place, rate_at, save_checkpoint  # noqa: E402
from training.vision_batches import Batch, make_batch, make_pictures  # noqa: E402
from training.vision_helper import IGNORED, Helper  # noqa: E402
from training.vision_model import TOKENIZER, new_model, save_folder  # noqa: E402

WORK = ROOT / "build" / "pocket_vl"
TARGET = ROOT / "qwen_course" / "pocket_vl"


@dataclass(frozen=True)
class Recipe:
    """Hold every number that decides the result."""

    looking_steps: int = 9_000  # the vision part and its helper alone
    looking_rows: int = 16  # pictures of a step
    steps: int = 4_500  # then the whole model, with questions and answers
    rewording_steps: int = 800  # and then the same with questions in other words
    rows: int = 24
    matrix_rate: float = 4e-3  # the peak, for Muon
    peak_rate: float = 3e-3  # for AdamW
    warm_up: int = 60  # steps
    constant_until: float = 0.4  # share of the steps of each part after which the rate falls in a straight line
    last_rate: float = 0.02
    weight_decay: float = 0.05
    rewording_share: float = 0.3  # of the peak rates
    helper_weight: float = 0.1  # of the helper's losses, beside the loss of the answers
    seed: int = 2026
    checkpoint_every: int = 200


def part_of(step: int, recipe: Recipe) -> tuple[str, int, int]:
    """Return the part of the training to which a step belongs, its number in that part, and the steps of the part."""
    for part, steps in (("looking", recipe.looking_steps), ("answering", recipe.steps)):
        if step < steps:
            return part, step, steps
        step -= steps
    return "rewording", step, recipe.rewording_steps


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
    helping = helper(seen, batch.known) if helper else 0.0
    return torch.nn.functional.cross_entropy(logits.float(), targets[kept]), helping


def train(recipe: Recipe, *, stop_after: int | None = None) -> tuple[Qwen3VLForConditionalGeneration, dict]:
    """Train, or go on from the checkpoint, and return the model and facts for the card. `stop_after` ends the run at that step."""
    WORK.mkdir(parents=True, exist_ok=True)
    checkpoint = WORK / "checkpoint.pt"
    device = "cuda" if torch.cuda.is_available() else "cpu"
    saved = load_checkpoint(checkpoint, recipe, device)
    tokenizer = Qwen2Tokenizer.from_pretrained(TOKENIZER)
    model = new_model(tokenizer, recipe.seed).to(device)
    helper = Helper(model.config.vision_config.hidden_size, model.config.text_config.hidden_size).to(device)
    optimizers = new_optimizers(model.model, recipe, helper.parameters())
    start, facts = 0, {"seconds": 0.0, "pictures": 0, "answers": 0, "device": device}
    if saved:
        model.load_state_dict(saved["model"])
        helper.load_state_dict(saved["helper"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        start, facts = saved["step"], saved["facts"]
        print(f"going on from step {start}")
    model.train()
    ordinary = model.model.visual.config._attn_implementation
    model.model.visual.config._attn_implementation = "flash_pictures_together"
    half = describe_machine(device).bf16  # a CPU that only imitates bfloat16 is many times slower with it
    last = recipe.looking_steps + recipe.steps + recipe.rewording_steps
    begun, before, smooth = time.perf_counter(), facts["seconds"], None
    for step in range(start, min(last, stop_after or last)):
        part, of_part, steps = part_of(step, recipe)
        share = recipe.rewording_share if part == "rewording" else 1
        for optimizer, peak in zip(optimizers, (recipe.matrix_rate, recipe.peak_rate), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * share * rate_at(of_part, steps, recipe)
        # The data of a step depend on seed and step alone, so that a resumed run sees what an unbroken one sees.
        rng = random.Random(f"{recipe.seed} {step}")
        with torch.autocast(device, dtype=torch.bfloat16, enabled=half):
            if part == "looking":
                pixel_values, grid, known = (some.to(device) for some in make_pictures(rng, recipe.looking_rows))
                loss = helper(model.model.visual(pixel_values, grid_thw=grid), known)
                total = loss
            else:
                batch = make_batch(tokenizer, rng, recipe.rows, other_words=part == "rewording").to(device)
                grid = batch.grid
                loss, helping = batch_losses(model, batch, helper)
                total = loss + recipe.helper_weight * helping
                facts["answers"] += batch.answers
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        facts["pictures"] += len(grid)
        facts["seconds"] = before + time.perf_counter() - begun
        smooth = loss.item() if smooth is None or not of_part else 0.98 * smooth + 0.02 * loss.item()
        if not of_part or step == start:
            part_begun, part_first = time.perf_counter(), step
        elif (of_part + 1) % 50 == 0:
            pace = (time.perf_counter() - part_begun) / (step - part_first)
            left = pace * (steps - of_part - 1) / 60
            print(
                f"{part}, step {of_part + 1} of {steps}: loss {smooth:.3f}, {pace:.2f} s a step, {left:.0f} minutes left",
                flush=True,
            )
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == last:
            facts["loss"] = smooth
            state = {
                "recipe": vars(recipe),
                "step": step + 1,
                "facts": facts,
                "model": model.state_dict(),
                "helper": helper.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            }
            save_checkpoint(state, checkpoint)
    model.model.visual.config._attn_implementation = ordinary
    return model.eval().cpu(), facts


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
    put_in_place(ready, TARGET)
    print(f"Pocket-VL is ready in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
