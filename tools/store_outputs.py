"""Execute notebooks with the default model and store clean outputs in them: `make notebooks`, or name some.

A notebook that fails or breaks a rule is left as it was; its executed copy lies in build/ to be looked at.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from notebook_rules import violations

from qwen_course.runner import execute


def store(path: Path) -> list[str]:
    """Execute one notebook and store its outputs; return what kept them from being stored."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QWEN_COURSE_")}
    run = execute(path, env={**env, "TQDM_DISABLE": "1"})
    wrong = []
    if run.failure:
        wrong.append(f"code cell {run.failure.cell} failed\n{run.failure.source}\n{run.failure.error}")
    elif run.notebook:
        wrong = violations(run.notebook)
    if run.notebook:
        rejected = Path("build") / path.name
        rejected.parent.mkdir(exist_ok=True)
        nbformat.write(run.notebook, rejected if wrong else path)
    print(f"{path}: {'NOT stored' if wrong else 'stored'} after {run.seconds:.1f} s", flush=True)
    return wrong


def main(paths: list[str]) -> int:
    """Store the outputs of these notebooks and return 1 if any was left as it was."""
    wrong = [f"{path}: {what}" for path in paths for what in store(Path(path))]
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
