"""Why a step may have no key although all its inputs have versions: what it does that no key can know of."""

from __future__ import annotations

from steppe.analysis.cell import Cell
from steppe.analysis.options import Options
from steppe.engine.gather import Gathered
from steppe.engine.session import Session


def reasons(cell: Cell, options: Options, gathered: Gathered, session: Session) -> list[str]:
    """Return why a cell can't be cached, in words; nothing where it can."""
    if options.cache is False:
        return ["cache=false"]
    return []
