"""Write the navigation of the notebooks from the list of files: `make links`, with REPO=owner/name once published.

The first and the last cell of each notebook lead to the one before, the contents and the next, and to Colab where the
repository is known: one setting, in `pyproject.toml` under `[tool.qwen-course]`, empty until somebody publishes.
Nothing but these cells changes.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
START, END = "navigation-start", "navigation-end"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
SETTING = re.compile(r'(?m)^repository = ".*"$')


def title_of(path: Path) -> str:
    """Return the heading of the first level, up to its colon, with the number of the file: `02 Inference`.

    Raises ValueError for a notebook without one.
    """
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown" and (heading := re.match(r"# (.+)", cell.source)):
            return f"{path.stem[:2]} {heading[1].partition(':')[0].strip()}"
    raise ValueError(f"{path.name} has no heading of the first level; begin its first cell with '# ' and a title.")


def navigation(paths: list[Path], at: int, repository: str) -> str:
    """Return the line of links for the notebook at this place of the list, in Markdown."""
    links = []
    if at > 0:
        links.append(f"← [{title_of(paths[at - 1])}]({paths[at - 1].name})")
    links.append("[Contents](../README.md#notebooks)")
    if at + 1 < len(paths):
        links.append(f"[{title_of(paths[at + 1])}]({paths[at + 1].name}) →")
    if repository:
        colab = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{paths[at].name}"
        links.append(f"[Open in Colab]({colab})")
    return " · ".join(links)


def linked(paths: list[Path], at: int, repository: str) -> nbformat.NotebookNode:
    """Return the notebook at this place with its two cells of navigation as they should be."""
    notebook = nbformat.read(paths[at], as_version=4)
    line = navigation(paths, at, repository)
    body = [cell for cell in notebook.cells if cell.get("id") not in (START, END)]
    notebook.cells = [new_markdown_cell(line, id=START), *body, new_markdown_cell(line, id=END)]
    return notebook


def repository_of(pyproject: Path) -> str:
    """Return the repository that pyproject.toml names, "" if none."""
    return tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["qwen-course"]["repository"]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Store the repository, if one is given, write the navigation of all notebooks, and return 0; 2 for a bad name."""
    pyproject = root / "pyproject.toml"
    if arguments and arguments[0]:
        if not REPOSITORY.fullmatch(arguments[0]):
            print(f"REPO is {arguments[0]!r}; expected owner/name, as in an address on GitHub.", file=sys.stderr)
            return 2
        text = pyproject.read_text(encoding="utf-8")
        pyproject.write_text(SETTING.sub(f'repository = "{arguments[0]}"', text), encoding="utf-8")
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    repository = repository_of(pyproject)
    for at, path in enumerate(paths):
        nbformat.write(linked(paths, at, repository), path)
    print(f"{len(paths)} notebooks linked" + (f", on Colab from {repository}" if repository else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
