"""The same training as a configuration: for the `trl sft` command and `accelerate launch`, on one machine or on many.

Nothing is trained here. What the files say is what `finetune` does, in the words of those tools; their own parsers read
them in the tests. Introduced in notebook 05.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qwen_course.finetuning_data import Row, write_rows


def training_config(
    base: str | Path,
    data: str | Path,
    output: str | Path,
    *,
    rank: int = 16,
    learning_rate: float,
    rows_per_step: int,
    processes: int = 1,
    max_steps: int = -1,
    cpu: bool = False,
) -> dict[str, Any]:
    """Return the settings of a LoRA run as `trl sft --config` reads them.

    `rows_per_step` counts the rows of all processes together: the same number on one process or several gives the same
    losses. Raises ValueError where the processes cannot share it evenly. Introduced in notebook 05.
    """
    if rows_per_step % processes:
        raise ValueError(
            f"rows_per_step is {rows_per_step} and cannot be shared by {processes} processes; take a multiple of them."
        )
    return {
        "model_name_or_path": str(base),
        "dtype": "float32" if cpu else "bfloat16",
        "dataset_name": str(data),
        "output_dir": str(output),
        "use_peft": True,
        "lora_r": rank,
        "lora_alpha": rank,
        "lora_dropout": 0.0,
        "lora_target_modules": ["all-linear"],
        "learning_rate": learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": 0.05,
        "shuffle_dataset": True,  # once, by the seed; then in order, so that the order is the same on any number
        "train_sampling_strategy": "sequential",
        "per_device_train_batch_size": rows_per_step // processes,
        "gradient_accumulation_steps": 1,
        "max_steps": max_steps,
        "num_train_epochs": 1,
        "max_length": 512,
        "gradient_checkpointing": not cpu,
        "bf16": not cpu,
        "use_cpu": cpu,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "save_strategy": "no" if max_steps > 0 else "steps",
        "seed": 0,
    }


def launch_config(*, processes: int = 1, machines: int = 1, cpu: bool = False) -> dict[str, Any]:
    """Return what `accelerate launch --config_file` reads: how many processes, where, and how they talk.

    On GPUs that is one process each and NCCL; on CPUs gloo. `processes` counts those of
    all machines; each machine gets its own `machine_rank`, and all the address of the first. Introduced in notebook 05.
    """
    # accelerate's own kind for CPUs, MULTI_CPU, starts a single process unless an MPI is installed (accelerate 1.15).
    config: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "MULTI_GPU" if processes > 1 else "NO",
        "mixed_precision": "no" if cpu else "bf16",
        "num_machines": machines,
        "num_processes": processes,
        "machine_rank": 0,
        "use_cpu": cpu and processes == 1,
    }
    if machines > 1:
        config |= {"main_process_ip": "10.0.0.1", "main_process_port": 29500, "rdzv_backend": "static"}
    return config


def write_launch_files(
    folder: str | Path, rows: Sequence[Row], training: dict[str, Any], launch: dict[str, Any]
) -> tuple[Path, Path]:
    """Write data/train.jsonl, training.yaml and accelerate.yaml into a folder; return the paths of the two YAML files.

    `training` is changed to name that data. Introduced in notebook 05.
    """
    import yaml

    folder = Path(folder)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    write_rows(folder / "data" / "train.jsonl", rows)
    paths = (folder / "training.yaml", folder / "accelerate.yaml")
    for path, content in zip(paths, ({**training, "dataset_name": str(folder / "data")}, launch), strict=True):
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return paths
