"""`qwen-course run`, `lab` and `doctor`, as commands: real kernels on small notebooks, real exit codes."""

import json
import os
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from qwen_course import doctor
from qwen_course.workspace import copy_notebooks


def course(*arguments, cwd, **env):
    command = [sys.executable, "-m", "qwen_course.cli", *map(str, arguments)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QWEN_COURSE_")}
    return subprocess.run(command, cwd=cwd, env={**clean, **env}, capture_output=True, text=True, encoding="utf-8")


def write(path, *cells, title="# A lesson"):
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell(title), *map(new_code_cell, cells)]), path)


def outputs(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in cells]


# --- run


@pytest.fixture(scope="module")
def mixed_run(tmp_path_factory):
    """Four notebooks, of which one fails in its second cell and one loses its kernel, run once for several tests."""
    folder = tmp_path_factory.mktemp("course")
    write(folder / "notebooks" / "01_good.ipynb", "word = 'spam'\nprint(word)", "print(word * 2)", title="# Good & <b>")
    write(folder / "notebooks" / "02_bad.ipynb", "1", "def broken():\n    return {}['key']\nbroken()", "print('later')")
    write(folder / "notebooks" / "03_dies.ipynb", "import os\nos._exit(3)")
    write(folder / "notebooks" / "04_last.ipynb", "print('spam' in globals())")
    stored = (folder / "notebooks" / "01_good.ipynb").read_bytes()
    return folder, course("run", cwd=folder), stored


def test_run_executes_every_notebook_in_a_kernel_of_its_own(mixed_run):
    folder, _, _ = mixed_run
    assert outputs(folder / "build" / "01_good.ipynb") == ["spam\n", "spamspam\n"]
    assert outputs(folder / "build" / "04_last.ipynb") == ["False\n"]


def test_run_shows_the_failing_cell_and_goes_on_and_exits_with_1(mixed_run):
    _, result, _ = mixed_run
    assert result.returncode == 1
    assert "02_bad.ipynb failed at code cell 2" in result.stdout
    assert "return {}['key']" in result.stdout and "KeyError: 'key'" in result.stdout
    assert "03_dies.ipynb failed at code cell 1" in result.stdout and "The kernel died" in result.stdout
    assert "Traceback" not in result.stderr


def test_run_ends_with_a_table_and_how_to_go_on(mixed_run):
    folder, result, _ = mixed_run
    table = result.stdout[result.stdout.index("notebook ") :]
    assert re.search(r"^01_good +ran to its end +2 +\d+\.\d$", table, re.MULTILINE)
    assert re.search(r"^02_bad +failed at code cell 2 +1 +\d+\.\d$", table, re.MULTILINE)
    assert (folder / "build" / "index.html").as_uri() in table
    assert "make lab" in table


def test_run_writes_pages_that_show_the_outputs_and_load_nothing(mixed_run):
    folder, _, _ = mixed_run
    page = (folder / "build" / "01_good.html").read_text(encoding="utf-8")
    assert "spamspam" in page
    assert "<title>Good &amp; &lt;b&gt;</title>" in page
    assert "prefers-color-scheme: dark" in page
    assert "<script" not in page and not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(|@import""", page)
    assert "default-src 'none'" in page
    failed = (folder / "build" / "02_bad.html").read_text(encoding="utf-8")
    assert "KeyError" in failed and "later\n" not in failed


def test_run_writes_an_index_that_leads_to_each_page_with_its_result(mixed_run):
    folder, _, _ = mixed_run
    index = (folder / "build" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', index)
    assert links == ["01_good.html", "02_bad.html", "03_dies.html", "04_last.html"]
    assert all((folder / "build" / link).exists() for link in links)
    assert index.count("ran to its end") == 2 and "failed at code cell 2" in index


def test_run_leaves_the_notebooks_as_they_were(mixed_run):
    folder, _, stored = mixed_run
    assert (folder / "notebooks" / "01_good.ipynb").read_bytes() == stored


def test_run_of_good_notebooks_exits_with_0_and_gives_them_the_model(tmp_path):
    show = "import os\nprint(os.environ['QWEN_COURSE_MODEL'])"
    write(tmp_path / "notebooks" / "01.ipynb", show)
    (tmp_path / "weights").mkdir()
    result = course("run", "--model", "weights", "notebooks/01.ipynb", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    # the kernel works in notebooks/, where "weights" would mean another folder
    assert outputs(tmp_path / "build" / "01.ipynb") == [f"{tmp_path / 'weights'}\n"]
    assert course("run", "notebooks/01.ipynb", cwd=tmp_path, QWEN_COURSE_MODEL="Qwen/Qwen3-0.6B").returncode == 0
    assert outputs(tmp_path / "build" / "01.ipynb") == ["Qwen/Qwen3-0.6B\n"]


def test_run_does_not_show_outputs_of_an_earlier_run(tmp_path):
    cells = [new_code_cell("1 / 0"), new_code_cell("2", execution_count=7)]
    cells[1].outputs = [nbformat.v4.new_output("stream", text="stale")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "old.ipynb")
    assert course("run", "old.ipynb", cwd=tmp_path).returncode == 1
    assert outputs(tmp_path / "build" / "old.ipynb")[1] == ""


def test_run_names_a_file_that_is_no_notebook_and_goes_on(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{not json", encoding="utf-8")
    write(tmp_path / "good.ipynb", "print('still here')")
    result = course("run", "broken.ipynb", "good.ipynb", cwd=tmp_path)
    assert result.returncode == 1
    assert "broken.ipynb could not be run" in result.stdout
    assert outputs(tmp_path / "build" / "good.ipynb") == ["still here\n"]


def test_run_outside_the_course_says_where_to_go(tmp_path):
    result = course("run", cwd=tmp_path)
    assert result.returncode == 2
    assert "Change to the course's folder" in result.stderr


# --- lab


def test_lab_copies_follow_the_course_until_the_learner_changes_them(tmp_path):
    notebooks, work = tmp_path / "notebooks", tmp_path / "work"
    write(notebooks / "01.ipynb", "1")
    write(notebooks / "02.ipynb", "1")
    assert copy_notebooks(notebooks, work) == []
    write(work / "02.ipynb", "my answer")
    mine = (work / "02.ipynb").read_bytes()
    (kept,) = copy_notebooks(notebooks, work)
    assert "02.ipynb" in kept and "has changed since" not in kept

    write(notebooks / "01.ipynb", "new")
    write(notebooks / "02.ipynb", "new")
    (kept,) = copy_notebooks(notebooks, work)
    assert "02.ipynb" in kept and "has changed since" in kept
    assert (work / "01.ipynb").read_bytes() == (notebooks / "01.ipynb").read_bytes()
    assert (work / "02.ipynb").read_bytes() == mine


def test_lab_does_not_overwrite_a_file_it_never_copied(tmp_path):
    write(tmp_path / "notebooks" / "01.ipynb", "1")
    write(tmp_path / "work" / "01.ipynb", "somebody's own")
    mine = (tmp_path / "work" / "01.ipynb").read_bytes()
    assert len(copy_notebooks(tmp_path / "notebooks", tmp_path / "work")) == 1
    assert (tmp_path / "work" / "01.ipynb").read_bytes() == mine


@pytest.mark.slow
def test_lab_opens_jupyterlab_on_the_copies(tmp_path):
    write(tmp_path / "notebooks" / "01.ipynb", "1")
    settings = {"ServerApp": {"allow_root": True, "open_browser": False, "port": 0}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    env = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    log = tmp_path / "log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "qwen_course.cli", "lab"], cwd=tmp_path, env=env, stdout=file, stderr=file
        )
        try:
            deadline = time.monotonic() + 300
            while not re.search(r"http://\S+/lab", log.read_text()) and time.monotonic() < deadline:
                time.sleep(0.5)
        finally:
            stop_children(server)
    assert f"directory: {tmp_path / 'work'}" in log.read_text()
    assert re.search(r"http://\S+/lab", log.read_text())
    assert (tmp_path / "work" / "01.ipynb").exists()


def stop_children(process):
    import psutil

    family = psutil.Process(process.pid)
    for child in [*family.children(recursive=True), family]:
        child.kill()
    process.wait()


# --- doctor


def test_doctor_finds_this_environment_fit_and_says_what_load_would_choose(tmp_path):
    result = course("doctor", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"torch {metadata.version('torch')}" in result.stdout
    assert re.search(r"^\[OK\] +load\(\) +pocket on .+: .+", result.stdout, re.MULTILINE)
    for name in ("Python", "packages", "processor", "memory", "disk", "GPU", "model hub"):
        assert re.search(rf"^\[(OK|NOTE)\] +{name} ", result.stdout, re.MULTILINE), name


def test_doctor_exits_with_1_and_says_what_to_do_when_the_model_has_no_weights(tmp_path):
    (tmp_path / "empty").mkdir()
    result = course("doctor", cwd=tmp_path, QWEN_COURSE_MODEL="empty")
    assert result.returncode == 1
    assert re.search(r"^\[STOP\] load\(\) +no weights in empty\n +-> ", result.stdout, re.MULTILINE)


def test_doctor_notes_an_unreachable_hub_without_stopping(monkeypatch):
    monkeypatch.setattr("qwen_course.hub.hub_reachable", lambda: False)
    hub = next(one for one in doctor.examine() if one.name == "model hub")
    assert hub.advice and not hub.stops


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [("no-such-package>=1", "no-such-package is missing"), ("torch>=99", "torch is 2")],
    ids=["missing", "too old"],
)
def test_doctor_stops_at_packages_that_are_not_as_needed(monkeypatch, requirement, expected):
    monkeypatch.setattr(metadata, "requires", lambda _: [requirement, "never-asked-for; extra == 'test'"])
    findings = list(doctor.examine())
    packages = next(one for one in findings if one.name == "packages")
    assert packages.stops and expected in packages.detail and "never-asked-for" not in packages.detail
    assert "constraints.txt" in packages.advice
    assert "load()" not in [one.name for one in findings]


def test_doctor_stops_when_the_memory_is_used_up(monkeypatch):
    from qwen_course.machine import Machine

    monkeypatch.setattr("qwen_course.machine.describe_machine", lambda *_: Machine("cpu", "the CPU", 2**28, bf16=False))
    memory = next(one for one in doctor.examine() if one.name == "memory")
    assert memory.stops and "0.2 GiB free" in memory.detail and memory.advice


def test_help_lists_the_commands():
    result = course("--help", cwd=Path.cwd())
    assert result.returncode == 0
    assert all(command in result.stdout for command in ("doctor", "run", "lab"))
