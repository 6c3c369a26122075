"""Every notebook runs to its end on every style of Qwen checkpoint, also one that answers nonsense."""

import os
from pathlib import Path

import pytest
from checkpoints import STYLES, VISION_STYLES, build_checkpoint

from qwen_course.runner import execute

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


VISION = [path for path in NOTEBOOKS if path.stem.endswith("_vision")]
CASES = [(path, style) for path in NOTEBOOKS for style in STYLES] + [
    (p, style) for p in VISION for style in VISION_STYLES
]


@pytest.mark.slow
@pytest.mark.parametrize(("notebook", "style"), CASES, ids=lambda case: getattr(case, "stem", case))
def test_a_notebook_runs_on_random_weights_of_every_style(notebook, style, tmp_path):
    folder = build_checkpoint(tmp_path / style, style, greedy=False)
    model = {"QWEN_COURSE_MODEL": str(folder), "QWEN_COURSE_FAST": "1"}
    run = execute(notebook, env={**os.environ, **model, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"})
    assert run.failure is None, f"code cell {run.failure.cell}\n{run.failure.source}\n{run.failure.error}"
