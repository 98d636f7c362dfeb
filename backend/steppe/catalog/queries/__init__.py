"""Every statement that the Catalog runs, in SQLAlchemy Core, by the name that the nouns call it by.

They are compiled ahead of time into `sql/`: no process that only uses a Catalog imports this package.
"""

from __future__ import annotations

from steppe.catalog.queries import cache, claims, history, lineage, marks, schedules, upkeep
from steppe.catalog.queries.dialect import Dialect, Statement

_NOUNS = (
    cache.entries,
    cache.artifacts,
    claims.claims,
    claims.leases,
    history.runs,
    history.step_runs,
    history.steps,
    history.attempts,
    history.metrics,
    lineage.lineage,
    marks.notes,
    marks.names,
    marks.hazards,
    schedules.schedules,
    schedules.dues,
    upkeep.upkeep,
)


def statements(dialect: Dialect) -> dict[str, Statement]:
    """Return all statements, by names such as `claims.acquire`."""
    return {f"{noun.__name__}.{verb}": statement for noun in _NOUNS for verb, statement in noun(dialect).items()}
