"""Train Pocket from nothing: tokenizer, weights and model card.

    python training/train_pocket.py

Fixed seeds; a progress bar with loss, tokens per second and time left; continues after a kill from the last checkpoint under
`build/pocket/`. The result replaces `qwen_course/pocket/` as a whole, at the very end, or not at all. A GPU is used when there is one.
"""

from __future__ import annotations

import os
import platform
import random
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import transformers  # noqa: E402
from tqdm import tqdm  # noqa: E402
from transformers import GenerationConfig, Qwen3Config, Qwen3ForCausalLM  # noqa: E402
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer  # noqa: E402

from qwen_course.machine import describe_machine  # noqa: E402
from training import attention  # noqa: E402
from training.card import write_card  # noqa: E402
from training.curriculum import IGNORED, LAST_MIX, LATE_MIX, MIX, examples, pack  # noqa: E402
from training.run import load_checkpoint, new_optimizers, put_in_place, rate_at, save_checkpoint  # noqa: E402
from training.tokenizer import MODEL_MAX_LENGTH, build  # noqa: E402

WORK = ROOT / "build" / "pocket"
TARGET = ROOT / "qwen_course" / "pocket"


@dataclass(frozen=True)
class Recipe:
    """Hold every number that decides the result."""

    steps: int = 12000
    rows: int = 15
    length: int = 512
    matrix_rate: float = 4e-3  # the peak, for Muon; its updates are scaled to the size of AdamW's
    peak_rate: float = 2e-3  # for AdamW
    warm_up: int = 100
    constant_until: float = 0.2  # share of the steps after which the rate falls in a straight line
    last_rate: float = 0.0  # share of the peak rate at the end
    late_from: float = 0.4  # share of the steps after which the data are those of the end of the training
    last_steps: int = 1350  # after all others: up once more, to a share of the peak rates, and down to nothing
    last_peak: float = 0.27
    weight_decay: float = 0.05
    vocabulary: int = 3072
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


class Steps(torch.utils.data.Dataset):
    """Draw the data of each step; they depend on seed and step alone, so that a resumed run sees what an unbroken one sees."""

    def __init__(self, recipe: Recipe, tokenizer: Qwen2Tokenizer, start: int) -> None:
        self.recipe, self.tokenizer, self.start = recipe, tokenizer, start

    def __len__(self) -> int:
        return self.recipe.steps + self.recipe.last_steps - self.start

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        recipe, step = self.recipe, self.start + index
        mix = MIX if step < recipe.late_from * recipe.steps else LATE_MIX if step < recipe.steps else LAST_MIX
        source = examples(self.tokenizer, random.Random(f"{recipe.seed} {step}"), mix)
        parts = pack(source, recipe.rows, recipe.length, self.tokenizer.pad_token_id)
        ids, labels, positions = (torch.tensor(part) for part in parts)
        targets = labels[:, 1:].flatten()  # (rows * (length - 1),)
        kept = trained_positions(targets)
        return ids, positions, kept, targets[kept]


def share_of_the_rates(step: int, recipe: Recipe) -> float:
    """Return the share of the peak rates at a step: the shape of `rate_at`, then a small rise and fall."""
    if step < recipe.steps:
        return rate_at(step, recipe.steps, recipe)
    done = step - recipe.steps
    return recipe.last_peak * min((done + 1) / recipe.warm_up, 1 - done / recipe.last_steps)


def trained_positions(targets: torch.Tensor, multiple: int = 512) -> torch.Tensor:
    """Return the indices of the targets that count, filled up with some that do not.

    Their number is a multiple, because libraries keep a kernel and its buffers for each shape that they ever met: with a new
    shape in every step the memory grows for ever.
    """
    trained, ignored = (targets != IGNORED).nonzero()[:, 0], (targets == IGNORED).nonzero()[:, 0]
    return torch.cat([trained, ignored[: -len(trained) % multiple]])


def made_on(device: str) -> dict[str, Any]:
    """Return what the card says about the machine and the libraries of a training."""
    name = f"{os.cpu_count()} cores ({platform.machine()})"
    if device == "cuda":
        name = f"one {describe_machine(device).name} and {name}"
    return {"machine": name, "torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}


def train(recipe: Recipe) -> tuple[Qwen3ForCausalLM, object, dict]:
    """Train, or go on from the checkpoint, and return model, tokenizer and facts for the card."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    WORK.mkdir(parents=True, exist_ok=True)
    checkpoint, words = WORK / "checkpoint.pt", WORK / "tokenizer"
    saved = load_checkpoint(checkpoint, recipe, device)
    # Ids mean something only with the tokenizer that a checkpoint began with.
    tokenizer = Qwen2Tokenizer.from_pretrained(words) if saved else build(words, recipe.vocabulary)
    pad, eos = tokenizer.pad_token_id, tokenizer.eos_token_id
    model = new_model(recipe, pad, eos).to(device)
    optimizers = new_optimizers(model.model, recipe)
    start, facts = 0, {"seconds": 0.0, "tokens": 0, **made_on(device)}
    if saved:
        model.load_state_dict(saved["model"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        start, facts = saved["step"], saved["facts"]
        print(f"going on from step {start}")
    model.train()
    # A CPU that only imitates bfloat16 is many times slower with it.
    half = describe_machine(device).bf16
    # Compiling makes a step a third faster and needs a C++ compiler; plain products, compiled, are then the fastest attention.
    model.set_attn_implementation("eager" if device == "cuda" else attention.NAME)
    body = torch.compile(model.model) if device == "cuda" or shutil.which("c++") else model.model
    # A GPU is faster than one process draws data; two cores are busy with the training.
    workers = min(8, (os.cpu_count() or 1) - 1) if device == "cuda" else 0
    batches = torch.utils.data.DataLoader(
        Steps(recipe, tokenizer, start), batch_size=None, num_workers=workers, pin_memory=device == "cuda"
    )
    end = recipe.steps + recipe.last_steps
    bar = tqdm(batches, initial=start, total=end, unit="step")
    begun, before, seen = time.perf_counter(), facts["seconds"], 0
    for step, batch in enumerate(bar, start):
        ids, positions, kept, targets = (part.to(device, non_blocking=True) for part in batch)
        for optimizer, peak in zip(optimizers, (recipe.matrix_rate, recipe.peak_rate), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * share_of_the_rates(step, recipe)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=half):
            # No attention mask: transformers then keeps packed examples apart by their positions.
            hidden = body(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state
            logits = model.lm_head(hidden[:, :-1].flatten(0, 1)[kept])  # (trained tokens, vocabulary)
        loss = torch.nn.functional.cross_entropy(logits.float(), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        seen += ids.numel()
        facts["tokens"] += ids.numel()
        facts["seconds"] = before + time.perf_counter() - begun
        if step % 10 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}", tokens_per_second=f"{seen / (time.perf_counter() - begun):,.0f}")
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == end:
            facts["loss"] = loss.item()
            state = {
                "recipe": vars(recipe),
                "step": step + 1,
                "facts": facts,
                "model": model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            }
            save_checkpoint(state, checkpoint)
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
    put_in_place(ready, TARGET)
    print(f"Pocket is ready in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
