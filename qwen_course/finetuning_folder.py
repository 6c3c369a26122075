"""The folder of a training: whether it can be written and has room, asked beforehand; its last checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path


def check_folder(folder: str | Path, needed: int) -> None:
    """Make sure that `needed` bytes can be written into a folder, which is made; raise OSError with what to do if not.

    Introduced in notebook 05.
    """
    folder = Path(folder)
    probe = folder / ".can-write"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"{str(folder)!r} cannot be written ({error.strerror}), so the trained adapter would be lost. "
            "Nothing was trained. Name another folder, or change its permissions."
        ) from error
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f"{str(folder)!r} has {free / 1e6:,.0f} MB free, and the adapter with a checkpoint needs about "
            f"{needed / 1e6:,.0f} MB. Nothing was trained. Free some space, or name a folder on another disk."
        )


def last_checkpoint(folder: Path) -> str:
    """Return the folder of the newest checkpoint of a run; raise FileNotFoundError where there is none."""
    from transformers.trainer_utils import get_last_checkpoint

    found = get_last_checkpoint(str(folder))
    if found is None:
        raise FileNotFoundError(f"There is no checkpoint in {str(folder)!r} to resume from; train with save_every=.")
    return found
