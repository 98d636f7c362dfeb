"""Lists with filters, made as they are asked. Each asks for one row more than a page has, to know of the next."""

from __future__ import annotations

import string
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, alias, func, or_, select, tuple_

from steppe.catalog import tables as t
from steppe.catalog.found import RunFilter, StepRunFilter
from steppe.catalog.queries.history import RUN, STEP_RUN
from steppe.catalog.rows import ARTIFACT
from steppe.ids import first_id


def runs(which: RunFilter, before: str | None, limit: int) -> Select[Any]:
    """Select runs, newest first."""
    r = t.RUNS.c
    query = select(*RUN)
    for column in (r.kind, r.notebook, r.owner, r.status, r.commit):
        asked = getattr(which, column.name)
        if asked is not None:
            query = query.where(column == asked)
    if which.search:
        query = query.where(_told(which.search))
    return _newest(query, r.id, which, before, limit)


def _told(text: str) -> ColumnElement[bool]:
    """Return the condition that a text is part of what a person knows a run by.

    What is looked through is short beside the StepRuns: the runs, the steps of all notebooks, tags and notes.
    """
    r, tags, notes, steps = t.RUNS.c, alias(t.TAGS).c, alias(t.NOTES).c, alias(t.STEPS).c

    def has(column: Column[str]) -> ColumnElement[bool]:
        return func.lower(column).contains(text.translate(_SMALL), autoescape=True)

    return or_(
        has(r.path),
        has(r.notebook),
        r.notebook.in_(select(steps.notebook).where(has(steps.step))),
        r.id.in_(select(tags.subject).where(tags.kind == "run", has(tags.tag))),
        r.id.in_(select(notes.subject).where(notes.kind == "run", has(notes.text))),
    )


_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""As both databases do it by themselves: they leave other letters as they are."""


def step_runs(which: StepRunFilter, before: str | None, limit: int) -> Select[Any]:
    """Select StepRuns without their documents, newest first."""
    s = t.STEP_RUNS.c
    anywhere = which.step is not None and which.notebook is None and which.run is None
    query = select(s.id) if anywhere else select(*STEP_RUN)
    if anywhere:
        query = query.where(s.notebook.in_(select(t.STEPS.c.notebook).where(t.STEPS.c.step == which.step)))
    for column in (s.run, s.notebook, s.step, s.part, s.executor, s.key, s.entry):
        asked = getattr(which, column.name)
        if asked is not None:
            query = query.where(column == asked)
    if which.states is not None:
        query = query.where(s.state.in_([state.value for state in which.states]))
    query = _newest(query, s.id, which, before, limit)
    return _by_id(query) if anywhere else query


def _by_id(ids: Select[Any]) -> Select[Any]:
    """Select the StepRuns of these ids, newest first.

    A step's name alone has no index. But few notebooks have a step of that name, and an index that has a notebook's ids
    by step: so these are found without their rows.
    """
    found, s = ids.subquery(), t.STEP_RUNS.c
    return select(*STEP_RUN).join(found, found.c.id == s.id).order_by(s.id.desc())


def _newest(
    query: Select[Any], ids: Column[str], which: RunFilter | StepRunFilter, before: str | None, limit: int
) -> Select[Any]:
    if which.tag is not None:
        tags = t.TAGS.c
        kind = "run" if isinstance(which, RunFilter) else "step_run"
        query = query.join(t.TAGS, tags.subject == ids).where(tags.kind == kind, tags.tag == which.tag)
    if which.since is not None:
        query = query.where(ids >= first_id(which.since))
    if which.until is not None:
        query = query.where(ids < first_id(which.until))
    if before is not None:
        query = query.where(ids < before)
    return query.order_by(ids.desc()).limit(limit)


def steps(notebook: str | None, before: str | None, limit: int) -> Select[Any]:
    """Select steps with their latest StepRuns, the latest first."""
    p = t.STEPS.c
    query = select(p.first, *STEP_RUN).join_from(t.STEPS, t.STEP_RUNS, t.STEP_RUNS.c.id == p.last)
    if notebook is not None:
        query = query.where(p.notebook == notebook)
    if before is not None:
        query = query.where(p.last < before)
    return query.order_by(p.last.desc()).limit(limit)


def artifacts(kind: str | None, place: tuple[float, str] | None, limit: int) -> Select[Any]:
    """Select artifacts, newest first, without what is large."""
    a = t.ARTIFACTS.c
    query = select(*(a[name] for name in ARTIFACT.columns), a.created)
    if kind is not None:
        query = query.where(a.type == kind)
    if place is not None:
        query = query.where(tuple_(a.created, a.version) < tuple_(*place))
    return query.order_by(a.created.desc(), a.version.desc()).limit(limit)
