"""Thirty learners on one real `transformers serve`: each gets an answer of their own; copies to hand out."""

import os
import re
import shutil
import subprocess
import sys
import threading

import nbformat
import pytest
from browser import ROOT

import qwen_course as qc
from benchmarks.classroom import BATCHING, GREEDY, lesson, server
from qwen_course.models import POCKET
from qwen_course.runner import execute

pytestmark = pytest.mark.slow
LEARNERS = 30


@pytest.mark.parametrize("options", [(), BATCHING], ids=["as it comes", "continuous batching"])
def test_thirty_learners_at_once_each_get_the_answer_to_their_own_question(options):
    with server(POCKET, "--device", "cpu", *options) as (address, process):
        held = lesson(address, learners=LEARNERS, questions=2)
        assert held.failures == [] and len(held.texts) == 2 * LEARNERS
        assert process.is_running()
    assert not process.is_running()
    problems = [problem.messages for problem in qc.problems("arithmetic", 2 * LEARNERS, seed=1)]
    with qc.load("pocket") as local:
        alone = [reply.text for reply in local.chat_batch(problems, thinking=False, sampling=GREEDY, max_new_tokens=64)]
    there = [held.texts[number, question] for number in range(LEARNERS) for question in range(2)]
    assert sum(a == b for a, b in zip(alone, there, strict=True)) >= 0.95 * len(alone)  # batches round differently


def test_a_notebook_that_points_at_the_server_runs_while_the_class_asks(tmp_path):
    with server(POCKET, "--device", "cpu", *BATCHING) as (address, _):
        env = {**os.environ, "QWEN_COURSE_MODEL": address, "QWEN_COURSE_FAST": "1", "TQDM_DISABLE": "1"}
        env |= {"OMP_NUM_THREADS": "1", "QWEN_COURSE_PROGRESS": str(tmp_path / "progress.json")}
        others = []
        crowd = threading.Thread(target=lambda: others.append(lesson(address, learners=LEARNERS - 1, questions=6)))
        crowd.start()
        run = execute(ROOT / "notebooks/02_inference.ipynb", env=env)
        crowd.join()
    failure = run.failure
    assert failure is None, f"code cell {failure.cell}\n{failure.source}\n{failure.error}"
    assert others[0].failures == [] and len(others[0].texts) == 6 * (LEARNERS - 1)


def test_the_guides_command_for_copies_without_outputs_leaves_the_notebooks_as_they_are(tmp_path):
    guide = (ROOT / "docs/instructors.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"(?m)^\.venv/bin/jupyter (nbconvert .*) notebooks/\*\.ipynb$", guide)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    names = [f"notebooks/{path.name}" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    command = [sys.executable, "-m", "jupyter", *line.split(), *names]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for name in names:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes()
        cells = nbformat.read(tmp_path / name.replace("notebooks", "handout"), as_version=4).cells
        assert not any(cell.get("outputs") for cell in cells)
