"""The rules that a committed notebook keeps: `python tools/notebook_rules.py notebooks/*.ipynb` lists what breaks them.

They look at the notebook as stored and never execute it; whether its cells run is for nbmake to say.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

import qwen_course

MAX_LINES = 25
_FOLDERS = "home", "root", "tmp", "work", "opt", "Users", "content", "private"
MACHINE_PATH = re.compile(rf"(?<![\w.-])/(?:{'|'.join(_FOLDERS)})/\w|\b[A-Z]:\\Users\\")
_HOSTS = "pypi", "pythonhosted", "npmjs", "debian"
REGISTRY = re.compile(rf"\b(?:{'|'.join(_HOSTS)})\.org\b")
FORBIDDEN = "%%capture", "trust_remote_code", "if False:"
MARKDOWN_IMAGE = re.compile(r"!\[([^\]]*)\]\(")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ALT = re.compile(r"""\balt\s*=\s*(?:"\s*[^"\s][^"]*"|'\s*[^'\s][^']*')""", re.IGNORECASE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def violations(notebook: NotebookNode) -> list[str]:
    """Return what breaks the rules, one sentence each, with the number of the cell (all cells, from 1)."""
    found = list(_about_the_whole(notebook))
    for number, cell in enumerate(notebook.cells, start=1):
        found += [f"cell {number}: {what}" for what in _about_cell(cell)]
        for output in cell.get("outputs", []):
            found += [f"cell {number}: {what}" for what in _about_output(output)]
    return found


def _about_the_whole(notebook: NotebookNode) -> Iterator[str]:
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "the cells were not all executed once, from top to bottom"
    if not any(cell.outputs for cell in code):
        yield "no outputs are stored"
    if "widgets" in notebook.metadata:
        yield "widget state is stored"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not 'python3'"
    prose = "\n\n".join(FENCED.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    titles = re.findall(r"^# ", prose, re.MULTILINE)
    if len(titles) != 1:
        yield f"{len(titles)} headings of the first level, where one is expected"
    for name in sorted(_unknown_names(code, prose)):
        yield f"{name} is no public name of the package"


def _about_cell(cell: NotebookNode) -> Iterator[str]:
    lines = cell.source.count("\n") + 1
    if lines > MAX_LINES:
        yield f"{lines} lines, and {MAX_LINES} is the most"
    if "id" not in cell:
        yield "no id"
    if "execution" in cell.metadata:
        yield "the times of an execution are stored"
    if cell.cell_type == "markdown" and any(not alt.strip() for alt in MARKDOWN_IMAGE.findall(cell.source)):
        yield "a picture without alt text"
    if cell.cell_type == "code":
        yield from (f"{word!r} is not used in this course" for word in FORBIDDEN if word in cell.source)
    yield from _about_text(cell.source)


def _about_output(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "error":
        yield f"an error is stored: {output.ename}"
        return
    if output.output_type == "stream":
        if output.name == "stderr":
            yield f"something was written to stderr: {output.text.strip()[:200]!r}"
        yield from _about_text(output.text)
        return
    described = any(HTML_ALT.search(tag) for tag in HTML_IMAGE.findall(str(output.data.get("text/html", ""))))
    for kind, content in output.data.items():
        if "widget-view" in kind:
            yield "a widget is shown, of which a reader without the kernel sees nothing"
        elif kind.startswith("image/"):
            if not described and not str(output.metadata.get(kind, {}).get("alt", "")).strip():
                yield "a plot without alt text"
        elif isinstance(content, str):
            yield from _about_text(content)


def _about_text(text: str) -> Iterator[str]:
    if any(not HTML_ALT.search(tag) for tag in HTML_IMAGE.findall(text)):
        yield "a picture without alt text"
    text = re.sub(r"base64,[A-Za-z0-9+/=\s]+", "", text)  # a picture's letters are no words
    for what, pattern in ("a path of one machine", MACHINE_PATH), ("a package registry's host", REGISTRY):
        if hit := pattern.search(text):
            yield f"{what}: {text[max(hit.start() - 20, 0) : hit.end() + 20]!r}"


def _unknown_names(code: list[NotebookNode], prose: str) -> set[str]:
    public = set(qwen_course.__all__) | {"__version__"}
    unknown = {f"qc.{name}" for name in re.findall(r"\bqc\.([A-Za-z_]\w*)", prose) if name not in public}
    aliases = set()
    for cell in code:
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
            if isinstance(node, ast.Import):
                aliases |= {item.asname or item.name for item in node.names if item.name == "qwen_course"}
            elif isinstance(node, ast.ImportFrom) and node.module == "qwen_course":
                names = {item.name for item in node.names}
                unknown |= {f"qwen_course.{name}" for name in names - public if not find_spec(f"qwen_course.{name}")}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
                if node.attr not in public:
                    unknown.add(f"qc.{node.attr}")
    return unknown


def main(paths: list[str]) -> int:
    """Print what breaks the rules in these notebooks and return 1 if anything does."""
    found = [f"{path}: {what}" for path in paths for what in violations(nbformat.read(Path(path), as_version=4))]
    print("\n".join(found) or f"{len(paths)} notebooks keep the rules")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
