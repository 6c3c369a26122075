"""Turn executed notebooks into web pages that need nothing but themselves: no script, no request to the network.

Formulas stay as they are written (`$x^2$`), because typesetting them needs a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from qwen_course.runner import Run

_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --paper: #fff; --block: #f6f8fa; --line: #d1d9e0;
        --link: #0550ae; --bad: #b3261e; --good: #116329; --warm: #7d4e00; --cool: #0550ae; --odd: #6639ba; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9da7b1; --paper: #0d1117; --block: #161b22; --line: #3d444d;
          --link: #79b8ff; --bad: #ff8f87; --good: #7ee787; --warm: #e3b341; --cool: #79b8ff; --odd: #d2a8ff; } }
body { max-width: 50rem; margin: 2rem auto 6rem; padding: 0 1rem; color: var(--text); background: var(--paper);
       font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; margin: 2em 0 .6em; }
h1 { margin-top: 1em; }
code, pre { font: .875rem/1.5 ui-monospace, Consolas, Menlo, monospace; }
code, pre, .highlight { background: var(--block); }
.highlight .err { border: 0; }
pre { padding: .7rem 1rem; overflow-x: auto; border-radius: 6px; margin: .5rem 0; }
.input { border-left: 3px solid var(--cool); }
.output { overflow-x: auto; }
.output pre { background: none; white-space: pre-wrap; }
.output_stderr, .output_error { border-left: 3px solid var(--bad); }
.prompt { display: none; }
img { max-width: 100%; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; }
td.number { text-align: right; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); }
.ansi-bold { font-weight: bold; }
.ansi-red-fg, .ansi-red-intense-fg { color: var(--bad); } .ansi-green-fg, .ansi-green-intense-fg { color: var(--good); }
.ansi-yellow-fg, .ansi-yellow-intense-fg { color: var(--warm); }
.ansi-blue-fg, .ansi-blue-intense-fg, .ansi-cyan-fg, .ansi-cyan-intense-fg { color: var(--cool); }
.ansi-magenta-fg, .ansi-magenta-intense-fg { color: var(--odd); }
"""

# The browser itself refuses whatever an output may try to load or run.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_page(run: Run, folder: Path) -> None:
    """Write the executed notebook and its page into the folder, under the notebook's own name."""
    import nbformat
    from nbconvert import HTMLExporter

    nbformat.write(run.notebook, folder / run.path.name)
    exporter = HTMLExporter(template_name="basic", embed_images=True, exclude_anchor_links=True)
    body, _ = exporter.from_notebook_node(run.notebook, resources={"metadata": {"path": str(run.path.parent)}})
    page = _page(_title(run), f'<p><a href="index.html">All notebooks</a></p>\n<main>\n{body}\n</main>')
    (folder / f"{run.path.stem}.html").write_text(page, encoding="utf-8")


def write_index(runs: Sequence[Run], folder: Path) -> Path:
    """Write index.html, which leads to the pages of these runs, and return its path."""
    rows = []
    for run in runs:
        name = escape(_title(run))
        link = f'<a href="{escape(run.path.stem)}.html">{name}</a>' if run.notebook else name
        state = f'<td class="{"bad" if run.failure else "good"}">{run.result}</td>'
        numbers = f'<td class="number">{run.cells}</td><td class="number">{run.seconds:.1f}</td>'
        rows.append(f"<tr><td>{link}</td>{state}{numbers}</tr>")
    head = "<tr><th>notebook</th><th>result</th><th>code cells</th><th>seconds</th></tr>"
    title = "The Qwen course, as it ran on this machine"
    table = f"<h1>{title}</h1>\n<main><table>\n{head}\n" + "\n".join(rows) + "\n</table></main>"
    path = folder / "index.html"
    path.write_text(_page(title, table), encoding="utf-8")
    return path


def _title(run: Run) -> str:
    for cell in run.notebook.cells if run.notebook else []:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return cell.source.split("\n")[0][2:].strip()
    return run.path.stem


def _page(title: str, body: str) -> str:
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    style = f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{_STYLE}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
