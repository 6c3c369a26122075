"""What maintainers follow holds: workflow, hooks, guides and glossaries name only what exists."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_workflow_covers_three_systems_and_a_weekly_drift_with_targets_that_exist():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    jobs = workflow["jobs"]
    assert {job["runs-on"].partition("-")[0] for job in jobs.values()} == {"ubuntu", "macos", "windows"}
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", workflow[True]["schedule"][0]["cron"])  # YAML reads `on` as true
    commands = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert any(command.startswith("make drift") for command in commands["drift"])
    for command in sum(commands.values(), []):
        if command.startswith("make "):
            assert command.split()[1] in TARGETS, command
        for extra in re.findall(r"\.\[([\w,]+)\]", command):
            assert set(extra.split(",")) <= set(PROJECT["optional-dependencies"]), command
        for marker in re.findall(r'-m "([^"]*)"', command):
            assert marker in read("Makefile")


def test_the_hooks_are_local_and_name_tools_that_exist():
    config = yaml.safe_load(read(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]  # so that they work without a network
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        for word in hook["entry"].split():
            if word.endswith(".py"):
                assert (ROOT / word).exists(), word
        assert re.match(r"\.venv/bin/(python|ruff) ", hook["entry"])
    check = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    subprocess.run(check, cwd=ROOT, check=True)


def test_the_citation_has_the_keys_of_its_format_and_the_version_of_the_package():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"] and citation["license"] == PROJECT["license"]
    assert f"## {PROJECT['version']}" in read("CHANGELOG.md")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_guides_name_commands_and_files_that_exist(guide):
    text = guide.read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
        assert target in TARGETS, target
    for command in re.findall(r"qwen-course ([a-z]+)", text):
        assert f"def {command}(" in read("qwen_course/cli.py"), command
    for path in re.findall(r"\]\((?!\w+:)([^)#\s]+)", text):
        assert (guide.parent / path).exists(), path
    for path in re.findall(r"\b((?:tests|tools|training|qwen_course)/[\w/]+\.(?:py|csv|json))", text):
        assert (ROOT / path).exists() or "name" in path or "NN" in path, path


def terms(name):
    """Return the terms of a glossary in English, lower case, with the number of their notebook."""
    text = read(f"docs/{name}")
    english = re.findall(r"^\*\*(.+?)\.\*\* .*\((\d\d)\)$", text, re.MULTILINE)
    persian = re.findall(r"^\*\*.+?\*\* \((.+?)\): .*\((\d\d)\)$", text, re.MULTILINE)
    return [(term.lower(), number) for term, number in english or persian]


def test_both_glossaries_explain_the_same_terms():
    assert len(terms("glossary.md")) > 40
    assert terms("glossary.md") == terms("glossary.fa.md")


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_uses_the_terms_that_the_glossary_says_it_introduces(path):
    cells = nbformat.read(path, as_version=4).cells
    text = " ".join(" ".join(cell.source for cell in cells).lower().replace("-", " ").split())
    missing = [term for term, number in terms("glossary.md") if number == path.stem[:2]]
    assert [term for term in missing if term.replace("-", " ") not in text] == []


def test_the_persian_readme_lists_notebooks_of_the_english_one_in_its_order():
    english, persian = (re.findall(r"\]\((notebooks/[^)]+)\)", read(name)) for name in ("README.md", "README.fa.md"))
    assert persian and persian == [row for row in english if row in persian]
