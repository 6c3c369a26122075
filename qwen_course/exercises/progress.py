"""Remember which exercises are done, in one small JSON file of the learner's; nothing is sent anywhere.

It lies in the user's data folder, or where QWEN_COURSE_PROGRESS says: a folder (on Colab one of Google Drive), or a
file whose name ends in .json. Saving never stops a lesson: what goes wrong comes back as a note.
Two kernels that save in the same instant may lose one entry; the file itself always stays whole.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from qwen_course.exercises import NOTEBOOKS, exercises_of, title_of
from qwen_course.exercises.display import Table

_FILE = "progress.json"
_unsaved: dict[str, dict[str, Any]] = {}  # what this kernel knows and could not save


def progress_file() -> Path:
    """Return where progress is kept."""
    chosen = os.environ.get("QWEN_COURSE_PROGRESS", "").strip()
    if chosen:
        path = Path(os.path.expanduser(chosen))  # unlike Path.expanduser, it does not raise
        return path if path.suffix == ".json" else path / _FILE
    from platformdirs import user_data_path

    return user_data_path("qwen-course", appauthor=False) / _FILE


def entry(exercise_id: str) -> tuple[dict[str, Any], str]:
    """Return what is known of an exercise, and a note if the file was damaged, else "".

    Known are state ("not yet" or "right"), tries, hints (how many were shown) and solution (whether it was).
    """
    entries, note, readable = _read()
    return entries.get(exercise_id, {}), note if readable else ""  # what cannot be read `record` will say


def record(exercise_id: str, **changes: Any) -> str:
    """Change the entry of an exercise and save; return a note if something went wrong, else "".

    An exercise once right stays right.
    """
    entries, note, readable = _read()
    known = entries.setdefault(exercise_id, {})
    if known.get("state") == "right":
        changes.pop("state", None)
    known.update(changes)
    path = progress_file()
    if not readable:  # writing would replace what could not be read
        _unsaved[exercise_id] = known
        return f"{note} Nothing was saved over it; what you do is kept until this kernel ends."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps({"version": 1, "exercises": entries}, indent=1))
    except OSError as error:
        _unsaved[exercise_id] = known
        what = f"Progress could not be saved to {path} ({error.strerror or type(error).__name__})"
        advice = "Set the environment variable QWEN_COURSE_PROGRESS to a folder that you can write to."
        return f"{note} {what}, so it is kept until this kernel ends. {advice}".strip()
    _unsaved.clear()
    return note


def progress() -> Table:
    """Show how far the learner is, one row per notebook. Introduced in notebook 01."""
    entries, note, _ = _read()
    rows = []
    for notebook in NOTEBOOKS:
        exercises = exercises_of(notebook)
        states = {exercise.id: entries.get(exercise.id, {}).get("state", "") for exercise in exercises}
        right = sum(state == "right" for state in states.values())
        tried = [name for name, state in states.items() if state == "not yet"]
        untouched = [name for name, state in states.items() if not state]
        done = f"{right} of {len(exercises)}" + (" (all done)" if right == len(exercises) else "")
        rows.append((f"{notebook} {title_of(notebook)}", done, ", ".join(tried) or "-", ", ".join(untouched) or "-"))
    columns = ("notebook", "right", "tried, not yet right", "not attempted")
    kept = "It is kept in this kernel only." if _unsaved else f"It is kept in {progress_file()}."
    return Table("Your progress", columns, rows, f"{note} {kept}".strip())


def _read() -> tuple[dict[str, dict[str, Any]], str, bool]:
    """Return the entries, a note, and whether the file may be replaced; a damaged file is put aside."""
    path = progress_file()
    entries: dict[str, dict[str, Any]] = {}
    note, readable = "", True
    try:
        entries = _entries(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):  # none yet; writing will say what is wrong
        pass
    except OSError as error:
        note, readable = f"The progress in {path} could not be read ({error.strerror or type(error).__name__}).", False
    except (ValueError, RecursionError):
        note = f"The progress in {path} was damaged. It starts anew"
        aside = path.with_name(f"{path.name}.damaged")
        try:
            os.replace(path, aside)
            note += f"; the damaged file is kept as {aside.name}."
        except OSError:
            note += "."
    return {**entries, **_unsaved}, note, readable


def _entries(content: Any) -> dict[str, dict[str, Any]]:
    """Return the entries of a file's content. Raises ValueError where it is not what `record` writes."""
    entries = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(isinstance(known, dict) for known in entries.values()):
        raise ValueError("not a file of progress")
    for known in entries.values():
        for name in ("tries", "hints"):
            if not isinstance(known.get(name, 0), int):
                raise ValueError(f"{name} is no number")
    return entries


def _replace(path: Path, text: str) -> None:
    """Write to a file beside it and put that in place in one step: a crash leaves the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
