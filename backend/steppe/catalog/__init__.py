"""The database of runs, steps, artifacts and edges."""

from steppe.catalog.catalog import Catalog
from steppe.catalog.found import (
    Due,
    Edge,
    EntryUse,
    Hazard,
    Metric,
    Name,
    Note,
    Page,
    Pin,
    RunFilter,
    Schedule,
    Step,
    StepRunFilter,
    Use,
    every,
)
from steppe.catalog.opening import open_catalog

__all__ = [
    "Catalog",
    "Due",
    "Edge",
    "EntryUse",
    "Hazard",
    "Metric",
    "Name",
    "Note",
    "Page",
    "Pin",
    "RunFilter",
    "Schedule",
    "Step",
    "StepRunFilter",
    "Use",
    "every",
    "open_catalog",
]
