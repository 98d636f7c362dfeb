"""What a cell asks for: whether it is a step at all, under which name, and which of the step's cells it is."""

from __future__ import annotations

import ast
import difflib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from steppe.engine.session import Session
from steppe.types import StepId
from steppe_magic.transformer import split

if TYPE_CHECKING:
    from steppe.analysis.cell import Cell


PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""An id as nbformat has them. VS Code sends addresses that hold for one session alone."""

OURS = re.compile(r"^\s*%(?:steppe|(?:re|un)?load_ext)\b", re.MULTILINE)
"""Cells that are no steps although a tag or `%steppe auto` makes them one."""

ALIKE = 0.6
"""From which likeness on a new text counts as the edited form of an old one."""


class Asked(NamedTuple):
    """A cell that is to be a step.

    Attributes:
        line: the rest of the magic's line; empty where metadata or `%steppe auto` make it a step.
        raw: the cell as written.
        given: options from the cell's metadata.
    """

    line: str
    raw: str
    given: dict[str, Any]


def asked(raw: str, metadata: dict[str, Any], *, everything: bool) -> Asked | None:
    """Return what a cell asks for as a step, or None where it is none.

    Args:
        raw: the cell as written.
        metadata: of the request that runs it: the cell's own, from JupyterLab and Notebook 7.
        everything: whether every cell is a step.
    """
    given = metadata.get("steppe") if isinstance(metadata.get("steppe"), dict) else None
    found = split(raw)
    if found is not None:
        return Asked(found[0], raw, given or {})
    if given is not None or "tags" in metadata:
        from steppe.notebooks.marks import tagged  # with the first that may be one: the extension loads quickly

        options = tagged(metadata)
        if options is not None and not OURS.search(raw):
            return Asked("", raw, options)
    if given is not None or not everything or OURS.search(raw):
        return None
    return Asked("", raw, {})


def name_of(cell: Cell, given: str | None, cell_id: str) -> str:
    """Return a step's name: the one it was given, else the cell's id, else the first name that it binds."""
    if given or PLAIN_ID.fullmatch(cell_id):
        return given or cell_id
    return _first_binding(cell) or "cell"


def _first_binding(cell: Cell) -> str:
    for statement in cell.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return statement.name
        stored = [
            node for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        bound = [node for node in stored if node.id in cell.names.binds]
        if bound:
            return min(bound, key=lambda node: (node.lineno, node.col_offset)).id
    return min(cell.names.binds, default="")


class Parts:
    """Which of a step's cells is which, by name: an edited, moved or repeated cell keeps its number."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, list[_Part]] = {}

    def number(self, name: str, cell: Cell, cell_id: str) -> int:
        """Return the number of a cell among those of the step `name`, from 0; that of a new one is the next."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._of_earlier_sessions(name)
        found = _find(known, cell, cell_id)
        if found is None:
            found = _Part()
            known.append(found)
        found.cell_id, found.source, found.digest, found.here = cell_id, cell.raw, cell.digest, True
        return known.index(found)

    def _of_earlier_sessions(self, name: str) -> list[_Part]:
        """Return what the Catalog knows of the step's cells."""
        session = self._session
        step = StepId(notebook=session.notebook, name=name)
        found: list[_Part] = []
        with session.forgiving("cells of earlier sessions are not known"):
            while (last := session.catalog.step_runs.last(step, part=len(found))) is not None:
                found.append(_Part(last.cell, last.source))
        return found


class _Part:
    """One of a step's cells; `here`: whether it was run in this session."""

    def __init__(self, cell_id: str = "", source: str = "") -> None:
        self.cell_id = cell_id
        self.source = source
        self.digest = ""
        self.here = False


def _find(known: list[_Part], cell: Cell, cell_id: str) -> _Part | None:
    """Return the cell that was run before under the same id, with the same text, or with a text much like it."""
    if cell_id:
        for part in known:
            if part.cell_id == cell_id:
                return part
    free = [part for part in known if not (cell_id and part.here and part.cell_id)]
    for part in free:
        if part.source == cell.raw or part.digest == cell.digest:
            return part
    likeness = {id(part): difflib.SequenceMatcher(None, part.source, cell.raw).ratio() for part in free}
    best = max(free, key=lambda part: likeness[id(part)], default=None)
    return best if best is not None and likeness[id(best)] >= ALIKE else None
