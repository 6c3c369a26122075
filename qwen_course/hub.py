"""Fetch a checkpoint from the Hugging Face Hub: from the local cache, else over the network with its size announced.

Only safetensors, JSON and text files are fetched: never pickles, never code.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILES = ["*.safetensors", "*.json", "*.jinja", "*.txt"]
_POCKET = "Without it the course goes on with Pocket: load('pocket')."


def fetch(repo_id: str) -> Path:
    """Return the folder of a hub checkpoint, downloading what is missing.

    Raises ValueError for an unknown or closed repository, OSError if the disk is too small, ConnectionError if the hub
    cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repo_id, allow_patterns=FILES, local_files_only=True))
        if is_complete(folder):
            return folder
    except LocalEntryNotFoundError:
        pass
    with _clear_errors(repo_id):
        size = _download_bytes(repo_id)
    _announce(repo_id, size)
    with _clear_errors(repo_id):
        return Path(snapshot_download(repo_id, allow_patterns=FILES))


@contextmanager
def _clear_errors(repo_id: str) -> Iterator[None]:
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        yield
    except RepositoryNotFoundError as error:  # closed ("gated") repositories are of this class too
        raise ValueError(
            f"The hub knows no open model {repo_id!r} (mistyped, private, or its licence is to be accepted first). "
            f"{_POCKET}"
        ) from error
    except Exception as error:  # the hub's client has changed its HTTP library, and so its errors, twice
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ConnectionError(
            f"{repo_id!r} is not on this disk and could not be fetched from the hub ({cause}). {_POCKET} "
            "A folder with a checkpoint works without network too: load('path/to/folder')."
        ) from error


def is_complete(folder: Path) -> bool:
    """Whether the folder holds a config and every weight file that its index names."""
    if not (folder / "config.json").exists():
        return False
    index = folder / "model.safetensors.index.json"
    if index.exists():
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        return all((folder / name).exists() for name in names)
    return any(folder.glob("*.safetensors"))


def hub_reachable(seconds: float = 2.0) -> bool:
    """Whether a connection to the hub can be opened now; False where HF_HUB_OFFLINE forbids it."""
    import socket
    from urllib.parse import urlsplit

    from huggingface_hub import constants

    address = urlsplit(constants.ENDPOINT)
    if constants.HF_HUB_OFFLINE or not address.hostname:
        return False
    try:
        port = address.port or (443 if address.scheme == "https" else 80)
        with socket.create_connection((address.hostname, port), timeout=seconds):
            return True
    except OSError:
        return False


def _download_bytes(repo_id: str) -> int:
    from fnmatch import fnmatch

    from huggingface_hub import HfApi

    files = HfApi().model_info(repo_id, files_metadata=True, timeout=10).siblings or []
    return sum(file.size or 0 for file in files if any(fnmatch(file.rfilename, pattern) for pattern in FILES))


def _announce(repo_id: str, size: int) -> None:
    """Print how much will be downloaded and how much disk is free; raise OSError if it cannot fit."""
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE)
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    print(f"{repo_id}: {size / 1e9:.1f} GB to download, {free / 1e9:.1f} GB free on the disk for it.", flush=True)
    if size > free:
        raise OSError(f"{repo_id!r} needs {size / 1e9:.1f} GB and only {free / 1e9:.1f} GB are free. {_POCKET}")
