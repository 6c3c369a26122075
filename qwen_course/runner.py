"""Execute notebooks from top to bottom, each in a kernel of its own.

The notebook on disk is read, never written: what to do with the executed copy is the caller's business
(`qwen-course run` keeps it under build/, `make notebooks` stores it back).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Failure:
    """The cell that stopped a notebook, counted from 1 among its code cells; 0 if none could be run."""

    cell: int
    source: str
    error: str  # the traceback, with terminal colours


@dataclass(frozen=True)
class Run:
    """What came of executing one notebook."""

    path: Path
    notebook: NotebookNode | None  # None if the file could not be read
    cells: int  # code cells that ran to their end
    seconds: float
    failure: Failure | None

    @property
    def result(self) -> str:
        if not self.failure:
            return "ran to its end"
        return f"failed at code cell {self.failure.cell}" if self.failure.cell else "could not be run"


def execute(path: Path, *, env: Mapping[str, str], on_cell: Callable[[int, int], None] | None = None) -> Run:
    """Execute the notebook in its own folder and return a clean executed copy; a failing cell is part of the result.

    `env` is the whole environment of the kernel. `on_cell(number, of)` is called when a code cell begins.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    began = time.perf_counter()
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, AttributeError) as error:  # not JSON, or JSON that is no notebook
        return Run(path, None, 0, 0.0, Failure(0, "", f"{path} is not a notebook that can be read: {error}"))
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    for cell in notebook.cells:  # what an earlier run left must not be taken for this one's
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    current = 0

    def started(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current
        current = code.index(cell_index) + 1
        if on_cell:
            on_cell(current, len(code))

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=None,
        startup_timeout=300,  # a busy machine or a cold disk is no reason to give up
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # or each kernel warns that its local port is not encrypted
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_execute=started,
    )
    error = ""
    try:
        client.execute(env=dict(env))
    except CellExecutionError as failed:
        outputs = notebook.cells[code[current - 1]].outputs
        tracebacks = ["\n".join(output.traceback) for output in outputs if output.output_type == "error"]
        error = "\n".join(tracebacks) or f"{failed.ename}: {failed.evalue}"
    except DeadKernelError:
        error = "The kernel died. Most often the memory was used up: close other programs, or take a smaller model."
    failure = Failure(current, notebook.cells[code[current - 1]].source if current else "", error) if error else None
    clean(notebook)
    done = max(current - 1, 0) if failure else len(code)
    return Run(path, notebook, done, time.perf_counter() - began, failure)


def clean(notebook: NotebookNode) -> None:
    """Remove, in place, what depends on the machine or the moment: widget views, versions, times, trailing blanks."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n"))
            # A widget without its kernel shows nothing but its class name.
            cell.outputs = [output for output in cell.outputs if WIDGET_VIEW not in output.get("data", {})]
