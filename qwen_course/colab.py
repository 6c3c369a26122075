"""What remains to be done on Colab once the course is installed there; the notebooks' set-up cell calls it.

It installs nothing. Outside Colab nobody needs it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

_TORCHAO = "0.16"  # peft raises ImportError where an older one is merely installed (unslothai/notebooks#258)
_EXAMPLE, _PARAMETERS = "Qwen/Qwen3-0.6B", 0.6e9


def settle() -> None:
    """Remove a torchao that breaks peft, and print in a few lines what is installed and how models will run.

    Raises RuntimeError where the kernel holds an older version of a library than the one now installed.
    """
    removed = _remove_old_torchao()
    if stale := stale_libraries():
        raise RuntimeError(
            f"This session still holds older versions of {', '.join(stale)}. Choose Runtime > Restart session, "
            "then run this cell again: it will not install anything a second time."
        )
    print(report(removed))


def report(removed: str = "") -> str:
    """Return what is installed, on which device models will run, and in which number format and why."""
    from qwen_course.machine import GIB, choose_precision, describe_machine, fitting_model, room_for_bf16

    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "transformers"))
    lines = [f"qwen-course {metadata.version('qwen-course')} is ready, with {versions}."]
    if removed:
        lines.append(f"Removed torchao {removed}: peft does not work beside a version before {_TORCHAO}.")
    machine = describe_machine()
    if machine.kind == "cpu":
        lines.append("No GPU, and none is needed. For a real Qwen choose one: Runtime > Change runtime type.")
    else:
        _, why = choose_precision(int(_PARAMETERS), machine)
        largest = fitting_model(room_for_bf16(machine))
        lines.append(f"{machine.name} with {machine.memory / GIB:.0f} GiB: MODEL = {largest!r} would fit.")
        lines.append(f"There {_EXAMPLE} runs in {why}.")
    return "\n".join(lines)


def stale_libraries() -> list[str]:
    """Return the libraries that the course needs and this kernel imported before a newer version was installed."""
    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in metadata.requires("qwen-course") or []]
    names = [one.name for one in needed if not one.marker] + ["pyarrow"]  # which datasets asks to be newer than Colab's
    stale = []
    for name in names:
        module = sys.modules.get(name.replace("-", "_"))
        held = vars(module).get("__version__") if module else None
        if isinstance(held, str) and held != metadata.version(name):
            stale.append(f"{name} ({held})")
    return stale


def _remove_old_torchao() -> str:
    """Uninstall a torchao that peft refuses, and return its version; "" where there was none."""
    from packaging.version import Version

    try:
        found = metadata.version("torchao")
    except metadata.PackageNotFoundError:
        return ""
    if Version(found) >= Version(_TORCHAO):
        return ""
    command = [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes", "torchao"]
    subprocess.run(command, check=True, capture_output=True)
    return found
