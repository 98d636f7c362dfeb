"""What a step depends on through the steps that its code has called: what they were seen to read is its own."""

from __future__ import annotations

from typing import Any

from steppe.types import FileOutput, Result
from steppe.worker.trace import Trace

NOTES = (
    "existed",
    "before",
    "below",
    "marked",
    "probed",
    "asked",
    "unfilled",
    "links",
    "listings",
    "suspects",
    "variables",
)


def absorb(outer: Trace, inner: Trace) -> None:
    """Add what a step was seen to do to the trace of the step around it."""
    own = dict(outer.written)
    for path, status in inner.read.items():
        if path not in own:
            outer.read.setdefault(path, status)
    for path, status in inner.sources.items():
        if path not in own:
            outer.sources.setdefault(path, status)
    for name in NOTES:
        mine, theirs = getattr(outer, name), getattr(inner, name)
        for place, found in theirs.items():
            if place not in own:
                mine.setdefault(place, found)
    for path in inner.written:
        outer.written.setdefault(path, None)
    outer.earlier += [item for item in inner.earlier if item not in outer.earlier]
    outer.spoilt += [reason for reason in inner.spoilt if reason not in outer.spoilt]
    for reason in inner.outside:
        outer.leaves(reason)
    outer.forked = outer.forked or inner.forked


def observe(outer: Trace, result: Result, session: Any) -> None:
    """Add what a stored result was seen to depend on to the trace of the step around it."""
    for item in result.trace:
        if item.kind == "random":
            session.randomness.draws(item.name)
        elif item.kind == "variable" or session.places.path(item.name) not in outer.written:
            outer.earlier.append(item)


def writes(outer: Trace, files: tuple[FileOutput, ...], session: Any) -> None:
    """Note files that are about to be put back, or were written elsewhere, as the outer step's own."""
    for file in files:
        path = session.places.path(file.path)
        if path in outer.written:
            continue
        outer.existed[path] = "file" if file.was else "absent"
        if file.was:
            outer.before.setdefault(path, file.was)
        outer.written[path] = None
