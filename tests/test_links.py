"""The navigation of the notebooks follows from the list of files and one setting."""

import re
import shutil
from pathlib import Path

import links
import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

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
def test_committed_notebooks_have_the_navigation_that_the_files_ask_for(path):
    wanted = links.linked(NOTEBOOKS, NOTEBOOKS.index(path), links.repository_of(ROOT / "pyproject.toml"))
    assert nbformat.read(path, as_version=4).cells == wanted.cells


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
    assert [cell.source for cell in cells(course, "02_two")] == [middle, "# Two", middle]
    assert cells(course, "03_three")[-1].source == "← [02 Two](02_two.ipynb) · [Contents](../README.md#notebooks)"


def test_the_repository_is_kept_as_one_setting_and_leads_to_colab(course):
    assert links.main(["ada/qwen-course"], course) == 0
    assert links.repository_of(course / "pyproject.toml") == "ada/qwen-course"
    assert links.main([], course) == 0
    badge = "https://colab.research.google.com/github/ada/qwen-course/blob/main/notebooks/02_two.ipynb"
    assert badge in cells(course, "02_two")[0].source


def test_a_new_notebook_in_the_middle_changes_its_neighbours(course):
    links.main([], course)
    (course / "notebooks/02_two.ipynb").unlink()
    links.main([], course)
    assert "[03 Three](03_three.ipynb)" in cells(course, "01_one")[0].source
    assert len(cells(course, "01_one")) == 3


def test_a_repository_that_is_none_is_refused_and_nothing_changes(course, capsys):
    before = (course / "pyproject.toml").read_bytes()
    assert links.main(["https://example.org"], course) == 2
    assert "owner/name" in capsys.readouterr().err
    assert (course / "pyproject.toml").read_bytes() == before and len(cells(course, "01_one")) == 1


def test_a_notebook_without_a_title_is_named(course):
    nbformat.write(new_notebook(cells=[]), course / "notebooks/04_four.ipynb")
    with pytest.raises(ValueError, match="04_four.ipynb has no heading"):
        links.main([], course)
