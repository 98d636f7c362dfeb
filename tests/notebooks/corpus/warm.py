"""What a second run in a new kernel ran again, and what that cost, from the report of `steppe run --json`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from tests.notebooks.corpus.execution import Execution, cell_seconds
from tests.notebooks.corpus.split import code_cells

IMPORTS = (ast.Import, ast.ImportFrom)
EXTENSIONS = re.compile(r"^%(?:re|un)?load_ext\b.*$", re.MULTILINE)
"""They are no steps: what they load acts on the kernel, each time."""


@dataclass
class Warmth:
    """How warm a run was.

    Attributes:
        cells: the notebook's code cells, those that only import apart.
        imports: cells that only import.
        hits: steps that were hits.
        again: cells that ran again, imports apart, each with its status and reason.
        seconds: what the cells took in the plain run.
        seconds_again: what those that ran again took in the plain run, imports apart.
    """

    cells: int = 0
    imports: int = 0
    hits: int = 0
    again: list[dict[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    seconds_again: float = 0.0


def warmth(plain: Execution, warm: Execution) -> Warmth:
    """Count the hits and what ran again. A cell that the report does not name ran again, and has no reason.

    A report's step is a cell's by its `cell`, the cell's id; where it has none, by its name, which is the id of a cell
    that has no other.
    """
    steps = {str(step.get("cell") or step["name"]): step for step in warm.report.get("steps", [])}
    found = Warmth()
    cells = code_cells(plain.notebook)
    for cell, seconds in zip(cells, cell_seconds(plain.notebook), strict=True):
        step = steps.get(cell.id, {"status": "not reported", "why": ""})
        found.seconds += seconds
        found.hits += step["status"] == "hit"
        if only_imports(cell):
            found.imports += 1
            continue
        found.cells += 1
        if step["status"] != "hit":
            why = str(step.get("why", ""))
            found.again.append({"cell": cell.id, "status": step["status"], "why": why})
            found.seconds_again += seconds
    return found


def only_imports(cell: NotebookNode) -> bool:
    """Tell whether a cell does nothing but import, or load an extension (a docstring or a comment besides)."""
    loads = EXTENSIONS.search(cell.source) is not None
    try:
        body = ast.parse(EXTENSIONS.sub("", cell.source)).body
    except SyntaxError:
        return False
    told = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    return (loads or bool(told)) and all(isinstance(node, IMPORTS) for node in told)
