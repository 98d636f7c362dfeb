"""Cells that are no steps: what must come before one is waited for, and what it reads is made real."""

from __future__ import annotations

import ast
from typing import Any

from steppe.analysis.cell import Cell, analyse
from steppe.engine.background import wait_for_what_matters
from steppe.engine.materialise import any_lazy, materialise
from steppe.engine.session import Session
from steppe.engine.setup_rules import effect_of


def prepare(session: Session, raw: str, source: str, tree: ast.Module | None = None) -> Cell | None:
    """Wait for what must come before a cell, and make real what it reads.

    Args:
        session: the kernel's.
        raw: the cell as written.
        source: the Python that it became.
        tree: what that was parsed to, where it is known.

    Returns:
        The cell's analysis, or None where its text can't be parsed.
    """
    note_around(session.plain, raw)
    try:
        cell = analyse(raw, python=source, tree=tree)
    except SyntaxError:
        return None
    namespace = session.setting.namespace
    if session.pending:
        wait_for_what_matters(session, cell, effect_of(cell, session))
    if any_lazy(namespace):
        unbounded = cell.names.unbounded_reads or cell.names.unbounded_binds
        names = (cell.names.reads | cell.names.mentions) - cell.streamed
        materialise(None if unbounded else names, namespace)
    return cell


def note_around(around: Any, raw: str) -> None:
    """Add a plain cell to the digest of those that have run; those that only turn Steppe on may have run before it."""
    if "load_ext steppe" not in raw:
        data = raw.encode("utf-8", "surrogatepass")
        around.update(b"%d:" % len(data))
        around.update(data)
