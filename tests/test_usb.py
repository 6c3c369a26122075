"""The USB stick: filled once, then installed from with the network off."""

import os
import subprocess
import sys

import pytest
import usb
from browser import ROOT

pytestmark = pytest.mark.slow
# Where the kernel lets us, no network at all; everywhere, an index and proxies that nobody answers at.
OFF = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull}
OFF |= {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https", "HTTP", "HTTPS")}


def unshared() -> list:
    """Return the command that runs another without a network, [] where there is none or it is not allowed."""
    command = ["unshare", "--net", "--map-root-user"]
    try:
        return command if subprocess.run([*command, "true"], capture_output=True).returncode == 0 else []
    except FileNotFoundError:
        return []


@pytest.fixture(scope="module")
def stick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stick")
    assert usb.main([str(folder)]) == 0
    return folder


def install(stick, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP", "QWEN"))}
    command = [*unshared(), sys.executable, stick / "install.py", folder]
    return subprocess.run(command, env=environment | OFF, capture_output=True, text=True)


def test_a_learner_installs_from_the_stick_with_the_network_off_and_runs_a_notebook(stick, tmp_path):
    done = install(stick, tmp_path / "course")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The course can run here." in done.stdout and "qwen-course lab" in done.stdout
    program = tmp_path / "course/.venv" / ("Scripts" if os.name == "nt" else "bin") / "qwen-course"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | OFF
    command = [program, "run", "notebooks/01_family_overview.ipynb"]
    ran = subprocess.run(command, cwd=tmp_path / "course", env=environment, capture_output=True, text=True)
    assert ran.returncode == 0 and "ran to its end" in ran.stdout, ran.stdout + ran.stderr


def test_an_existing_folder_and_a_stick_for_other_machines_are_said(stick, tmp_path):
    done = install(stick, tmp_path)
    assert done.returncode == 1 and "exists already" in done.stderr
    kinds = (stick / "kinds.txt").read_text()
    assert kinds == usb.kind()
    (stick / "kinds.txt").write_text("beos, Python 3.11")
    try:
        done = install(stick, tmp_path / "course")
    finally:
        (stick / "kinds.txt").write_text(kinds)
    assert done.returncode == 1 and "no wheels for" in done.stderr and not (tmp_path / "course").exists()


def test_the_stick_holds_the_notebooks_and_no_private_files(stick):
    assert sorted(path.name for path in (stick / "course/notebooks").iterdir()) == sorted(
        path.name for path in (ROOT / "notebooks").glob("*.ipynb")
    )
    assert not any(path.name.startswith(".") for path in (stick / "course").rglob("*"))
