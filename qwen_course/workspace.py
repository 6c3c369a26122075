"""Copy the course's notebooks to a folder where a learner can change them, without ever losing a change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

_RECORD = ".copied.json"  # notebook -> digest of the version that was copied


def copy_notebooks(source: Path, target: Path) -> list[str]:
    """Bring the notebooks of source into target and return one line for each copy that was left alone.

    A copy that nobody changed follows the course's version. A changed one stays as it is; to start afresh, rename it.
    """
    target.mkdir(parents=True, exist_ok=True)
    record_path = target / _RECORD
    record = json.loads(record_path.read_text(encoding="utf-8")) if record_path.exists() else {}
    kept = []
    for original in sorted(source.glob("*.ipynb")):
        copy = target / original.name
        course, copied = _digest(original), record.get(original.name)
        if copy.exists() and _digest(copy) not in (course, copied):
            news = "" if course == copied else "; the course's version has changed since: rename yours to get it too"
            kept.append(f"Kept {copy}, which you have changed{news}.")
            continue
        copy.write_bytes(original.read_bytes())
        record[original.name] = course
    record_path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    return kept


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
