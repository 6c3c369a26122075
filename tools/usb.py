"""Fill a USB stick for a room without a network: `make usb USB=/path/of/the/stick`.

It then holds `wheels/` (the course, JupyterLab and all that they need), `course/` (notebooks and guides) and
`install.py`, with which learners set up on their own disk. Wheels are made for one system and one version of Python:
fill the same stick from a machine of each kind that the room has. This tool needs the network; `install.py` never
asks for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COURSE = "notebooks", "docs", "README.md", "README.fa.md", "LICENSE", "constraints.txt"
INSTALL = '''\
"""Set the course up from this stick, without a network: python install.py [FOLDER]

FOLDER is made new; without one it is qwen-course in your home folder.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

stick = Path(__file__).resolve().parent
folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path.home() / "qwen-course").resolve()
kinds = (stick / "kinds.txt").read_text().split("\\n")
here = f"{sys.platform}, Python {sys.version_info[0]}.{sys.version_info[1]}"
if folder.exists():
    sys.exit(f"{folder} exists already. Remove it, or name another folder: python install.py FOLDER")
if here not in kinds:
    sys.exit(f"This stick holds no wheels for {here}, only for: {'; '.join(filter(None, kinds))}.")
shutil.copytree(stick / "course", folder)
venv.create(folder / ".venv", with_pip=True)
programs = folder / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
command = [programs / "python", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", stick / "wheels"]
print("Installing. This takes a few minutes and asks nothing of the network.", flush=True)
if subprocess.call([*command, "qwen-course[lab]", "--constraint", folder / "constraints.txt"]):
    sys.exit("The installation failed; the lines above say why.")
subprocess.check_call([programs / "qwen-course", "doctor"], cwd=folder)
print(f"Now: cd {folder} and {programs / 'qwen-course'} lab")
'''


def kind() -> str:
    """Return what wheels are made for: system and version of Python."""
    return f"{sys.platform}, Python {sys.version_info[0]}.{sys.version_info[1]}"


def wheels(folder: Path) -> None:
    """Put the course's wheel and those of all that it needs, in the versions of constraints.txt, into the folder."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", folder]
    extra = os.environ.get("EXTRA_INDEX", "").split()  # as the Makefile finds it: PyTorch's CPU builds
    subprocess.run([*pip, f"{ROOT}[lab]", "--constraint", ROOT / "constraints.txt", *extra], check=True)


def main(arguments: list[str]) -> int:
    """Fill the folder and say how big it is; return 0."""
    stick = Path(arguments[0])
    (stick / "wheels").mkdir(parents=True, exist_ok=True)
    for old in (stick / "wheels").glob("qwen_course-*.whl"):
        old.unlink()
    wheels(stick / "wheels")
    shutil.rmtree(stick / "course", ignore_errors=True)
    (stick / "course").mkdir()
    for name in COURSE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, stick / "course" / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        else:
            shutil.copy(ROOT / name, stick / "course")
    (stick / "install.py").write_text(INSTALL, encoding="utf-8")
    kinds = stick / "kinds.txt"
    known = kinds.read_text(encoding="utf-8").split("\n") if kinds.exists() else []
    kinds.write_text("\n".join(sorted({*filter(None, known), kind()})), encoding="utf-8")
    size = sum(path.stat().st_size for path in stick.rglob("*") if path.is_file())
    print(f"{stick}: {size / 2**20:.0f} MiB for {kind()}. Learners run: python install.py")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("expected the folder to fill: python tools/usb.py build/usb")
    sys.exit(main(sys.argv[1:]))
