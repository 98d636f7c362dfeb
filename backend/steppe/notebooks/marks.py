"""Which cells of a notebook are steps, by its text and metadata alone: what the kernel is told with each cell."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from steppe.analysis.transform import split_step


class Steps(StrEnum):
    """Which cells are run as steps."""

    MAGIC = "magic"  # those that begin with %%step
    TAGGED = "tagged"  # those, and those with the tag `step` or `step:NAME`
    ALL = "all"  # every cell of code


def mark(cell: Any, steps: Steps) -> dict[str, Any] | None:
    """Return the options that the kernel is given with a cell, or None where its text alone decides.

    Args:
        cell: a code cell of a notebook.
        steps: which cells are run as steps.
    """
    given = cell.metadata.get("steppe")
    given = dict(given) if isinstance(given, dict) else {}
    if given.get("step") is False:
        return {"step": False}
    if split_step(cell.source) is not None:
        return given or None
    name = tagged_name(cell)
    if steps is Steps.ALL or (steps is Steps.TAGGED and name is not None):
        return {**given, **({"name": name} if name else {}), "step": True}
    return None


def tagged_name(cell: Any) -> str | None:
    """Return the name in a cell's tag `step:NAME`, an empty text for the tag `step`, None without either."""
    for tag in cell.metadata.get("tags", ()):
        if tag == "step":
            return ""
        if tag.startswith("step:"):
            return str(tag.removeprefix("step:")).strip()
    return None


def needs_steppe(notebook: Any, steps: Steps) -> bool:
    """Tell whether any cell of a notebook is a step."""
    if steps is Steps.ALL:
        return True
    return any(
        cell.cell_type == "code"
        and (
            split_step(cell.source) is not None
            or "load_ext steppe" in cell.source  # the notebook turns it on by itself, and has steps by `%steppe auto`
            or (steps is Steps.TAGGED and tagged_name(cell) is not None)
        )
        for cell in notebook.cells
    )
