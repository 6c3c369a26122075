"""Show what a check, a hint or a table of progress says: in Jupyter, in a terminal, and to a screen reader.

The outcome is said in words. There are no colours, so that light and dark themes both work; borders take the colour of
the text. All text is escaped, since it may hold what a learner's code printed as its value.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

State = Literal["not attempted", "not yet", "right", ""]

_FRAME = "border-left:3px solid currentColor;padding:.1em 0 .1em .8em;max-width:50em"
_CODE = "border:1px solid currentColor;border-radius:3px;padding:.5em;overflow-x:auto;background:transparent"
_WIDTH = 100  # characters of a line in a terminal


@dataclass(frozen=True, repr=False)
class Message:
    """What the engine says. `text` has paragraphs apart by empty lines, and `code` in backticks; `note` comes last.

    `state` is the outcome of a check: "not attempted", "not yet" or "right"; "" for all other messages.
    """

    heading: str
    text: str
    code: str = ""
    note: str = ""
    state: State = ""

    def __str__(self) -> str:
        parts = [self.heading, *(_wrapped(paragraph) for paragraph in self.text.split("\n\n") if paragraph)]
        if self.code:
            parts.append(textwrap.indent(self.code, "    "))
        if self.note:
            parts.append(_wrapped(f"Note: {self.note}"))
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self.heading)}</strong></p>"]
        parts += [f"<p>{_inline(paragraph)}</p>" for paragraph in self.text.split("\n\n") if paragraph]
        if self.code:
            parts.append(f'<pre style="{_CODE}"><code>{escape(self.code)}</code></pre>')
        if self.note:
            parts.append(f"<p><em>Note:</em> {_inline(self.note)}</p>")
        return f'<div style="{_FRAME}">{"".join(parts)}</div>'


@dataclass(frozen=True, repr=False)
class Table:
    """A table with a caption, its rows below its columns' names, and a line below it."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        body = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.caption, *(line.rstrip() for line in body), *([self.note] if self.note else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        align = 'style="text-align:left"'
        head = "".join(f'<th scope="col" {align}>{escape(name)}</th>' for name in self.columns)
        body = ""
        for first, *others in self.rows:
            cells = "".join(f"<td {align}>{_inline(cell)}</td>" for cell in others)
            body += f'<tr><th scope="row" {align}>{escape(first)}</th>{cells}</tr>'
        caption = f'<caption style="text-align:left"><strong>{escape(self.caption)}</strong></caption>'
        note = f"<p>{_inline(self.note)}</p>" if self.note else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _inline(text: str) -> str:
    """Escape a text and mark what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False)
