"""Every notebook as somebody opens it on Colab: alone, in an environment with Colab's versions, installing by itself.

The environment has what Colab's image had in the middle of 2026, but the torch of these tests; the package comes from a
git repository on this disk, and all else from the package registry. Takes some minutes.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

import links
import pytest

from qwen_course.runner import execute

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COLAB = {
    "accelerate": "1.13.0",
    "datasets": "4.0.0",
    "huggingface_hub": "1.17.0",
    "ipykernel": "6.17.1",
    "ipython": "7.34.0",
    "matplotlib": "3.10.0",
    "numpy": "2.0.2",
    "pandas": "2.2.2",
    "peft": "0.19.1",
    "pyarrow": "18.1.0",
    "tokenizers": "0.22.2",
    "torchao": "0.10.0",
    "transformers": "5.9.0",
}


def link_torch(site: Path) -> None:
    """Put the torch of these tests, with the CUDA libraries of its own, there too: hard links, which cost no time."""
    for found in metadata.distributions():
        name = found.metadata["Name"].lower()
        if name == "torch" or name.startswith(("nvidia-", "cuda-", "triton")):
            for file in found.files:
                source, target = Path(found.locate_file(file)), site / file
                if ".." not in file.parts and source.exists() and "__pycache__" not in file.parts:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    try:
                        os.link(source, target)
                    except OSError:  # another disk
                        shutil.copy2(source, target)


def in_colab(colab, code: str) -> str:
    command = [colab["python"], "-c", code]
    there = colab["jupyter"]  # not in this folder, whose qwen_course would be imported
    return subprocess.run(
        command, cwd=there, env=colab["env"], check=True, capture_output=True, text=True
    ).stdout.strip()


def versions(colab) -> dict[str, str]:
    found = "{d.metadata['Name'].lower(): d.version for d in m.distributions()}"
    return json.loads(in_colab(colab, f"import json, importlib.metadata as m; print(json.dumps({found}))"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return a git repository with the course, whose notebooks install it from there."""
    root = tmp_path_factory.mktemp("published")
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("qwen_course", "notebooks"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    assert links.main([root.as_uri()], root) == 0
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "-m", "The course"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Return the python and the environment variables of a machine like Colab's."""
    root = tmp_path_factory.mktemp("colab")
    venv.create(root / "venv", with_pip=True)
    python = root / "venv/bin/python"
    site = next((root / "venv/lib").glob("python*/site-packages"))
    link_torch(site)
    (site / "google/colab").mkdir(parents=True)
    (site / "google/colab/__init__.py").write_text('"""What the set-up cell looks for."""\n')
    startup = root / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00-colab.py").write_text("import google.colab\n")  # Colab's kernel has it from the start
    kernel = root / "jupyter/kernels/python3"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    pins = [f"{name}=={version}" for name, version in COLAB.items()]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-compile", *pins], check=True)
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QWEN_COURSE", "VIRTUAL"))
    }
    env |= {"IPYTHONDIR": str(root / "ipython"), "QWEN_COURSE_FAST": "1", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    env |= {"TQDM_DISABLE": "1", "QWEN_COURSE_PROGRESS": str(root / "progress.json")}
    return {"python": python, "env": env, "jupyter": root / "jupyter"}


@pytest.mark.skipif(sys.platform == "win32", reason="Colab runs Linux")
@pytest.mark.skipif(not shutil.which("git"), reason="no git")
def test_every_notebook_sets_itself_up_on_colab_and_runs(colab, published, tmp_path, monkeypatch):
    before = versions(colab)
    assert before["torchao"] == COLAB["torchao"] and "qwen-course" not in before
    monkeypatch.setenv("JUPYTER_PATH", str(colab["jupyter"]))
    said = {}
    for path in sorted((published / "notebooks").glob("*.ipynb")):
        alone = tmp_path / path.stem
        alone.mkdir()
        shutil.copy(path, alone)
        run = execute(alone / path.name, env=colab["env"])
        failure = run.failure
        assert failure is None, f"{path.name}: code cell {failure.cell}\n{failure.source}\n{failure.error}"
        set_up = next(cell for cell in run.notebook.cells if cell.get("id") == "set-up")
        said[path.stem] = "".join(output.text for output in set_up.outputs)
        print(f"{path.stem}: {run.seconds:.0f} s\n{said[path.stem]}")
    assert sorted(said) == [path.stem for path in NOTEBOOKS]
    assert all("is ready, with torch" in text for text in said.values()), said
    first, *others = said.values()
    assert "Removed torchao 0.10.0" in first and "Installing the course" in first
    assert not any("Installing" in text or "Removed" in text for text in others)

    after = versions(colab)
    assert [after[name] for name in ("torch", "numpy")] == [before[name] for name in ("torch", "numpy")]
    assert "torchao" not in after and after["qwen-course"] == metadata.version("qwen-course")
    where = in_colab(colab, "import qwen_course, peft, torch, numpy; print(qwen_course.__file__, torch.__version__)")
    assert str(colab["python"].parent.parent) in where
