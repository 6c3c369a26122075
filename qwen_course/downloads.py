"""Fetch a checkpoint so that you know what you got: pinned, resumable, and every file held against its checksum.

`hub.py` fetches what the course needs into the hub's cache. Here is what a server needs: a folder of its own, the same
on every machine, that works without network afterwards.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from .hub import FILES

_RECORD = "checksums.json"


@dataclass(frozen=True)
class _File:
    """What the hub says of a file: its size in bytes, and a checksum, "sha256" or "git" (of a blob, with its length)."""

    name: str
    size: int
    kind: str
    checksum: str


def download(repo_id: str, *, revision: str, folder: str | Path) -> Path:
    """Return the folder with one commit of a hub repository, downloading what is missing.

    `revision` is a commit, 40 hex digits: a branch is another thing tomorrow. Size and free disk are printed first. What
    an earlier, broken attempt left is used. A folder that is complete is checked and returned without network. Raises
    ValueError for a revision that is no commit, OSError where the disk is too small or a file is not what the hub has
    (it is removed: call again), and the hub's own errors. Introduced in notebook 07.
    """
    if not re.fullmatch("[0-9a-f]{40}", str(revision)):
        raise ValueError(
            f"revision is {revision!r}; expected a commit, 40 hex digits, as the hub shows under 'History'. "
            "A branch such as 'main' may hold other weights tomorrow."
        )
    folder = Path(folder)
    if _recorded(folder).get("revision") == revision:
        verify(folder)
        return folder
    from huggingface_hub import HfApi, snapshot_download

    siblings = HfApi().model_info(repo_id, revision=revision, files_metadata=True).siblings or []
    files = [_of_hub(one) for one in siblings if any(fnmatch(one.rfilename, pattern) for pattern in FILES)]
    _announce(repo_id, files, folder)
    snapshot_download(repo_id, revision=revision, local_dir=folder, allow_patterns=FILES)
    _check(folder, files)
    known = {file.name: {"size": file.size, "sha256": _sha256(folder / file.name)} for file in files}
    record = {"repo_id": repo_id, "revision": revision, "files": known}
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return folder


def verify(folder: str | Path) -> int:
    """Return how many files of a downloaded folder are as they were; no network is needed.

    Raises OSError that names the files which are missing or changed, ValueError for a folder without a record.
    Introduced in notebook 07.
    """
    folder = Path(folder)
    files = _recorded(folder).get("files")
    if not files:
        raise ValueError(f"{folder.name!r} has no {_RECORD}; fetch the checkpoint by download(...).")
    wrong = [name for name, known in files.items() if not _is(folder / name, known["size"], "sha256", known["sha256"])]
    if wrong:
        raise OSError(f"Missing or changed since the download: {', '.join(wrong)}. Remove {_RECORD} and download again.")
    return len(files)


def _of_hub(sibling) -> _File:
    if sibling.lfs is not None:
        return _File(sibling.rfilename, sibling.lfs.size, "sha256", sibling.lfs.sha256)
    return _File(sibling.rfilename, sibling.size, "git", sibling.blob_id)


def _announce(repo_id: str, files: list[_File], folder: Path) -> None:
    missing = sum(file.size for file in files if not (folder / file.name).exists())
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    print(f"{repo_id}: {missing / 1e6:,.1f} MB to download, {free / 1e6:,.0f} MB free.", flush=True)
    if missing > free:
        raise OSError(f"{repo_id!r} needs {missing / 1e6:,.1f} MB and only {free / 1e6:,.0f} MB are free.")


def _check(folder: Path, files: list[_File]) -> None:
    wrong = [file.name for file in files if not _is(folder / file.name, file.size, file.kind, file.checksum)]
    for name in wrong:
        (folder / name).unlink(missing_ok=True)
        (folder / ".cache" / "huggingface" / "download" / f"{name}.metadata").unlink(missing_ok=True)
    if wrong:
        raise OSError(f"Not what the hub has, and removed: {', '.join(wrong)}. Call download again to fetch them anew.")


def _is(path: Path, size: int, kind: str, checksum: str) -> bool:
    if not path.is_file() or path.stat().st_size != size:
        return False
    return checksum == (_sha256(path) if kind == "sha256" else _git_blob(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git_blob(path: Path) -> str:
    """Return the name that git gives a file's content: SHA-1 of a header with the size, then the content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _recorded(folder: Path) -> dict:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
