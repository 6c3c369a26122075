"""Installing: the same packages for pip and conda, bounds and pins that agree, a light import, a complete wheel."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import qwen_course

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORTED_AS = {
    "pyyaml": "yaml",
    "pillow": "pil",
    "llama-cpp-python": "llama_cpp",
}  # where a package is imported under another name than its own
CONDA_NAMES = {"pytorch": "torch", "prometheus_client": "prometheus-client"}
PACKAGE = ROOT / "qwen_course"


def declared(*extras: str) -> dict[str, Requirement]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_conda_and_pip_users_get_the_same_packages_with_the_same_bounds():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in environment["dependencies"] if isinstance(line, str) and line != "pip"]
    lines += next(line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    assert "-e ." in lines
    conda = [Requirement(line) for line in lines if line != "-e ."]
    found = {CONDA_NAMES.get(one.name, one.name): str(one.specifier) for one in conda}
    expected = {name: str(one.specifier) for name, one in declared("lab").items()}
    assert found == {"python": PROJECT["requires-python"], **expected}


def test_the_package_sets_lower_bounds_only():
    for one in declared("lab", "test", "docs", "edge").values():
        assert [spec.operator for spec in one.specifier] == [">="], f"{one}: an upper bound would replace Colab's torch"


def test_constraints_pin_each_declared_package_within_its_bound_and_name_no_place():
    pinned = pins()
    for name, one in declared("lab", "test", "docs", "edge").items():
        assert one.specifier.contains(pinned[name]), f"{one} against {name}=={pinned[name]}"
    assert pinned["torch"] == "2.13.0"
    for name, version in pinned.items():
        assert re.fullmatch(r"[0-9][0-9a-z.]*", version), f"{name}=={version}: a plain version is expected"


def test_everything_the_package_imports_is_declared():
    declares = {IMPORTED_AS.get(name, name).replace("-", "_") for name in declared("edge")}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - {"qwen_course"}:
                assert top in sys.stdlib_module_names or top.lower() in declares, f"{path.name} imports {top}"


def test_importing_the_package_imports_nothing_heavy():
    heavy = ["torch", "transformers", "pandas", "numpy", "matplotlib", "typer"]
    code = f"import sys, qwen_course; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("name", qwen_course.__all__)
def test_public_name_can_be_imported(name):
    value = getattr(qwen_course, name)
    assert value.__module__.startswith("qwen_course.")
    assert value.__doc__, f"{name} has no docstring"
    assert name in dir(qwen_course)


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(AttributeError, match="'laod'.*load"):
        _ = qwen_course.laod


def test_no_public_name_is_the_name_of_a_module():
    for name in qwen_course.__all__:
        assert find_spec(f"qwen_course.{name}") is None, f"importing qwen_course.{name} would replace qc.{name}"


def test_wheel_carries_every_file_of_the_package_and_nothing_else(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, tmp_path, ROOT], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    assert carried == {name for name in files if "__pycache__" not in name}
    assert {Path(name).suffix for name in carried} >= {".py", ".csv", ".json", ".jinja", ".md", ".safetensors"}


@pytest.fixture
def make(tmp_path):
    """Return a function that runs make in a folder which holds no more than make needs."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)

    def run(*arguments):
        return subprocess.run(["make", *arguments], cwd=tmp_path, capture_output=True, text=True)

    return run


def test_make_installs_once_and_again_only_when_a_requirement_changed(make, tmp_path):
    assert "pip install" in make("-n", "setup").stdout
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()
    for target in ("setup", "run", "lab", "test"):
        result = make("-n", target)
        assert result.returncode == 0 and "pip install" not in result.stdout
    later = (tmp_path / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(tmp_path / "constraints.txt", (later, later))
    assert "pip install" in make("-n", "setup").stdout


def test_make_says_which_python_it_needs_and_creates_nothing_without(make, tmp_path):
    result = make("setup", "PYTHON=")
    assert result.returncode != 0
    assert "No Python 3.11 or newer" in result.stdout
    assert not (tmp_path / ".venv").exists()
