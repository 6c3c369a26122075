"""Fetch a checkpoint so that you know what you got: pinned, resumable, and every file held against its checksum.

`hub.py` fetches what the course needs into the hub's cache. Here is what a server needs: a folder of its own, the same
on every machine, that works without network afterwards.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path

from .download_sources import SOURCES, RemoteFile

_RECORD = "checksums.json"
_PIECE = 1 << 16  # bytes


def download(repo_id: str, *, revision: str, folder: str | Path, source: str = "hub") -> Path:
    """Return the folder with one commit of a repository, downloading what is missing; `source`: "hub" or "modelscope".

    `revision` is a commit, 40 hex digits: a branch is another thing tomorrow. Size and free disk are printed first.
    What an earlier, broken attempt left is used, to the byte. A folder that is complete is checked and returned without
    network. Raises ValueError for a revision that is no commit, OSError where the disk is too small, the line breaks or
    a file is not what the source has (it is removed: call again). Introduced in notebook 07.
    """
    if not re.fullmatch("[0-9a-f]{40}", str(revision)):
        raise ValueError(
            f"revision is {revision!r}; expected a commit, 40 hex digits, as the hub shows under 'History'. "
            "A branch such as 'main' may hold other weights tomorrow."
        )
    if source not in SOURCES:
        raise ValueError(f"source is {source!r}; expected one of {', '.join(map(repr, SOURCES))}.")
    folder = Path(folder)
    if _recorded(folder).get("revision") == revision:
        verify(folder)
        return folder
    files = SOURCES[source](repo_id, revision)
    missing = [file for file in files if not (folder / file.name).exists()]
    _announce(repo_id, sum(file.size for file in missing), folder)
    for file in missing:
        _fetch(file, folder / file.name)
    _check(folder, files)
    known = {file.name: {"size": file.size, "sha256": _sha256(folder / file.name)} for file in files}
    record = {"repo_id": repo_id, "revision": revision, "source": source, "files": known}
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    return folder


def _fetch(file: RemoteFile, path: Path) -> None:
    """Load one file; the part that is there stays, and the server is asked for the rest."""
    from huggingface_hub.utils import get_session

    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    there = part.stat().st_size if part.exists() else 0
    if there < file.size:
        headers = {**file.headers, "Accept-Encoding": "identity", "Range": f"bytes={there}-"}
        try:
            with get_session().stream("GET", file.url, headers=headers, follow_redirects=True) as answer:
                answer.raise_for_status()
                with part.open("ab" if answer.status_code == 206 else "wb") as target:  # 200: it sends all again
                    for piece in answer.iter_raw(_PIECE):
                        target.write(piece)
        except Exception as error:  # the client's own kinds of error have changed before
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            raise OSError(f"{file.name} is not complete ({cause}). Call again: what is there is kept.") from error
    part.replace(path)


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
        raise OSError(
            f"Missing or changed since the download: {', '.join(wrong)}. Remove {_RECORD} and download again."
        )
    return len(files)


def _announce(repo_id: str, size: int, folder: Path) -> None:
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    print(f"{repo_id}: {size / 1e6:,.1f} MB to download, {free / 1e6:,.0f} MB free.", flush=True)
    if size > free:
        raise OSError(f"{repo_id!r} needs {size / 1e6:,.1f} MB and only {free / 1e6:,.0f} MB are free.")


def _check(folder: Path, files: list[RemoteFile]) -> None:
    wrong = [file.name for file in files if not _is(folder / file.name, file.size, file.kind, file.checksum)]
    for name in wrong:
        (folder / name).unlink(missing_ok=True)
    if wrong:
        raise OSError(f"Not what the source has, and removed: {', '.join(wrong)}. Call again to fetch them anew.")


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
