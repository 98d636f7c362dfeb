"""The figures of an execution: those that it showed, and the variables that are figures or pictures."""

from __future__ import annotations

from typing import Any

from steppe.catalog import Catalog
from steppe.lineage.results import result_of
from steppe.lineage.views.stored import stored
from steppe.store.store import Store
from steppe.types import Shown, StepRun, Struct

PLOTLY = "application/vnd.plotly.v1+json"
DRAWN = (PLOTLY, "image/png", "image/jpeg", "image/svg+xml")
"""What is a figure among MIME types, the best first; none of them runs a script."""

MOST = 24
"""Figures that are told of one execution."""


class Figure(Struct, frozen=True, kw_only=True):
    """A figure.

    Attributes:
        name: of the variable, or its title, or empty.
        version: of the variable; empty where the cell showed it.
        data: the MIME bundle that was shown; empty for a variable.
    """

    name: str
    version: str = ""
    data: dict[str, Any] = {}


def figures_of(step: StepRun, catalog: Catalog, store: Store) -> list[Figure]:
    """Return the figures of a StepRun, those that it showed first; a hit has those of the execution."""
    execution = (catalog.step_runs.get(step.entry) if step.entry and step.result is None else step) or step
    result = result_of(execution, store)
    found = [] if result is None else [_figure(item) for item in _last(result.shown)]
    for name, version in execution.outputs.items():
        if len(found) >= MOST:
            break
        kept = stored(catalog, store, version) if name.isidentifier() else None
        if kept is not None and kept.view in ("figure", "image"):
            found.append(Figure(name=name, version=version))
    return found[:MOST]


def _last(shown: tuple[Shown, ...]) -> list[Shown]:
    """Return the figures among what was shown: of displays that were updated or cleared, what is left."""
    left: dict[object, Shown] = {}
    for number, item in enumerate(shown):
        if item.kind == "clear":
            left.clear()
        elif item.kind != "stream":
            left[item.display_id or number] = item
    return [item for item in left.values() if any(mime in item.data for mime in DRAWN)]


def _figure(item: Shown) -> Figure:
    mime = next(each for each in DRAWN if each in item.data)
    data = item.data[mime]
    title = ""
    if mime == PLOTLY and isinstance(data, dict):
        told = data.get("layout", {}).get("title", {}) if isinstance(data.get("layout"), dict) else {}
        title = str(told.get("text", "") if isinstance(told, dict) else told)
    return Figure(name=title, data={mime: data})
