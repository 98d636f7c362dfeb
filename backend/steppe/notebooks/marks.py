"""Which cells of a notebook are steps, by its text and metadata alone: what the kernel is told with each cell."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from steppe.analysis.transform import split_step

RESTORES = "steppe_restores"
"""Where a cell that is run again says, in its metadata, what the kernel has to be made like before: a blob's digest."""


class Steps(StrEnum):
    """Which cells are run as steps."""

    MAGIC = "magic"  # those that begin with %%step
    TAGGED = "tagged"  # those, and those with the tag `step` or `step:NAME`, or `"steppe": {"step": true}`
    ALL = "all"  # every cell of code


def mark(cell: Any, steps: Steps) -> dict[str, Any] | None:
    """Return the options that the kernel is given with a cell, or None where its text alone decides.

    Args:
        cell: a code cell of a notebook.
        steps: which cells are run as steps.
    """
    given = _given(cell.metadata)
    if given.get("step") is False or is_skipped(cell):
        return {"step": False}
    if split_step(cell.source) is not None:
        return given or None
    name = tagged_name(cell)
    if steps is Steps.ALL or (steps is Steps.TAGGED and is_tagged(cell.metadata)):
        return {**given, **({"name": name} if name else {}), "step": True}
    return None


def is_skipped(cell: Any) -> bool:
    """Tell whether a cell is left out of headless runs: `"steppe": {"skip": true}`."""
    return bool(_given(cell.metadata).get("skip"))


def tagged(metadata: dict[str, Any]) -> dict[str, Any] | None:
    """Return the options of a cell that is a step by its metadata, of the tag's name too; None where it is none.

    Args:
        metadata: the cell's, which JupyterLab and Notebook 7 send along with its code.
    """
    given = _given(metadata)
    if given.get("step") is False or not is_tagged(metadata):
        return None
    name = _name_of(metadata.get("tags"))
    return {**given, **({"name": name} if name else {}), "step": True}


def is_tagged(metadata: dict[str, Any]) -> bool:
    """Tell whether a cell is a step by its metadata: the tag `step` or `step:NAME`, or `"steppe": {"step": true}`."""
    told = _given(metadata).get("step")
    return told is not False and (told is True or _name_of(metadata.get("tags")) is not None)


def _given(metadata: Any) -> dict[str, Any]:
    given = metadata.get("steppe")
    return dict(given) if isinstance(given, dict) else {}


def tagged_name(cell: Any) -> str | None:
    """Return the name in a cell's tag `step:NAME`, an empty text for the tag `step`, None without either."""
    return _name_of(cell.metadata.get("tags"))


def _name_of(tags: Any) -> str | None:
    for tag in tags if isinstance(tags, list | tuple) else ():
        if tag == "step":
            return ""
        if isinstance(tag, str) and tag.startswith("step:"):
            return tag.removeprefix("step:").strip()
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
            or (steps is Steps.TAGGED and is_tagged(cell.metadata))
        )
        for cell in notebook.cells
    )
