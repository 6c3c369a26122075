"""Build the site from the repository as it is: `make site` gathers the pages in build/, and Sphinx does the rest.

Pages are the files of docs/, the texts of the root (README.fa.md, CONTRIBUTING.md, ...), the notebooks as committed,
three pages that come from the package itself (site_reference.py, site_answers.py). Nothing here executes a notebook.
"""

from __future__ import annotations

import re
import shutil
import sys
from html import escape
from os.path import normpath
from pathlib import Path
from posixpath import relpath

import nbformat
from links import END, START, repository_of, title_of
from setup_cell import SET_UP
from site_answers import wrong_answers_page
from site_reference import models_page, reference_page

ROOT = Path(__file__).resolve().parent.parent
ROOT_PAGES = {
    "README.fa.md": "README.fa.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
LIST_OF_NOTEBOOKS = "<!-- notebooks -->"
TOC_OF_NOTEBOOKS = "<!-- toc of notebooks -->"


def pages(root: Path) -> dict[str, str]:
    """Return where each file of the repository stands on the site: {"docs/glossary.md": "glossary.md", ...}."""
    found = {name: page for name, page in ROOT_PAGES.items() if (root / name).exists()}
    found |= {"README.md": "index.md"}
    found |= {f"docs/{path.name}": path.name for path in (root / "docs").glob("*.md")}
    found |= {f"docs/images/{path.name}": f"images/{path.name}" for path in (root / "docs/images").glob("*")}
    found |= {f"notebooks/{path.name}": f"notebooks/{path.name}" for path in (root / "notebooks").glob("*.ipynb")}
    return found


def relinked(text: str, source: str, places: dict[str, str], repository: str) -> str:
    """Return the text of a file with its relative links leading to pages of the site.

    What is no page is looked for in the published repository; without one, only the words of the link stay.
    """

    def target_of(match: re.Match[str]) -> str:
        mark, words, address = match.groups()
        path, _, anchor = address.partition("#")
        if not path or ":" in path:
            return match[0]
        name = normpath((Path(source).parent / path).as_posix()).replace("\\", "/")
        if name in places:
            here = relpath(places[name], Path(places[source]).parent.as_posix())
            keep = f"#{anchor}" if anchor and name != "README.md" else ""
            return f"{mark}[{words}]({here}{keep})"
        return f"{mark}[{words}](https://github.com/{repository}/blob/main/{name})" if repository else words

    parts = re.split(r"(^```.*?^```)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else LINK.sub(target_of, part) for part in parts)


def shown_notebook(path: Path, places: dict[str, str], repository: str) -> nbformat.NotebookNode:
    """Return a notebook as the site shows it: without navigation and set-up cell, plots with their alt texts."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in (START, SET_UP, END)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, f"notebooks/{path.name}", places, repository)
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get("image/png"):
                about = output.metadata.get("image/png", {})
                width = f' width="{about["width"]}"' if "width" in about else ""
                data = png.replace("\n", "")
                picture = f'<img src="data:image/png;base64,{data}" alt="{escape(about.get("alt", ""))}"{width}>'
                output.data = {"text/html": picture}
    return notebook


def list_of_notebooks(paths: list[Path], readme: str) -> str:
    """Return the table of notebooks: those that exist, with what README.md says of each."""
    lines = ["| notebook | what you learn | minutes |", "|---|---|---|"]
    for path in paths:
        row = re.search(rf"^\| \[[^\]]*\]\(notebooks/{path.name}\) \|(.*)$", readme, re.MULTILINE)
        said = row[1] if row else " | |"
        lines.append(f"| [{title_of(path)}](notebooks/{path.name}) |{said}")
    return "\n".join(lines)


def introduced(text: str, paths: list[Path], *, word: str) -> str:
    """Return a glossary whose numbers in brackets lead to the notebook, where there is one: `(01)`."""
    names = {path.stem[:2]: path.name for path in paths}
    for number, name in names.items():
        text = re.sub(rf"\({number}\)$", f"[({word} {number})](notebooks/{name})", text, flags=re.MULTILINE)
    return text


def words_of_notebooks(paths: list[Path], glossary: str) -> str:
    """Return what the notebooks' own glossaries add to the list, one table per notebook that has such a section."""
    known = {term.lower() for term in re.findall(r"^\*\*(.+?)\.\*\*", glossary, re.MULTILINE)}
    parts = []
    for path in paths:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown" and cell.source.startswith("## Glossary"):
                rows = re.findall(r"^\| (.+?) \| (.+?) \|$", cell.source, re.MULTILINE)
                new = [(word, said) for word, said in rows[1:] if word.lower() not in known]
                parts.append(f"## More words of notebook {path.stem[:2]}")
                parts += [f"**{word[0].upper()}{word[1:]}.** {said}. ({path.stem[:2]})" for word, said in new]
    return "\n\n".join(parts)


def gather(root: Path, out: Path) -> None:
    """Write all sources of the site into `out`, which is emptied before."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "notebooks").mkdir(parents=True)
    places, repository = pages(root), repository_of(root / "pyproject.toml")
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    for path in notebooks:
        nbformat.write(shown_notebook(path, places, repository), out / "notebooks" / path.name)
    table = list_of_notebooks(notebooks, (root / "README.md").read_text(encoding="utf-8"))
    for source, page in places.items():
        if page.endswith(".md") and source != "README.md":
            text = relinked((root / source).read_text(encoding="utf-8"), source, places, repository)
            text = text.replace(LIST_OF_NOTEBOOKS, table)
            text = text.replace(TOC_OF_NOTEBOOKS, "\n".join(f"notebooks/{path.stem}" for path in notebooks))
            if page == "glossary.md":
                text += f"\n{words_of_notebooks(notebooks, text)}\n"
            if page.startswith("glossary"):
                text = introduced(text, notebooks, word="دفترچهٔ" if ".fa." in page else "notebook")
            (out / page).write_text(text, encoding="utf-8")
    for folder in ("images", "_static"):
        shutil.copytree(root / "docs" / folder, out / folder)
    (out / "reference.md").write_text(reference_page(), encoding="utf-8")
    (out / "models.md").write_text(models_page(), encoding="utf-8")
    (out / "wrong_answers.md").write_text(wrong_answers_page(notebooks), encoding="utf-8")


def main(root: Path = ROOT) -> int:
    """Build build/site and return Sphinx's exit status; a warning is an error."""
    from sphinx.cmd.build import build_main

    source, site = root / "build/site-source", root / "build/site"
    gather(root, source)
    shutil.rmtree(site, ignore_errors=True)
    options = ["-q", "-W", "--keep-going", "-E", "-c", str(root / "docs"), "-d", str(root / "build/site-doctrees")]
    status = build_main([*options, str(source), str(site)])
    if status == 0:
        print(f"{len(list(site.rglob('*.html')))} pages: {(site / 'index.html').as_uri()}")
    return status


if __name__ == "__main__":
    sys.exit(main())
