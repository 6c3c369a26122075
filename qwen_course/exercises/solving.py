"""Fill the solutions into a copy of a notebook, for instructors: `qwen-course solve`."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from qwen_course.exercises import find

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECK = re.compile(r"""\bqc\.check\(\s*["']([^"']+)["']""")


def solved(notebook: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Return a copy with the solution in each cell that checks an exercise, and the ids of those exercises.

    The outputs of these cells are dropped, as they belong to the starters; all other cells stay as they are.
    Raises KeyError for an exercise that this version of the course does not have.
    """
    notebook = copy.deepcopy(notebook)
    filled = []
    for cell in notebook.cells:
        found = CHECK.search(cell.source) if cell.cell_type == "code" else None
        if found:
            exercise = find(found.group(1))
            cell.source, cell.outputs, cell.execution_count = exercise.solved_cell, [], None
            filled.append(exercise.id)
    return notebook, filled
