"""Write into the notebooks what follows from the list of files and from pyproject.toml: `make links`.

Navigation (the first and the last cell of each lead to the one before, the contents and the next, and to Colab where
the repository is known), the set-up cell (setup_cell.py) and, as metadata, the minutes. The settings stand in
pyproject.toml under `[tool.qwen-course]`: the repository, empty until somebody publishes and set by
`make links REPO=owner/name`, and the minutes. Nothing else of a notebook changes but the numbers of its cells. The
table of minutes in docs/instructors.md is then made from that metadata.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell
from setup_cell import SET_UP, github_name, package_address, setup_cell

ROOT = Path(__file__).resolve().parent.parent
START, END = "navigation-start", "navigation-end"
MINUTES = re.compile(r"(?<=<!-- minutes -->\n).*?(?=\n<!-- end of minutes -->)", re.DOTALL)
CHECK = re.compile(r"""\bqc\.check\(\s*["']([^"']+)""")
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
    """Return the links for the notebook at this place of the list, in Markdown; the second line works on Colab too."""
    before, after = paths[at - 1] if at > 0 else None, paths[at + 1] if at + 1 < len(paths) else None
    links = [f"← [{title_of(before)}]({before.name})"] if before else []
    links.append("[Contents](../README.md#notebooks)")
    links += [f"[{title_of(after)}]({after.name}) →"] if after else []
    if not repository:
        return " · ".join(links)
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks"
    there = [f"[← {title_of(before)}]({colab}/{before.name})"] if before else []
    there.append(f"[Open in Colab]({colab}/{paths[at].name})")
    there += [f"[{title_of(after)} →]({colab}/{after.name})"] if after else []
    contents = f"[Contents](https://github.com/{repository}#notebooks)"
    return " · ".join(links) + "\n\nOn Colab: " + " · ".join([*there, contents])


def linked(paths: list[Path], at: int, settings: dict) -> nbformat.NotebookNode:
    """Return the notebook at this place with navigation, set-up cell and minutes as they should be.

    Raises ValueError where the settings lack the notebook's minutes.
    """
    notebook, number = nbformat.read(paths[at], as_version=4), paths[at].stem[:2]
    if number not in settings["minutes"]:
        raise ValueError(
            f"{paths[at].name} has no minutes; add a line {number} = {{ teaching = ..., exercises = ... }} to "
            "[tool.qwen-course.minutes] in pyproject.toml."
        )
    notebook.metadata["minutes"] = settings["minutes"][number]
    line = navigation(paths, at, github_name(settings["repository"]))
    body = [cell for cell in notebook.cells if cell.get("id") not in (START, SET_UP, END)]
    top = next((index for index, cell in enumerate(body) if cell.cell_type == "code"), len(body))
    top = min(top, 1)  # below the title, above everything that runs
    start, end = new_markdown_cell(line, id=START), new_markdown_cell(line, id=END)
    notebook.cells = [start, *body[:top], setup_cell(settings["repository"]), *body[top:], end]
    _renumber(notebook)
    return notebook


def _renumber(notebook: nbformat.NotebookNode) -> None:
    """Count the cells anew, in place, if they were executed: the set-up cell is the first."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    executed = [cell for cell in code if cell.get("id") != SET_UP]
    if not executed or any(cell.execution_count is None for cell in executed):
        return
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def minutes_table(paths: list[Path]) -> str:
    """Return the table of minutes, from the metadata of the notebooks, with the number of exercises in each."""
    lines = ["| lesson | teaching | exercises | together | checked exercises |", "|---|---|---|---|---|"]
    total = [0, 0, 0, 0]
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        teaching, exercises = notebook.metadata["minutes"]["teaching"], notebook.metadata["minutes"]["exercises"]
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        row = [teaching, exercises, teaching + exercises, len(set(CHECK.findall(code)))]
        total = [a + b for a, b in zip(total, row, strict=True)]
        lines.append(f"| [{title_of(path)}](../notebooks/{path.name}) | " + " | ".join(map(str, row)) + " |")
    return "\n".join([*lines, "| all | " + " | ".join(map(str, total)) + " |"])


def settings_of(pyproject: Path) -> dict:
    """Return the settings: {"repository": "owner/name", "minutes": {"01": {"teaching": 30, "exercises": 15}, ...}}."""
    return tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["qwen-course"]


def repository_of(pyproject: Path) -> str:
    """Return owner/name of the repository on GitHub that pyproject.toml names, "" if none."""
    return github_name(settings_of(pyproject)["repository"])


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Store the repository, if one is given, write into all notebooks, and return 0; 2 for a bad address."""
    pyproject = root / "pyproject.toml"
    if arguments and arguments[0]:
        try:
            package_address(arguments[0])
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        text = pyproject.read_text(encoding="utf-8")
        setting = f'repository = "{github_name(arguments[0]) or arguments[0]}"'
        pyproject.write_text(SETTING.sub(lambda _: setting, text), encoding="utf-8")
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    settings = settings_of(pyproject)
    for path, notebook in [(path, linked(paths, at, settings)) for at, path in enumerate(paths)]:
        nbformat.write(notebook, path)
    guide = root / "docs/instructors.md"
    if guide.exists():
        text = guide.read_text(encoding="utf-8")
        guide.write_text(MINUTES.sub(lambda _: minutes_table(paths), text), encoding="utf-8")
    source = package_address(settings["repository"])
    print(f"{len(paths)} notebooks linked" + (f"; on Colab they install {source}" if source else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
