"""The committed notebooks keep the rules of tools/notebook_rules.py, and those rules can tell good from bad.

That the notebooks run from top to bottom is tested by nbmake, in the same call of pytest (see the Makefile).
"""

import copy
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_rules import violations

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    assert violations(nbformat.read(path, as_version=4)) == []


def test_there_are_notebooks_and_the_readme_lists_each():
    rows = re.findall(r"notebooks/(\w+)\.ipynb", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert NOTEBOOKS
    assert sorted(set(rows)) == [path.stem for path in NOTEBOOKS]


def good_notebook():
    plot = new_output("display_data", {"image/png": "aGk=", "text/plain": "<Figure>"})
    plot.metadata["image/png"] = {"alt": "A falling line"}
    page = new_output("display_data", {"text/html": '<img src="data:image/png;base64,aGk=" alt="A rising line">'})
    cells = [
        new_markdown_cell("# A lesson\n\n![A map of the course](map.png) and `qc.load`\n\n```bash\n# no heading\n```"),
        new_code_cell("import qwen_course as qc\n\nqc.__version__", execution_count=1, outputs=[plot]),
        new_markdown_cell("## A section"),
        new_code_cell(
            "%time 1 + 1\nprint('two')", execution_count=2, outputs=[new_output("stream", text="two\n"), page]
        ),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def test_rules_accept_a_good_notebook():
    assert violations(good_notebook()) == []


def _stream(text, name="stdout"):
    return lambda nb: nb.cells[1].outputs.append(new_output("stream", text=text, name=name))


def _output(data):
    return lambda nb: nb.cells[1].outputs.append(new_output("display_data", data))


def _source(cell, text):
    return lambda nb: nb.cells[cell].update(source=text)


def _code(text):
    return _source(1, f"import qwen_course as qc\n{text}")


FOLDER = "/ho" + "me/ada"  # written in two parts, so that this file holds no such path itself
HOST = "py" + "pi.org"
BAD = {
    "never executed": (lambda nb: nb.cells[1].update(execution_count=None), "not all executed"),
    "executed out of order": (lambda nb: nb.cells[1].update(execution_count=3), "not all executed"),
    "no outputs": (lambda nb: [cell.update(outputs=[]) for cell in nb.cells if "outputs" in cell], "no outputs"),
    "widget state": (lambda nb: nb.metadata.update(widgets={"state": {}}), "widget state"),
    "widget view": (_output({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}), "a widget is shown"),
    "other kernel": (lambda nb: nb.metadata.kernelspec.update(name="my-env"), "kernel"),
    "no title": (_source(0, "## A lesson"), "0 headings"),
    "two titles": (_source(2, "# Another"), "2 headings"),
    "long code": (_code("\n".join(["1"] * 25)), "26 lines"),
    "long text": (_source(2, "\n".join(["## A section"] + ["and"] * 25)), "26 lines"),
    "no id": (lambda nb: nb.cells[1].pop("id"), "no id"),
    "times": (lambda nb: nb.cells[1].metadata.update(execution={"iopub.execute_input": "2026"}), "times"),
    "error": (
        lambda nb: nb.cells[1].outputs.append(new_output("error", ename="KeyError", evalue="1")),
        "an error is stored: KeyError",
    ),
    "stderr": (_stream("UserWarning: old", name="stderr"), "stderr: 'UserWarning: old'"),
    "picture in text": (_source(2, "## A section\n![](a.png)"), "a picture without alt"),
    "tag in text": (_source(2, '## A section\n<img src="a.png" alt="">'), "a picture without alt"),
    "plot": (_output({"image/png": "aGk="}), "a plot without alt"),
    "plot with an empty text": (
        lambda nb: nb.cells[1].outputs[0].metadata["image/png"].update(alt=" "),
        "a plot without",
    ),
    "picture as HTML": (_output({"text/html": "<img src='data:image/png;base64,aGk='>"}), "a picture without alt"),
    "path in output": (_stream(f"saved in {FOLDER}/x\n"), "path of one machine"),
    "path as address": (_stream(f"file://{FOLDER}/x\n"), "path of one machine"),
    "path of Windows": (_stream("C:\\" + "Users\\ada\n"), "path of one machine"),
    "path in source": (_code(f"open('{FOLDER}/x')"), "path of one machine"),
    "path in a result": (_output({"text/plain": f"PosixPath('{FOLDER}')"}), "path of one machine"),
    "registry": (_stream(f"from https://{HOST}/simple"), "registry"),
    "capture": (_source(1, "%%capture\n1"), "%%capture"),
    "trust": (_code("dict(trust_remote_code=True)"), "trust_remote_code"),
    "dead code": (_code("if False:\n    1"), "if False"),
    "unknown name": (_code("qc.lod('pocket')"), "qc.lod is no public name"),
    "unknown import": (_code("from qwen_course import lod"), "qwen_course.lod is no public name"),
    "unknown name in text": (_source(2, "## A section\nand `qc.lod`"), "qc.lod is no public name"),
}


@pytest.mark.parametrize(("spoil", "expected"), BAD.values(), ids=BAD.keys())
def test_rules_refuse_a_bad_notebook(spoil, expected):
    notebook = copy.deepcopy(good_notebook())
    spoil(notebook)
    found = violations(notebook)
    assert len(found) == 1 and expected in found[0], found


def run_tool(name, *paths, cwd):
    command = [sys.executable, ROOT / "tools" / name, *paths]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


def test_store_outputs_writes_a_clean_executed_notebook_that_a_second_run_does_not_change(tmp_path):
    notebook = good_notebook()
    notebook.cells[1].update(outputs=[], execution_count=None)
    notebook.cells[3].update(outputs=[], execution_count=None, source="print('two')   ")
    path = tmp_path / "01_lesson.ipynb"
    nbformat.write(notebook, path)

    first = run_tool("store_outputs.py", path.name, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    stored = path.read_text(encoding="utf-8")
    assert violations(nbformat.reads(stored, as_version=4)) == []
    assert "two\\n" in stored and "')   " not in stored
    assert run_tool("store_outputs.py", path.name, cwd=tmp_path).returncode == 0
    assert path.read_text(encoding="utf-8") == stored


@pytest.mark.parametrize(
    ("source", "expected"),
    [("import sys\nprint('oh no', file=sys.stderr)", "oh no"), ("1 / 0", "ZeroDivisionError")],
    ids=["stderr", "error"],
)
def test_store_outputs_leaves_a_spoilt_notebook_as_it_was_and_says_where(tmp_path, source, expected):
    notebook = good_notebook()
    notebook.cells[3].source = source
    path = tmp_path / "01_lesson.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()

    result = run_tool("store_outputs.py", path.name, cwd=tmp_path)
    assert result.returncode == 1
    assert "01_lesson.ipynb" in result.stderr and expected in result.stderr
    assert path.read_bytes() == before
    assert (tmp_path / "build" / path.name).exists()


def test_rules_as_a_command_name_the_notebook_and_fail(tmp_path):
    notebook = good_notebook()
    notebook.cells[2].source = "# Another title"
    nbformat.write(notebook, tmp_path / "bad.ipynb")
    result = run_tool("notebook_rules.py", "bad.ipynb", cwd=tmp_path)
    assert result.returncode == 1
    assert "bad.ipynb: 2 headings" in result.stdout
