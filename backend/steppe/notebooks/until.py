"""A notebook that ends after one of its steps: what runs when only so much of it is asked for."""

from __future__ import annotations

import json
from typing import Any

from steppe.errors import UsageError
from steppe.notebooks import checks
from steppe.notebooks.cells import code_cells
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import Source
from steppe.settings import Project


def cut(source: Source, step: str, steps: Steps, project: Project) -> Source:
    """Return a notebook as far as a step, it included; to the last of its cells where several have its name.

    Raises:
        UsageError: there is no step of that name; names the nearest.
    """
    import nbformat

    notebook = source.notebook()
    cells = [cell for cell in code_cells(notebook, steps, project.settings) if cell.is_step]
    ends = [cell.id for cell in cells if cell.name == step]
    if not ends:
        known = [cell.name for cell in cells]
        hint = checks.nearest(step, known) if known else "it has no steps. Run it with --steps all."
        raise UsageError(f"--until: {source.path} has no step `{step}`: {hint}")
    last = max(index for index, cell in enumerate(notebook.cells) if cell.get("id") == ends[-1])
    notebook.cells = notebook.cells[: last + 1]
    notebook.nbformat_minor = max(5, notebook.nbformat_minor)  # its cells have their ids from here on
    raw = json.loads(nbformat.writes(notebook, version=nbformat.NO_CONVERT))
    return Source(source.path, raw, source.told, translated=True)


def reached(parameters: dict[str, Any], whole: Source, source: Source) -> dict[str, Any]:
    """Return the parameters that are set before the notebook's end.

    They are set after the cell that is tagged `parameters`. Where that comes later, nothing of them is seen: set at the
    beginning, they would make other steps than those of the whole notebook.
    """
    return {} if _declares(whole) and not _declares(source) else parameters


def _declares(source: Source) -> bool:
    return any("parameters" in cell.metadata.get("tags", ()) for cell in source.seen.cells if cell.cell_type == "code")
