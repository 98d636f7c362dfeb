"""Why a step ran, or would: its latest resolution, or the plan of it, held against the one before."""

from __future__ import annotations

from typing import Any

from steppe.catalog import Catalog
from steppe.engine.explain import changes
from steppe.types import Ingredient, StepRun


def differences(before: StepRun, now: StepRun) -> list[dict[str, Any]]:
    """Return what differs between two resolutions, each thing with what it was and what it is."""
    was = {(item.kind, item.name): item for item in before.ingredients}
    is_ = {(item.kind, item.name): item for item in now.ingredients}
    found = []
    for place in sorted({*was, *is_}):
        old, new = was.get(place), is_.get(place)
        if old is None or new is None or old.version != new.version:
            found.append(
                {"kind": place[0], "name": place[1], "old": _said(old), "new": _said(new), "parts": _parts(old, new)}
            )
    old_trace = {(item.kind, item.name): item.version for item in before.trace}
    for item in now.trace:
        known = old_trace.get((item.kind, item.name))
        if known is not None and known != item.version:
            found.append({"kind": item.kind, "name": item.name, "old": known, "new": item.version, "parts": []})
    return found


def _said(item: Ingredient | None) -> str | None:
    return None if item is None else item.detail.get("value", item.version)


def _parts(old: Ingredient | None, new: Ingredient | None) -> list[str]:
    if old is None or new is None:
        return []
    return [name for name in {**old.detail, **new.detail} if old.detail.get(name) != new.detail.get(name)]


def last_two(catalog: Catalog, run: StepRun) -> StepRun | None:
    """Return the useful StepRun of the same cell before this one: what its reasons were told against."""
    return catalog.step_runs.last(run.step, part=run.part, before=run.id, useful=True)


def told(before: StepRun | None, now: StepRun) -> list[str]:
    """Return why a StepRun was not a hit, or what has changed since the one before, most telling first."""
    if before is None:
        return [now.why or "it has not run before"]
    return changes(before, now) or [now.why or "nothing that it depends on has changed"]
