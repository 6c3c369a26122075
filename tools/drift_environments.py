"""`make drift`: the drift check and all notebooks, in new environments with the newest and the oldest versions.

"Oldest" are the lower bounds of pyproject.toml for the libraries whose names change; torch keeps the version of
constraints.txt in both. An environment that cannot be made is a failure too. Takes some GB of disk under build/.
"""

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
WATCHED = ("accelerate", "bitsandbytes", "datasets", "huggingface-hub", "onnxruntime-genai", "openai", "peft",
           "tokenizers", "transformers", "trl")  # fmt: skip


def lower_bounds() -> dict[str, str]:
    """Return the lowest version that pyproject.toml admits for each watched library that it declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + [line for lines in project["optional-dependencies"].values() for line in lines]
    declared = [Requirement(line) for line in lines]
    return {one.name: next(iter(one.specifier)).version for one in declared if one.name in WATCHED}


def requirements(kind: str) -> list[str]:
    """Return what pip is told besides the course itself; kind is "newest" or "oldest"."""
    torch = next(line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch=="))
    return [torch] if kind == "newest" else [torch, *(f"{name}=={low}" for name, low in lower_bounds().items())]


def steps(kind: str, python: Path) -> dict[str, list]:
    """Return the commands of one environment by name."""
    extra = os.environ.get("EXTRA_INDEX", "").split()  # as the Makefile finds it: PyTorch's CPU builds
    return {
        "install": [python, "-m", "pip", "install", "--quiet", "-e", ".[lab,test]", *requirements(kind), *extra],
        "names": [python, "tools/drift.py"],
        "notebooks": [python, "-m", "pytest", "-q", "--nbmake", "--nbmake-timeout=900", "notebooks"],
    }


def check(kind: str) -> dict[str, str]:
    """Make the environment, run each step, and return {step: "ok" or "FAILED"}."""
    folder = ROOT / "build" / f"drift-{kind}"
    venv.create(folder, clear=True, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    environment = os.environ | {"QWEN_COURSE_FAST": "1", "TQDM_DISABLE": "1", "HF_HUB_OFFLINE": "1"}
    results = {}
    for name, command in steps(kind, python).items():
        print(f"--- {kind}: {name}", flush=True)
        failed = subprocess.run(command, cwd=ROOT, env=environment).returncode != 0
        results[name] = "FAILED" if failed else "ok"
        if name == "install" and failed:
            return results | {later: "not run" for later in ("names", "notebooks")}
    return results


def main(kinds: list[str]) -> int:
    results = {kind: check(kind) for kind in kinds or ["newest", "oldest"]}
    print("| versions | install | names | notebooks |\n|---|---|---|---|")
    for kind, result in results.items():
        print(f"| {kind} | " + " | ".join(result.values()) + " |")
    return any(outcome != "ok" for result in results.values() for outcome in result.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
