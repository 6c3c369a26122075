"""Every notebook runs to its end on every style of Qwen checkpoint, also one that answers nonsense."""

import os
from pathlib import Path

import pytest
from checkpoints import STYLES, build_checkpoint

from qwen_course.runner import execute

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_random_weights_of_every_style(notebook, style, tmp_path):
    folder = build_checkpoint(tmp_path / style, style, greedy=False)
    model = {"QWEN_COURSE_MODEL": str(folder), "QWEN_COURSE_FAST": "1"}
    run = execute(notebook, env={**os.environ, **model, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"})
    assert run.failure is None, f"code cell {run.failure.cell}\n{run.failure.source}\n{run.failure.error}"
