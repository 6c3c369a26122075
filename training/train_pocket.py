"""Train Pocket from nothing: tokenizer, weights and model card.

    python training/train_pocket.py

Fixed seeds; a progress bar with loss, tokens per second and time left; continues after a kill from the last checkpoint under
`build/pocket/`. The result replaces `qwen_course/pocket/` as a whole, at the very end, or not at all. A GPU is used when there is one.
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from tqdm import tqdm  # noqa: E402
from transformers import GenerationConfig, Qwen3Config, Qwen3ForCausalLM  # noqa: E402

from training.card import write_card  # noqa: E402
from training.curriculum import IGNORED, examples, pack  # noqa: E402
from training.tokenizer import MODEL_MAX_LENGTH, build  # noqa: E402

WORK = ROOT / "build" / "pocket"
TARGET = ROOT / "qwen_course" / "pocket"


@dataclass(frozen=True)
class Recipe:
    """Hold every number that decides the result."""

    steps: int = 2600
    rows: int = 15
    length: int = 512
    peak_rate: float = 2e-3
    warm_up: int = 100
    constant_until: float = 0.45  # share of the steps after which the rate falls in a straight line
    last_rate: float = 0.02  # share of the peak rate at the end
    drill_steps: int = 600  # after the others: small sums are drilled, the rest is kept alive
    drill_share: float = 0.5
    drill_rate: float = 8e-4  # falls in a straight line
    weight_decay: float = 0.05
    vocabulary: int = 2048
    seed: int = 2026
    checkpoint_every: int = 100


def new_model(recipe: Recipe, pad: int, eos: int) -> Qwen3ForCausalLM:
    """Return Pocket with random weights: a Qwen3 with tied embeddings, QK-norm and grouped-query attention."""
    torch.manual_seed(recipe.seed)
    config = Qwen3Config(
        vocab_size=recipe.vocabulary,
        hidden_size=256,
        num_hidden_layers=5,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=128,
        intermediate_size=768,
        max_position_embeddings=MODEL_MAX_LENGTH,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        tie_word_embeddings=True,
        pad_token_id=pad,
        bos_token_id=None,
        eos_token_id=eos,
        initializer_range=0.04,
    )
    model = Qwen3ForCausalLM(config)
    # Greedy, so that a lesson prints the same on every machine; the end of a turn and of a text both stop it.
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=[eos, pad], pad_token_id=pad)
    return model


def rate_at(step: int, recipe: Recipe) -> float:
    """Return the learning rate: up in a straight line, constant, down in a straight line, and once more down for the drill."""
    if step >= recipe.steps:
        return recipe.drill_rate * (1 - (1 - recipe.last_rate) * (step - recipe.steps) / recipe.drill_steps)
    turn = recipe.constant_until * recipe.steps
    if step < recipe.warm_up:
        return recipe.peak_rate * (step + 1) / recipe.warm_up
    falling = max(0.0, (step - turn) / (recipe.steps - turn))
    return recipe.peak_rate * (1 - (1 - recipe.last_rate) * falling)


def train(recipe: Recipe) -> tuple[Qwen3ForCausalLM, object, dict]:
    """Train, or go on from the checkpoint, and return model, tokenizer and facts for the card."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    WORK.mkdir(parents=True, exist_ok=True)
    tokenizer = build(WORK / "tokenizer", recipe.vocabulary)
    pad, eos = tokenizer.pad_token_id, tokenizer.eos_token_id
    model = new_model(recipe, pad, eos).to(device)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=recipe.peak_rate, betas=(0.9, 0.95), fused=True)
    start, facts = 0, {"seconds": 0.0, "tokens": 0, "device": device}
    checkpoint = WORK / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location=device)
        if saved["recipe"] == vars(recipe):
            model.load_state_dict(saved["model"])
            optimizer.load_state_dict(saved["optimizer"])
            start, facts = saved["step"], saved["facts"]
            print(f"going on from step {start}")
        else:
            print("the checkpoint belongs to another recipe: starting anew")
    model.train()
    # Compiling makes a step a third faster; it needs a C++ compiler.
    body = torch.compile(model.model) if device == "cuda" or shutil.which("c++") else model.model
    total = recipe.steps + recipe.drill_steps
    bar = tqdm(range(start, total), initial=start, total=total, unit="step")
    begun, before, seen = time.perf_counter(), facts["seconds"], 0
    for step in bar:
        # The data of a step depend on seed and step alone, so that a resumed run sees what an unbroken one sees.
        drill = recipe.drill_share if step >= recipe.steps else 0.0
        source = examples(tokenizer, random.Random(f"{recipe.seed} {step}"), drill)
        ids, labels, positions = (
            torch.tensor(part, device=device) for part in pack(source, recipe.rows, recipe.length, pad)
        )
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, recipe)
        with torch.autocast(device, dtype=torch.bfloat16):
            # No attention mask: transformers then keeps packed examples apart by their positions.
            hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state
            targets = labels[:, 1:].flatten()  # (rows * (length - 1),)
            kept = targets != IGNORED
            logits = model.lm_head(hidden[:, :-1].flatten(0, 1)[kept])  # (trained tokens, vocabulary)
        loss = torch.nn.functional.cross_entropy(logits.float(), targets[kept])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seen += ids.numel()
        facts["tokens"] += ids.numel()
        facts["seconds"] = before + time.perf_counter() - begun
        if step % 10 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}", tokens_per_second=f"{seen / (time.perf_counter() - begun):,.0f}")
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == total:
            facts["loss"] = loss.item()
            state = {
                "recipe": vars(recipe),
                "step": step + 1,
                "facts": facts,
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").replace(checkpoint)
    return model.eval(), tokenizer, facts


def main() -> None:
    """Train Pocket, measure it, and put weights, tokenizer and card in their place together."""
    recipe = Recipe()
    model, tokenizer, facts = train(recipe)
    ready = WORK / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    model.to(device="cpu", dtype=torch.bfloat16).save_pretrained(ready)
    for file in (WORK / "tokenizer").iterdir():
        shutil.copy(file, ready)
    write_card(ready, vars(recipe), facts)
    old = TARGET.with_name("pocket.old")
    shutil.rmtree(old, ignore_errors=True)
    if TARGET.exists():
        TARGET.rename(old)
    ready.rename(TARGET)
    shutil.rmtree(old, ignore_errors=True)
    print(f"Pocket is ready in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
