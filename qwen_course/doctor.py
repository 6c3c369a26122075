"""Look over the machine before a lesson: what the course needs, what it would choose, and what to do about the rest.

Nothing is loaded, downloaded or changed.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_INSTALL = "pip install -e . -c constraints.txt   (in the course's folder)"
_NEEDED_GIB = 1.0  # a kernel with torch, transformers and Pocket, and some room
_SHOWN = "torch", "transformers", "bitsandbytes"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty where nothing is to be done; `stops`: the course cannot run like this."""

    name: str
    detail: str
    advice: str = ""
    stops: bool = False


def examine() -> Iterator[Finding]:
    """Yield what is found, most important first; packages that are missing end it, as the rest needs them."""
    yield Finding("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    packages = _packages()
    yield packages
    yield _jupyterlab()
    if packages.stops:
        return
    yield _processor()
    yield _memory()
    yield _disk()
    yield _gpu()
    yield _hub()
    yield _choice()


def _packages() -> Finding:
    from packaging.requirements import Requirement

    wrong, versions = [], {}
    for line in metadata.requires("qwen-course") or []:
        needed = Requirement(line)
        if needed.marker and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            versions[needed.name] = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(versions[needed.name], prereleases=True):
            wrong.append(f"{needed.name} is {versions[needed.name]}, {needed.specifier} is needed")
    if wrong:
        return Finding("packages", "; ".join(wrong), _INSTALL, stops=True)
    shown = ", ".join(f"{name} {versions[name]}" for name in _SHOWN)
    return Finding("packages", f"{shown}, and {len(versions) - len(_SHOWN)} more as needed")


def _jupyterlab() -> Finding:
    try:
        return Finding("JupyterLab", metadata.version("jupyterlab"))
    except metadata.PackageNotFoundError:
        return Finding("JupyterLab", "not installed", 'to work through the notebooks: pip install -e ".[lab]"')


def _processor() -> Finding:
    import torch

    return Finding("processor", f"{os.cpu_count()} cores, of which torch uses {torch.get_num_threads()}")


def _memory() -> Finding:
    import psutil

    from qwen_course.machine import GIB, describe_machine

    total, free = psutil.virtual_memory().total / GIB, describe_machine("cpu").memory / GIB
    detail = f"{free:.1f} GiB free of {total:.1f}"
    if free < _NEEDED_GIB:
        return Finding("memory", detail, f"close other programs: a lesson needs {_NEEDED_GIB:.0f} GiB", stops=True)
    return Finding("memory", detail)


def _disk() -> Finding:
    from huggingface_hub.constants import HF_HUB_CACHE

    from qwen_course.machine import GIB

    cache = Path(HF_HUB_CACHE)
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free / GIB
    detail = f"{free:.1f} GiB free where real models would be stored"
    return Finding("disk", detail, "Qwen/Qwen3-0.6B takes 1.5 GiB; Pocket takes none" if free < 2 else "")


def _gpu() -> Finding:
    from qwen_course.machine import GIB, describe_machine

    machine = describe_machine()
    if machine.kind != "cpu":
        return Finding("GPU", f"{machine.name}, {machine.memory / GIB:.0f} GiB")
    if shutil.which("nvidia-smi"):
        return Finding("GPU", "torch finds none, though an NVIDIA driver is installed", "install a CUDA build of torch")
    return Finding("GPU", "none, and none is needed")


def _hub() -> Finding:
    from qwen_course.hub import hub_reachable

    if hub_reachable():
        return Finding("model hub", "reachable")
    return Finding("model hub", "not reachable", "nothing, for Pocket; any other model must be a folder on this disk")


def _choice() -> Finding:
    from qwen_course.machine import choose_precision, describe_machine
    from qwen_course.models import POCKET, count_stored
    from qwen_course.parameters import count_parameters

    model = os.environ.get("QWEN_COURSE_MODEL") or "pocket"
    pocket = model.lower() == "pocket"
    folder = POCKET if pocket else Path(model)
    if model.startswith(("http://", "https://")):
        return Finding("load()", f"{model}, as QWEN_COURSE_MODEL says")
    if folder.is_dir() or pocket:
        parameters = count_stored(folder)
        if not parameters:
            missing = "get the course's files again: git restore qwen_course/pocket"
            return Finding("load()", f"no weights in {folder}", missing if pocket else "name another", True)
    else:
        try:
            parameters = count_parameters(model).total
        except ValueError:
            return Finding("load()", f"{model}, whose size the catalogue does not know")
    machine = describe_machine()
    _, why = choose_precision(parameters, machine)
    return Finding("load()", f"{model} on {machine.name}: {why}")
