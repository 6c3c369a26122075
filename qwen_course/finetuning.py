"""Train a LoRA adapter on checked rows: SFTTrainer with the settings that notebook 05 explains one by one.

`finetune` loads a model of its own, so that the one you compare with stays as it was, and refuses before the first step
what would fail after the last one. The loss it shows is that of trl; what it does not do is judge: `evaluate` measures
the result. Data: `finetuning_data.py` and `finetuning_checks.py`; saving and merging: `finetuning_adapters.py`.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_course.conversation import LocalQwen
from qwen_course.fast import fast_mode
from qwen_course.finetuning_checks import TrainingData
from qwen_course.finetuning_folder import check_folder, last_checkpoint
from qwen_course.machine import describe_machine
from qwen_course.models import load
from qwen_course.quiet import quiet_transformers

if TYPE_CHECKING:
    import pandas

_FAST_STEPS = 2
_HELD_OUT_POINTS = 8  # how often the held-out loss is measured in a run


class TrainingDiverged(RuntimeError):
    """The loss is no number any more; nothing that was trained since the last checkpoint is worth keeping."""


@dataclass(frozen=True)
class TrainingSettings:
    """What depends on the model and the machine. `reason` says why."""

    learning_rate: float
    rows_per_step: int
    bf16: bool  # calculate in bfloat16; the adapter itself stays in float32
    use_cpu: bool
    reason: str


@dataclass(frozen=True)
class Training:
    """A finished run: the model with its adapter, ready to chat, and how the loss went."""

    qwen: LocalQwen
    folder: Path  # adapter, tokenizer, and checkpoints if there are any
    history: pandas.DataFrame  # step, loss, held-out loss
    steps: int
    seconds: float
    settings: dict[str, Any]

    def __repr__(self) -> str:
        loss = self.history["loss"].dropna()
        return f"{self.steps} steps in {self.seconds:.1f} s, loss {loss.iloc[0]:.2f} -> {loss.iloc[-1]:.3f}"


def training_settings(qwen: LocalQwen) -> TrainingSettings:
    """Return learning rate, batch and number format for a loaded model, and why in a line.

    2e-4 is the rate of the QLoRA paper for 7 and 13 billion parameters (T. Dettmers et al., 2023, arXiv:2305.14314,
    appendix B); Pocket's was found by trying. Introduced in notebook 05.
    """
    device = str(qwen.model.device)
    machine = describe_machine(device if device.startswith(("cpu", "cuda", "mps")) else "auto")
    tiny = sum(weight.numel() for weight in qwen.model.parameters()) < 100e6
    rate = 1e-2 if tiny else 2e-4
    size = "a tiny model takes a rate 50 times the usual one" if tiny else "the usual rate of LoRA"
    numbers = "bfloat16 arithmetic" if machine.bf16 else "float32 arithmetic, as there is no fast bfloat16 here"
    return TrainingSettings(rate, 16, machine.bf16, machine.kind == "cpu", f"{rate:g}: {size}; {numbers}")


def finetune(
    model: str | Path | None,
    data: TrainingData,
    folder: str | Path,
    *,
    held_out: TrainingData | None = None,
    precision: str = "auto",
    rank: int = 16,
    learning_rate: float | None = None,
    packing: bool = False,
    save_every: int | None = None,
    resume: bool = False,
    seed: int = 0,
) -> Training:
    """Train a LoRA adapter for a model on all linear layers, one pass over the rows, and save it in `folder`.

    `model` and `precision` as for `load`; "nf4" is QLoRA. `held_out` rows are measured on the way and not trained on.
    `packing` joins rows up to 512 tokens (not on models with linear attention, which would need kernels of their own to
    keep them apart). `save_every` writes a checkpoint after so many steps, and `resume` goes on
    from the last one. Raises OSError for a folder that cannot be written or a full disk, before anything is trained;
    TrainingDiverged when the loss is no number. QWEN_COURSE_FAST=1 trains two steps. Introduced in notebook 05.
    """
    folder = Path(folder)
    qwen = load(model, precision=precision, local=True)
    adapter_bytes = 8 * rank * sum(sum(w.shape) for w in qwen.model.parameters() if w.dim() == 2)
    check_folder(folder, 4 * adapter_bytes)  # the adapter, and a checkpoint with AdamW's two moments
    chosen = training_settings(qwen)
    rate = chosen.learning_rate if learning_rate is None else learning_rate
    linear = "linear_attention" in (getattr(qwen.model.config.get_text_config(), "layer_types", None) or ())
    packing = packing and not linear
    if precision in ("nf4", "fp4"):
        keep_gradients(qwen.model)
    with quiet_training():  # peft says something at its import already
        trainer = _trainer(qwen, data, folder, held_out, rank, rate, packing, save_every, seed)
    start = time.perf_counter()
    with quiet_training(), _attention_for_training(qwen.model, chosen):
        trainer.train(resume_from_checkpoint=last_checkpoint(folder) if resume else None)
        seconds = time.perf_counter() - start
        trainer.save_model()
    tuned = trainer.model.eval()
    reason = f"{qwen.name} with an adapter of rank {rank}, trained on {len(data):,} rows"
    return Training(
        qwen=LocalQwen(name=qwen.name, reason=reason, model=tuned, tokenizer=qwen.tokenizer, sampling=qwen.name),
        folder=folder,
        history=training_history(trainer),
        steps=trainer.state.global_step,
        seconds=seconds,
        settings={
            "rank": rank,
            "learning rate": rate,
            "rows per step": chosen.rows_per_step,
            "steps": trainer.state.global_step,
            "base weights": "4-bit (nf4)" if precision == "nf4" else str(qwen.model.dtype).removeprefix("torch."),
            "arithmetic": "bfloat16" if chosen.bf16 else "float32",
            "packing": "no, as linear attention keeps no borders" if linear else packing,
            "seed": seed,
        },
    )


def training_history(trainer: Any) -> pandas.DataFrame:
    """Return the losses that a trainer logged: columns step, loss, held-out loss. Introduced in notebook 05."""
    import pandas as pd

    rows = [
        {"step": entry["step"], "loss": entry.get("loss"), "held-out loss": entry.get("eval_loss")}
        for entry in trainer.state.log_history
        if "loss" in entry or "eval_loss" in entry
    ]
    table = pd.DataFrame(rows, columns=["step", "loss", "held-out loss"]).astype(float)
    return table.groupby("step", as_index=False).first()


def keep_gradients(model: Any) -> None:
    """Keep bitsandbytes from repacking 4-bit weights for the CPU's inference kernel during a training.

    A held-out measurement in between would repack them, and that kernel passes no gradient back: from then on the
    layers below would learn nothing, with one warning (bitsandbytes 0.50). Introduced in notebook 05.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


@contextmanager
def quiet_training() -> Iterator[None]:
    """Keep out of a notebook what trl and peft say of each other's names, which a learner cannot change.

    Introduced in notebook 05.
    """
    with quiet_transformers(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*gradient_checkpointing.* is deprecated", category=FutureWarning)
        yield


def training_callbacks() -> list[Any]:
    """Return what watches a run: a plain progress bar, and a stop when the loss is no number.

    Introduced in notebook 05.
    """
    from tqdm import tqdm  # the plain bar, not transformers' own: no widget or table of numbers in a saved notebook
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        bar = None

        def on_train_begin(self, args, state, control, **others):
            self.bar = tqdm(total=state.max_steps, initial=state.global_step, unit="step", leave=False)

        def on_step_end(self, args, state, control, **others):
            self.bar.update(1)

        def on_log(self, args, state, control, logs=None, **others):
            loss = (logs or {}).get("loss")
            if loss is None:
                return
            self.bar.set_postfix_str(f"loss {loss:.3f}")
            if not math.isfinite(loss) or not math.isfinite(logs.get("grad_norm", 0.0)):
                self.bar.close()
                raise TrainingDiverged(
                    f"The loss is {loss} at step {state.global_step} (learning rate {args.learning_rate:g}). Lower the "
                    "learning rate to a third, or warm up for longer; if the model runs in float16, take bfloat16 or "
                    "float32. Checkpoints saved before are still good."
                )

        def on_train_end(self, args, state, control, **others):
            self.bar.close()

    return [Watch()]


@contextmanager
def _attention_for_training(model: Any, chosen: TrainingSettings) -> Iterator[None]:
    """Let a CPU train with attention written as plain products, a fifth faster on rows of up to 512 tokens.

    Answers are then given with the attention that the model was loaded with, as they will be after a reload.
    """
    loaded = model.config._attn_implementation
    if chosen.use_cpu:
        model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(loaded)


def _trainer(
    qwen: LocalQwen,
    data: TrainingData,
    folder: Path,
    held_out: TrainingData | None,
    rank: int,
    rate: float,
    packing: bool,
    save_every: int | None,
    seed: int,
) -> Any:
    """Return the SFTTrainer that section 4 of notebook 05 writes out."""
    from datasets import Dataset, disable_progress_bars
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    chosen = training_settings(qwen)
    longest, per_row = 512, chosen.rows_per_step
    if packing:  # half the tokens of a padded step: more steps over the same rows, which measured better here
        per_row = max(1, int(per_row * data.tokens / len(data) / (2 * longest)))
    steps = math.ceil(data.tokens / longest / per_row) if packing else math.ceil(len(data) / per_row)
    steps = min(steps, _FAST_STEPS) if fast_mode() else steps
    with quiet_training():
        config = SFTConfig(
            output_dir=str(folder),
            learning_rate=rate,
            lr_scheduler_type="linear",
            warmup_steps=0.05,
            per_device_train_batch_size=per_row,
            max_steps=_FAST_STEPS if fast_mode() else -1,
            num_train_epochs=1,
            packing=packing,
            eval_packing=False,
            max_length=longest,
            eval_strategy="no" if held_out is None else "steps",
            eval_steps=max(1, steps // _HELD_OUT_POINTS),
            per_device_eval_batch_size=32,
            logging_steps=max(1, steps // 30),
            logging_nan_inf_filter=False,  # it would hide a loss that is no number
            save_strategy="no" if save_every is None else "steps",
            save_steps=save_every or 500,
            save_total_limit=2,
            bf16=chosen.bf16,
            use_cpu=chosen.use_cpu,
            gradient_checkpointing=False,  # it saves memory, which is not what these models are short of, for time
            router_aux_loss_coef=0.0,  # for mixtures of experts, whose router is not trained
            report_to="none",
            disable_tqdm=True,
            seed=seed,
        )
    lora = LoraConfig(r=rank, lora_alpha=rank, target_modules="all-linear", lora_dropout=0.0, task_type="CAUSAL_LM")
    with quiet_training():
        trainer = SFTTrainer(
            model=qwen.model,
            args=config,
            train_dataset=Dataset.from_list(data.records()),
            eval_dataset=None if held_out is None else Dataset.from_list(held_out.records()),
            processing_class=qwen.tokenizer,
            peft_config=lora,
            callbacks=training_callbacks(),
        )
    trainer.remove_callback(PrinterCallback)
    return trainer
