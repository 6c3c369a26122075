"""What this machine is, and what follows from it: the device, the number format, and a model that would fit.

`describe_machine` asks the hardware; `choose_precision` and `fitting_model` only reckon, for any machine described.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Precision = Literal["fp32", "bf16", "fp16", "int8", "nf4", "fp4"]
PRECISIONS = ("auto", *get_args(Precision))

GIB = 2**30
_BITS = {"fp32": 32, "bf16": 16, "fp16": 16, "int8": 8, "nf4": 4.5, "fp4": 4.5}


@dataclass(frozen=True)
class Machine:
    """One device to run on. `memory` is what a model may take there, in bytes; `bf16`: bfloat16 runs at full speed."""

    device: str  # "cpu", "cuda:0", "mps"
    name: str
    memory: int
    bf16: bool

    @property
    def kind(self) -> str:
        return self.device.partition(":")[0]


def describe_machine(device: str = "auto") -> Machine:
    """Return the best device here ("auto": CUDA, then Apple's MPS, then the CPU), or the one named.

    Raises ValueError for a device that is unknown or absent.
    """
    import torch

    kind, _, index = device.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (index and not (kind == "cuda" and index.isdecimal())):
        raise ValueError(f"device is {device!r}; expected 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'.")
    if kind == "cuda" or (kind == "auto" and torch.cuda.is_available()):
        number = int(index or 0)
        if number >= torch.cuda.device_count():
            found = torch.cuda.device_count()
            raise ValueError(f"device is {device!r}, but torch finds {found} CUDA GPUs. Use device='auto'.")
        gpu = torch.cuda.get_device_properties(number)
        # Older GPUs only imitate bfloat16; compute capability 8 (Ampere) is the first to have it.
        return Machine(f"cuda:{number}", gpu.name, gpu.total_memory, bf16=gpu.major >= 8)
    if kind == "mps" or (kind == "auto" and torch.backends.mps.is_available()):
        if not torch.backends.mps.is_available():
            raise ValueError(f"device is {device!r}, but torch finds no Apple GPU. Use device='auto'.")
        return Machine("mps", "Apple GPU", torch.mps.recommended_max_memory(), bf16=True)
    return Machine("cpu", "the CPU", _free_memory(), bf16=_cpu_has_bf16())


def _free_memory() -> int:
    """Return the bytes of main memory still free, within the limit of a container (as Binder sets it)."""
    from pathlib import Path

    import psutil

    free = psutil.virtual_memory().available
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        return min(free, limit - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except (OSError, ValueError):  # no such file outside Linux; "max" where there is no limit
        return free


def _cpu_has_bf16() -> bool:
    import torch

    can = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def choose_precision(parameters: int, machine: Machine) -> tuple[Precision, str]:
    """Return the number format for a model of that many parameters on that machine, and why in a few words.

    Weights may fill 80 % of the memory; the rest is for the KV cache and for work.
    """

    def fits(precision: Precision) -> bool:
        return weight_bytes(parameters, precision) <= 0.8 * machine.memory

    if parameters < 100e6:
        return "fp32", "float32, as a model this small needs no savings"
    if machine.kind == "cuda" and machine.bf16:
        return "bf16", "bfloat16, which this GPU runs at full speed" + ("" if fits("bf16") else _too_big("nf4"))
    if machine.kind == "cuda":
        if fits("fp32"):
            return "fp32", "float32, as this GPU has no bfloat16 and Qwen can overflow in float16"
        return "fp16", "float16, as this GPU has no bfloat16 and float32 does not fit" + (
            "" if fits("fp16") else _too_big("nf4")
        )
    if not fits("fp32"):
        why = "bfloat16, as float32 does not fit into the free memory"
        return "bf16", why + ("" if fits("bf16") else _too_big("nf4"))
    if machine.bf16:
        return "bf16", "bfloat16, which halves the memory to read per token"
    return "fp32", "float32, as this CPU has no fast bfloat16"


def weight_bytes(parameters: int, precision: Precision) -> int:
    """Return the bytes that this many weights take (4-bit formats: 4.5 bits with their scales)."""
    return int(parameters * _BITS[precision] / 8)


def _too_big(precision: str) -> str:
    return f" (too big for the memory even so: expect failure, and try precision={precision!r} or a smaller model)"


def room_for_bf16(machine: Machine) -> int:
    """Return the memory that counts where sizes are reckoned in bfloat16: half, where weights must be float32."""
    return machine.memory if machine.bf16 else machine.memory // 2


def fitting_model(memory: int) -> str:
    """Return the largest Qwen3 whose bfloat16 weights leave a GPU of that many bytes room for a long conversation."""
    for gib, repo_id in ((76, "Qwen/Qwen3-32B"), (38, "Qwen/Qwen3-14B"), (22, "Qwen/Qwen3-8B"), (11, "Qwen/Qwen3-4B")):
        if memory >= gib * GIB:
            return repo_id
    return "Qwen/Qwen3-1.7B" if memory >= 5 * GIB else "Qwen/Qwen3-0.6B"
