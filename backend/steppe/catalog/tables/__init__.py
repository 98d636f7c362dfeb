"""The schema of the Catalog: the one definition of its tables, in SQLAlchemy Core.

Only `queries`, `compile` and the migrations' tests import this: the SQL that runs every day is compiled from it ahead
of time, because importing SQLAlchemy costs more than a whole notebook of hits.

A foreign key is declared where a row has no life without its parent. References between nouns (a hit's entry, an
entry's StepRun, an artifact's version) are by value alone: either end may come first, and either may go first.
"""

from steppe.catalog.tables.cache import (
    ALIASES,
    ARTIFACTS,
    CLAIMS,
    ENTRIES,
    ENTRY_BLOBS,
    LEASES,
)
from steppe.catalog.tables.columns import METADATA
from steppe.catalog.tables.history import (
    ATTEMPTS,
    DOCUMENTS,
    LATEST_METRICS,
    METRICS,
    RUNS,
    STEP_INPUTS,
    STEP_OUTPUTS,
    STEP_RUNS,
    STEPS,
    USES,
)
from steppe.catalog.tables.marks import HAZARDS, NAME_MOVES, NAMES, NOTES, PINS, TAGS
from steppe.catalog.tables.schedules import DUES, SCHEDULES

__all__ = [
    "ALIASES",
    "ARTIFACTS",
    "ATTEMPTS",
    "CLAIMS",
    "DOCUMENTS",
    "DUES",
    "ENTRIES",
    "ENTRY_BLOBS",
    "HAZARDS",
    "LATEST_METRICS",
    "LEASES",
    "METADATA",
    "METRICS",
    "NAMES",
    "NAME_MOVES",
    "NOTES",
    "PINS",
    "RUNS",
    "SCHEDULES",
    "STEPS",
    "STEP_INPUTS",
    "STEP_OUTPUTS",
    "STEP_RUNS",
    "TAGS",
    "USES",
]
