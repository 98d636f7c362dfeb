"""The database of runs, steps, artifacts and edges."""

from steppe.catalog.catalog import Catalog
from steppe.catalog.found import (
    Edge,
    EntryUse,
    Hazard,
    Metric,
    Name,
    Note,
    Page,
    Pin,
    RunFilter,
    Step,
    StepRunFilter,
    Use,
)
from steppe.catalog.opening import open_catalog

__all__ = [
    "Catalog",
    "Edge",
    "EntryUse",
    "Hazard",
    "Metric",
    "Name",
    "Note",
    "Page",
    "Pin",
    "RunFilter",
    "Step",
    "StepRunFilter",
    "Use",
    "open_catalog",
]
