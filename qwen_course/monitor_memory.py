"""How much memory this process and its GPU take, read at the moment somebody asks.

A difference of two readings before and after a reply says nothing: Python and torch keep freed memory for later use,
and other threads run meanwhile. What counts is the level, and whether it creeps upwards over days.
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class GpuMemory:
    """One GPU's memory in bytes: what this process holds there, what all processes hold, and what there is."""

    name: str
    process: int
    used: int
    total: int


def process_memory() -> int:
    """Return the bytes of main memory that this process holds (resident set size)."""
    import psutil

    return psutil.Process().memory_info().rss


def memory_share() -> float:
    """Return what this process holds, as a share of what it holds and could still get (a container's limit counts)."""
    from .machine import describe_machine

    held = process_memory()
    return held / (held + max(0, describe_machine("cpu").memory))


def gpu_memory() -> list[GpuMemory]:
    """Return one entry per CUDA GPU that this process has used; none without one. It never wakes a GPU up."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return []
    found = []
    for number in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(number)
        found.append(GpuMemory(f"cuda:{number}", torch.cuda.memory_reserved(number), total - free, total))
    return found
