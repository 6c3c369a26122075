"""Make slides from the notebooks as committed: `make slides` writes build/slides/NN_name.html, or name notebooks.

A deck is one file that needs no network: reveal.js and the pictures are inside. Every section of a notebook is a column
of slides. Of a paragraph a slide shows the first sentence; the whole text stands in the speaker's notes (key S). Code,
lists, tables, exercises and outputs are shown as they are. Nothing is executed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import nbformat
from links import END, START, title_of
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pygments.formatters import HtmlFormatter
from setup_cell import SET_UP

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = START, SET_UP, END
LINES = 22  # that fit on a slide
_PICTURE_LINES, _LETTERS = 15, 95  # how many lines a plot takes, and how many letters a line
_LEAD = r"(?:\*\*[^*]+\*\*\s+)?"  # "**Time:** about an hour." has its sentence behind the words in bold
SENTENCE = re.compile(_LEAD + r".+?(?:[.?!][*_)\"]*(?=\s|$)|:$)", re.DOTALL)
_HEADING = re.compile(r"\n(?=##? )(?=(?:(?!```).|```.*?```)*\Z)", re.DOTALL)  # outside of fenced code
_STYLE = """
.reveal { font: 22px/1.45 system-ui, sans-serif; color: #1f2328; background: #fff; }
.reveal .slides { text-align: left; }
.reveal .slides section { height: 100%; padding: 0; }
.reveal .page { height: 100%; overflow: auto; }
.reveal h1, .reveal h2, .reveal h3 { line-height: 1.2; margin: 0 0 .5em; }
.reveal h1 { font-size: 1.9em; } .reveal h2 { font-size: 1.5em; } .reveal h3 { font-size: 1.2em; }
.reveal .where { font-size: .7em; color: #59636e; margin: 0 0 .6em; }
.reveal a { color: #0550ae; }
.reveal code, .reveal pre { font: .82em/1.4 ui-monospace, Consolas, Menlo, "DejaVu Sans Mono", monospace; }
.reveal pre { margin: .4em 0; padding: .5em .8em; background: #f6f8fa; white-space: pre-wrap; }
.reveal .jp-InputPrompt, .reveal .jp-OutputPrompt, .reveal .prompt, .reveal .anchor-link { display: none; }
.reveal .input, .reveal .jp-InputArea { border-left: 4px solid #0550ae; }
.reveal .output pre, .reveal .jp-OutputArea pre { background: none; }
.reveal img { min-width: 60%; max-width: 100%; max-height: 560px; height: auto; object-fit: contain; }
.reveal table { border-collapse: collapse; font-size: .78em; margin: .5em 0; }
.reveal th, .reveal td { border: 1px solid #d1d9e0; padding: .2em .5em; text-align: left; }
.reveal p, .reveal ul, .reveal ol { margin: .4em 0; }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{body}
</div></div>
<script>{script}</script>
<script>
Reveal.initialize({{ width: 1280, height: 720, margin: 0.05, center: false, hash: true, transition: "none",
                    slideNumber: "c/t", plugins: [RevealNotes] }});
</script>
</body>
</html>
"""


@dataclass
class Slide:
    """Cells that are shown together, and the texts for the speaker."""

    cells: list[NotebookNode] = field(default_factory=list)
    lines: int = 0
    notes: list[str] = field(default_factory=list)


def shortened(text: str) -> str:
    """Return a Markdown text with the first sentence of each paragraph; an exercise and all else stay as they are.

    shortened("One. Two.\\n\\n- a\\n- b") -> "One.\\n\\n- a\\n- b"
    """
    if text.startswith("**Exercise"):
        return text
    blocks = []
    for block in re.split(r"\n\n(?=(?:[^`]|`(?!``)|```.*?```)*\Z)", text, flags=re.DOTALL):
        kept = re.match(r"#|[-*+] |\d+\. |\||>|```|<|!\[", block)
        sentence = None if kept else SENTENCE.match(block)
        blocks.append(sentence[0] if sentence else block)
    return "\n\n".join(blocks)


def columns(notebook: NotebookNode) -> list[list[Slide]]:
    """Return the slides of a notebook: a column for the title and for each section."""
    found: list[list[Slide]] = []
    for cell in notebook.cells:
        if cell.get("id") in SKIPPED or not cell.source.strip():
            continue
        if cell.cell_type == "markdown":
            for part in _HEADING.split(cell.source):
                if re.match(r"##? ", part) or not found:
                    found.append([])
                text = shortened(part.strip())
                found[-1].append(Slide([new_markdown_cell(text)], _lines_of_text(text)))
                if text != part.strip():
                    found[-1][-1].notes.append(part.strip())
        elif cell.cell_type == "code":
            _put(found[-1], new_code_cell(cell.source), cell.source.count("\n") + 2)
            if cell.outputs:
                hidden = {"transient": {"remove_source": True}}
                shown = new_code_cell("", outputs=cell.outputs, metadata=hidden)
                _put(found[-1], shown, sum(map(_lines_of_output, cell.outputs)))
    return found


def _put(column: list[Slide], cell: NotebookNode, lines: int) -> None:
    """Add a cell to the last slide of the column if it fits there, else to a new one."""
    if column[-1].lines + lines > LINES:
        column.append(Slide())
    column[-1].cells.append(cell)
    column[-1].lines += lines


def _lines_of_text(text: str) -> int:
    return sum(1 + len(line) // _LETTERS for line in text.split("\n"))


def _lines_of_output(output: NotebookNode) -> int:
    if output.output_type == "stream":
        return _lines_of_text(output.text)
    data = output.get("data", {})
    html = str(data.get("text/html", ""))
    if "image/png" in data or "<img" in html:
        return _PICTURE_LINES
    return html.count("<tr") + 1 if "<tr" in html else _lines_of_text(str(data.get("text/plain", "")))


def deck(path: Path) -> str:
    """Return the page with the slides of a notebook."""
    exporter = HTMLExporter(template_name="basic", embed_images=True, exclude_anchor_links=True)

    def html(cells: list[NotebookNode]) -> str:
        return exporter.from_notebook_node(new_notebook(cells=cells), {"metadata": {"path": str(path.parent)}})[0]

    title = title_of(path)
    sections = []
    for column in columns(nbformat.read(path, as_version=4)):
        pages = []
        for slide in column:
            notes = html([new_markdown_cell(text) for text in slide.notes])
            aside = f'<aside class="notes">{notes}</aside>' if slide.notes else ""
            where = f'<p class="where">{escape(title)}</p>'
            pages.append(f'<section><div class="page" tabindex="0">{where}{html(slide.cells)}</div>{aside}</section>')
        sections.append("<section>\n" + "\n".join(pages) + "\n</section>")
    style, script = _reveal()
    return _PAGE.format(title=escape(title), style=style, body="\n".join(sections), script=script)


def _reveal() -> tuple[str, str]:
    """Return reveal.js, which the package sphinx-revealjs carries: its style with ours, and its script."""
    import sphinx_revealjs

    folder = Path(sphinx_revealjs.__file__).parent / "_static/revealjs"
    style = (folder / "dist/reveal.css").read_text(encoding="utf-8")
    code = HtmlFormatter(style="default").get_style_defs(".highlight")
    scripts = [(folder / name).read_text(encoding="utf-8") for name in ("dist/reveal.js", "plugin/notes/notes.js")]
    script = "\n".join(re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text) for text in scripts)
    return f"{style}\n{code}\n{_STYLE}", script.replace("</script", "<\\/script")


def main(names: list[str], root: Path = ROOT) -> int:
    """Write a deck for each notebook named, for all of them if none is, and return 0."""
    paths = [Path(name) for name in names] or sorted((root / "notebooks").glob("*.ipynb"))
    folder = root / "build/slides"
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        target = folder / f"{path.stem}.html"
        target.write_text(deck(path), encoding="utf-8")
        print(f"{path.stem}: {target.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
