"""The set-up cell that every notebook has, the same in each: `make links` writes it.

On Colab it installs the package and leaves torch and numpy as they are. Anywhere else it does nothing at all: who
works in a folder of the course has installed it already.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

SET_UP = "set-up"
_GITHUB = re.compile(r"(?:https://github\.com/)?([\w.-]+/[\w.-]+?)(?:\.git)?/?")
_ADDRESS = re.compile(r"""(?:https://[\w.:-]+|file://)/[^\s"'\\]+""")
_SOURCE = """\
# @title Set-up. On Colab this cell installs the course; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    import subprocess
    from importlib.metadata import version
    from importlib.util import find_spec

    PACKAGE = "{package}"  # what pip installs: an address, or a wheel that you uploaded to this machine
    if find_spec("qwen_course") is None:
        if not PACKAGE:
            raise RuntimeError("This copy of the course names no address to install from: open a published one.")
        print("Installing the course. This takes a minute, once per Colab machine.")
        keep = [f"{{name}}=={{version(name)}}" for name in ("torch", "numpy")]  # pip stops rather than change these
        command = [sys.executable, "-m", "pip", "install", "--quiet", PACKAGE, *keep]
        pip = subprocess.run(command, capture_output=True, text=True)
        if pip.returncode != 0:
            raise RuntimeError(f"pip could not install the course:\\n{{pip.stderr[-2000:]}}")

    from qwen_course.colab import settle

    settle()"""


def github_name(setting: str) -> str:
    """Return owner/name where the setting names a repository on GitHub, else ""."""
    found = _GITHUB.fullmatch(setting)
    return found[1] if found else ""


def package_address(setting: str) -> str:
    """Return what pip is told to install for the setting `repository`, "" for none.

    The setting is owner/name on GitHub, the address of another git repository, or that of a wheel. Raises ValueError
    for anything else.

    package_address("ada/course") -> "git+https://github.com/ada/course"
    """
    if not setting:
        return ""
    if name := github_name(setting):
        return f"git+https://github.com/{name}"
    if not _ADDRESS.fullmatch(setting):
        raise ValueError(
            f"REPO is {setting!r}; expected owner/name, as in an address on GitHub, or the https address of another "
            "git repository or of a wheel."
        )
    return f"{'' if setting.endswith('.whl') else 'git+'}{setting}"


def setup_cell(setting: str) -> NotebookNode:
    """Return the cell; Colab shows its title instead of its code."""
    source = _SOURCE.format(package=package_address(setting))
    return new_code_cell(source, id=SET_UP, metadata={"cellView": "form"}, execution_count=None)
