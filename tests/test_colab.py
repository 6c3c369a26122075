"""The set-up cell: silent outside Colab, exact on it, with a report that explains what the machine can do."""

import re
import subprocess
import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace

import pytest
import torch
from setup_cell import setup_cell

from qwen_course import colab
from qwen_course.machine import GIB

CELL = setup_cell("").source


@pytest.fixture
def on_colab(monkeypatch):
    """Pretend that this is Colab, as the set-up cell tells it."""
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))


@pytest.fixture
def no_pip(monkeypatch):
    """Note the commands instead of running them; a test sets what they return."""
    commands = []
    outcome = SimpleNamespace(returncode=0, stderr="")

    def run(command, **options):
        commands.append(command[1:])
        return outcome

    monkeypatch.setattr(subprocess, "run", run)
    return commands, outcome


def without_the_course(monkeypatch):
    from importlib import util

    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "qwen_course" else found(name))


def test_outside_colab_the_cell_says_and_does_nothing(capsys, no_pip):
    names = {}
    exec(CELL, names)
    assert set(names) <= {"__builtins__", "sys"}
    assert no_pip[0] == [] and capsys.readouterr() == ("", "")


def test_on_colab_the_versions_of_torch_and_numpy_are_held(monkeypatch, on_colab, no_pip, capsys):
    without_the_course(monkeypatch)
    exec(setup_cell("ada/course").source, {})
    held = [f"{name}=={metadata.version(name)}" for name in ("torch", "numpy")]
    package = "git+https://github.com/ada/course"
    assert no_pip[0][0] == ["-m", "pip", "install", "--quiet", package, *held]
    assert "is ready, with torch" in capsys.readouterr().out


def test_what_is_installed_already_is_not_installed_again(on_colab, no_pip, capsys):
    exec(setup_cell("ada/course").source, {})
    assert no_pip[0] == []
    assert "is ready" in capsys.readouterr().out


def test_a_failed_installation_and_a_copy_without_an_address_are_said(monkeypatch, on_colab, no_pip):
    without_the_course(monkeypatch)
    with pytest.raises(RuntimeError, match="names no address"):
        exec(CELL, {})
    no_pip[1].returncode, no_pip[1].stderr = 1, "ResolutionImpossible: numpy"
    with pytest.raises(RuntimeError, match="could not install the course:\nResolutionImpossible: numpy"):
        exec(setup_cell("ada/course").source, {})


@pytest.mark.parametrize(("version", "removed"), [("0.10.0", "0.10.0"), ("0.16.0", ""), (None, "")])
def test_a_torchao_that_peft_refuses_is_removed_and_a_newer_one_stays(monkeypatch, no_pip, capsys, version, removed):
    real = metadata.version

    def versions(name):
        if name == "torchao" and version is None:
            raise metadata.PackageNotFoundError(name)
        return version if name == "torchao" else real(name)

    monkeypatch.setattr(metadata, "version", versions)
    colab.settle()
    assert ("Removed torchao 0.10.0" in capsys.readouterr().out) == bool(removed)
    assert no_pip[0] == ([["-m", "pip", "uninstall", "--quiet", "--yes", "torchao"]] if removed else [])


def test_an_older_library_in_the_kernels_memory_is_named_with_what_to_do(monkeypatch):
    old = ModuleType("tokenizers")
    old.__version__ = "0.22.2"
    monkeypatch.setitem(sys.modules, "tokenizers", old)
    with pytest.raises(RuntimeError, match=r"older versions of tokenizers \(0\.22\.2\)\. Choose Runtime > Restart"):
        colab.settle()


@pytest.mark.parametrize(
    ("name", "gib", "major", "says"),
    [
        ("Tesla T4", 14.6, 7, r"Tesla T4 with 15 GiB: MODEL = 'Qwen/Qwen3-1.7B'.*float32, as this GPU has no bfl"),
        ("NVIDIA L4", 22.2, 8, r"NVIDIA L4 with 22 GiB: MODEL = 'Qwen/Qwen3-8B'.*bfloat16, which this GPU runs"),
    ],
)
def test_the_report_explains_the_number_format_of_a_gpu(monkeypatch, name, gib, major, says):
    gpu = SimpleNamespace(name=name, total_memory=int(gib * GIB), major=major)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: gpu)
    assert re.search(says, colab.report(), re.DOTALL)


def test_without_a_gpu_the_report_says_that_none_is_needed(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert "No GPU, and none is needed" in colab.report()
