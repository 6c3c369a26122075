"""The two pages of the site that the package writes about itself: its public names, and the catalogue of models."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import qwen_course

MODEL_COLUMNS = {
    "repo_id": "id on the hub",
    "released": "released",
    "task": "task",
    "variant": "variant",
    "thinking": "thinking",
    "parameters": "parameters",
    "active_parameters": "active",
    "native_context": "context",
    "license": "licence",
}


def sections() -> dict[str, list[str]]:
    """Return the public names under the headings of the table in `qwen_course/__init__.py`, in its order."""
    found: dict[str, list[str]] = {}
    for line in Path(qwen_course.__file__).read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"    # (\w[\w ]*)", line):
            names = found.setdefault(heading[1], [])
        elif name := re.match(r'    "(\w+)": "', line):
            names.append(name[1])
    return found


def signature_of(name: str, value: object) -> str:
    """Return the call of a function or class as code, one argument a line where it would be long."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    if isinstance(value, type):
        signature = signature.replace(return_annotation=inspect.Signature.empty)
    if len(call := f"{name}{signature}") <= 100:
        return call
    parts = [str(one) for one in signature.parameters.values()]
    keyword_only = [one.kind is one.KEYWORD_ONLY for one in signature.parameters.values()]
    if any(keyword_only):
        parts.insert(keyword_only.index(True), "*")
    result = str(signature).rpartition(" -> ")[2] if signature.return_annotation is not signature.empty else ""
    return f"{name}(\n    " + ",\n    ".join(parts) + "\n)" + (f" -> {result}" if result else "")


def as_markdown(docstring: str) -> str:
    """Return a docstring with its examples, the paragraphs that show `call -> result`, as code."""
    shown = []
    for paragraph in docstring.split("\n\n"):
        example = re.match(r"\w+[\w.]*\(", paragraph) and ("->" in paragraph or "\n  " in paragraph)
        shown.append(f"```\n{paragraph}\n```" if example or paragraph.startswith("    ") else _plain(paragraph))
    return "\n\n".join(shown)


def _plain(text: str) -> str:
    """Escape what Markdown would take for markup outside of backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<*_\[\]$])", r"\\\1", part) for part in parts)


def _members(value: type) -> Iterator[str]:
    own = [name for name in vars(value) if not name.startswith("_")]
    if dataclasses.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value)]
        yield "Fields: " + ", ".join(f"`{name}`" for name in fields) + "."
        own = [name for name in own if name not in fields]
    for name in own:
        member = inspect.getattr_static(value, name)
        documented = inspect.getdoc(getattr(value, name))
        if not documented:
            continue
        if isinstance(member, property):
            yield f"**`.{name}`** {as_markdown(documented)}"
        elif inspect.isroutine(getattr(value, name)):
            call = signature_of(name, getattr(value, name))
            yield f"```python\n.{call}\n```\n\n{as_markdown(documented)}"


def reference_page() -> str:
    """Return the reference of all public names in Markdown, from their docstrings."""
    parts = ["# Reference", "What `import qwen_course as qc` gives you, as the docstrings say it."]
    for heading, names in sections().items():
        parts.append(f"## {heading.capitalize()}")
        for name in names:
            value = getattr(qwen_course, name)
            parts.append(f"### `qc.{name}`\n\n```python\n{signature_of(name, value)}\n```")
            parts.append(as_markdown(inspect.getdoc(value) or ""))
            if isinstance(value, type):
                parts += _members(value)
    return "\n\n".join(parts) + "\n"


def models_page() -> str:
    """Return the catalogue as a page in Markdown, one table per generation, newest first."""
    catalog = qwen_course.catalog()
    parts = [
        "# Models",
        f"All {len(catalog)} checkpoints that the course knows, as `qc.catalog()` lists them; there each row also "
        "names its source and the shape of the network. An empty cell: not published, or not verified.",
    ]
    for generation in reversed(catalog.generation.unique()):
        rows = catalog[catalog.generation == generation]
        parts.append(f"## {generation}")
        lines = [f"| {' | '.join(MODEL_COLUMNS.values())} |", "|---" * len(MODEL_COLUMNS) + "|"]
        for row in rows.itertuples():
            lines.append(f"| {' | '.join(_cell(column, getattr(row, column)) for column in MODEL_COLUMNS)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _cell(column: str, value: object) -> str:
    from pandas import isna

    if isna(value):
        return ""
    if column.endswith("parameters"):
        return f"{value / 1e9:.2f} B"
    if column == "repo_id":
        return f"`{value}`"
    return f"{value:,}" if column == "native_context" else str(value).replace("-", "\u2011")  # a date is not broken
