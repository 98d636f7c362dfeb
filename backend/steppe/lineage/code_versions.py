"""The earlier versions of a step's code: the latest StepRun with each, and what in its code was another then."""

from __future__ import annotations

from collections.abc import Iterable

from steppe.catalog import Catalog
from steppe.types import Ingredient, StepRun, Struct

CALLED = ("function", "class", "module")
"""What a step's code calls; a code version covers that, too."""

MOST = 50
"""Versions that are told unless more are asked for."""

FEW, AT_ONCE, EACH = 8, 200, 40
"""StepRuns with other code or data that are looked at first, at once at the most, and for each version that is asked
for: a step whose data changes with every run has many of the same code."""

Signature = dict[tuple[str, str], str]


class CodeVersion(Struct, frozen=True, kw_only=True):
    """One version of a step's code.

    Attributes:
        step_run: the latest StepRun that had it.
        changed: what in it differs from the code that was asked about: `the cell`, `function fit`, `module helpers`.
    """

    step_run: StepRun
    changed: tuple[str, ...]


def code_versions(catalog: Catalog, now: StepRun, most: int = MOST) -> list[CodeVersion]:
    """Return the earlier versions of a StepRun's code, the latest first, `most` at most.

    No more is read than that needs: a few StepRuns first, then twice as many.
    """
    mine = signature(now.source, now.ingredients)
    found: dict[str, Signature] = {}
    seen, before, limit, left = [mine], now.id, min(max(most, FEW), AT_ONCE), max(most * EACH, AT_ONCE)
    while left > 0:
        rows = catalog.step_runs.codes(now.step, part=now.part, before=before, limit=limit)
        for id_, source, ingredients in rows:
            theirs = signature(source, ingredients)
            if theirs not in seen and len(found) < most:
                seen.append(theirs)
                found[id_] = theirs
        if len(rows) < limit or len(found) == most:
            break
        before, limit, left = rows[-1][0], min(2 * limit, AT_ONCE), left - limit
    runs = catalog.step_runs.among(found)
    return [
        CodeVersion(step_run=runs[id_], changed=tuple(differing(theirs, mine)))
        for id_, theirs in found.items()
        if id_ in runs
    ]


def signature(source: str, ingredients: Iterable[Ingredient]) -> Signature:
    """Return what a step's code is made of, with versions; that of the cell is its text where it was not analysed."""
    found = {(item.kind, item.name): item.version for item in ingredients if item.kind in ("code", *CALLED)}
    return found if any(kind == "code" for kind, _ in found) else {**found, ("code", ""): source}


def differing(one: Signature, other: Signature) -> list[str]:
    """Return in words what differs between two versions: the cell's own code first."""
    places = sorted(place for place in {*one, *other} if one.get(place) != other.get(place))
    called = [f"{kind} {name}" for kind, name in places if kind != "code"]
    return ["the cell", *called] if any(kind == "code" for kind, _ in places) else called
