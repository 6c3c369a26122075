"""Navigation, set-up cells and minutes of the notebooks follow from the list of files and the settings."""

import re
import shutil
from pathlib import Path

import links
import nbformat
import pytest
import setup_cell
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def course(tmp_path):
    """Return a small course of three notebooks without navigation."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, title in ("01_one", "One: the first"), ("02_two", "Two"), ("03_three", "Three"):
        nbformat.write(
            new_notebook(cells=[new_markdown_cell(f"# {title}", id="x-0")]), tmp_path / f"notebooks/{name}.ipynb"
        )
    return tmp_path


def cells(course, name):
    return nbformat.read(course / "notebooks" / f"{name}.ipynb", as_version=4).cells


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebooks_are_as_the_files_and_settings_ask(path):
    wanted = links.linked(NOTEBOOKS, NOTEBOOKS.index(path), links.settings_of(ROOT / "pyproject.toml"))
    assert nbformat.read(path, as_version=4) == wanted


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_of_notebooks_lead_to_files(path):
    text = "\n".join(
        cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id.startswith("navigation")
    )
    targets = re.findall(r"\]\(([^)#]+)", text)
    assert targets and all((path.parent / target).exists() for target in targets if "://" not in target)


def test_each_notebook_leads_to_its_neighbours_and_the_ends_to_one(course):
    assert links.main([], course) == 0
    assert cells(course, "01_one")[0].source == "[Contents](../README.md#notebooks) · [02 Two](02_two.ipynb) →"
    middle = "← [01 One](01_one.ipynb) · [Contents](../README.md#notebooks) · [03 Three](03_three.ipynb) →"
    assert [cell.source for cell in cells(course, "02_two") if cell.cell_type == "markdown"] == [
        middle,
        "# Two",
        middle,
    ]
    assert cells(course, "03_three")[-1].source == "← [02 Two](02_two.ipynb) · [Contents](../README.md#notebooks)"


def test_the_repository_is_kept_as_one_setting_and_leads_to_colab(course):
    assert links.main(["ada/qwen-course"], course) == 0
    assert links.repository_of(course / "pyproject.toml") == "ada/qwen-course"
    assert links.main([], course) == 0
    badge = "https://colab.research.google.com/github/ada/qwen-course/blob/main/notebooks/02_two.ipynb"
    first = cells(course, "02_two")[0].source
    assert f"[Open in Colab]({badge})" in first
    assert all(f"({badge.replace('02_two', other)})" in first for other in ("01_one", "03_three"))
    sources = {cells(course, name)[2].source for name in ("01_one", "02_two", "03_three")}
    assert len(sources) == 1 and 'PACKAGE = "git+https://github.com/ada/qwen-course"' in sources.pop()


def test_a_new_notebook_in_the_middle_changes_its_neighbours(course):
    links.main([], course)
    (course / "notebooks/02_two.ipynb").unlink()
    links.main([], course)
    assert "[03 Three](03_three.ipynb)" in cells(course, "01_one")[0].source
    assert len(cells(course, "01_one")) == 4


@pytest.mark.parametrize("address", ["https://example.org", "course", "ftp://example.org/a/b", 'ada/co"urse', "a/b c"])
def test_a_repository_that_is_none_is_refused_and_nothing_changes(course, capsys, address):
    before = (course / "pyproject.toml").read_bytes()
    assert links.main([address], course) == 2
    assert "owner/name" in capsys.readouterr().err
    assert (course / "pyproject.toml").read_bytes() == before and len(cells(course, "01_one")) == 1


@pytest.mark.parametrize(
    ("setting", "package", "github"),
    [
        ("", "", ""),
        ("ada/qwen-course", "git+https://github.com/ada/qwen-course", "ada/qwen-course"),
        ("https://github.com/ada/course.git", "git+https://github.com/ada/course", "ada/course"),
        ("https://git.example.org/ada/course", "git+https://git.example.org/ada/course", ""),
        ("https://example.org/qwen_course-1.whl", "https://example.org/qwen_course-1.whl", ""),
        ("file:///srv/course", "git+file:///srv/course", ""),
    ],
)
def test_one_setting_names_what_colab_installs_and_where_its_links_lead(setting, package, github):
    assert setup_cell.package_address(setting) == package
    assert setup_cell.github_name(setting) == github


def test_a_new_set_up_cell_counts_and_leaves_all_else_as_it_was(course):
    path = course / "notebooks/02_two.ipynb"
    notebook = nbformat.read(path, as_version=4)
    result = new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    notebook.cells += [
        new_code_cell("1 + 1", id="x-1", execution_count=1, outputs=[result]),
        new_markdown_cell(id="x-2"),
    ]
    nbformat.write(notebook, path)
    for _ in range(2):  # a second time nothing changes
        links.main([], course)
        found = cells(course, "02_two")
        assert [cell.id for cell in found] == [links.START, "x-0", "set-up", "x-1", "x-2", links.END]
        assert [found[2].execution_count, found[3].execution_count] == [1, 2]
        assert found[3].outputs[0].data == {"text/plain": "2"} and found[3].outputs[0].execution_count == 2


def test_cells_that_were_never_executed_stay_so(course):
    path = course / "notebooks/02_two.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell("1 + 1", id="x-1"))
    nbformat.write(notebook, path)
    links.main([], course)
    assert [cell.execution_count for cell in cells(course, "02_two") if cell.cell_type == "code"] == [None, None]


def test_a_notebook_without_minutes_is_named_and_none_is_written(course):
    shutil.copy(course / "notebooks/03_three.ipynb", course / "notebooks/99_last.ipynb")
    with pytest.raises(ValueError, match="99_last.ipynb has no minutes; add a line 99"):
        links.main([], course)
    assert len(cells(course, "01_one")) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_minutes_are_those_that_the_notebook_and_the_readme_promise(path):
    notebook = nbformat.read(path, as_version=4)
    total = sum(notebook.metadata.minutes.values())
    promised = re.search(r"\*\*Time:?\*\*\D*(\d+) minutes", notebook.cells[1].source)
    row = re.search(
        rf"\(notebooks/{path.name}\) \|.*\| (\d+) \|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert [int(promised[1]), int(row[1])] == [total, total]


def test_the_guides_table_of_minutes_comes_from_the_metadata(course):
    guide = (ROOT / "docs/instructors.md").read_text(encoding="utf-8")
    assert links.minutes_table(NOTEBOOKS) in guide
    assert {path.stem[:2] for path in NOTEBOOKS} <= set(re.findall(r"^### (\d\d) ", guide, re.MULTILINE))
    (course / "docs").mkdir()
    (course / "docs/instructors.md").write_text("a\n<!-- minutes -->\nold\n<!-- end of minutes -->\nz\n")
    links.main([], course)
    written = (course / "docs/instructors.md").read_text(encoding="utf-8")
    assert "| [02 Two](../notebooks/02_two.ipynb) | 40 | 20 | 60 | 0 |" in written and "old" not in written
    assert written.startswith("a\n<!-- minutes -->") and written.endswith("<!-- end of minutes -->\nz\n")


def test_a_notebook_without_a_title_is_named(course):
    nbformat.write(new_notebook(cells=[]), course / "notebooks/04_four.ipynb")
    with pytest.raises(ValueError, match="04_four.ipynb has no heading"):
        links.main([], course)
