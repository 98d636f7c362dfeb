"""Statements that follow values from step to step."""

from __future__ import annotations

from sqlalchemy import Select, Table, bindparam, func, select

from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import NO_OFFSET, Dialect, Statement, Statements
from steppe.catalog.queries.history import STEP_RUN


def lineage(d: Dialect) -> Statements:
    """Return what `lineage.py` runs on edges (see `history.steps` for uses)."""
    return {
        "makers": _step_runs(_ids(t.STEP_OUTPUTS, newest_first=False), newest_first=False),
        "users": _step_runs(_ids(t.STEP_INPUTS, newest_first=True), newest_first=True),
        "user_ids": _ids(t.STEP_INPUTS, newest_first=True),
        "origins": _first_of_each(d, t.STEP_OUTPUTS),
        "inputs": _edges(d, t.STEP_INPUTS),
        "outputs": _edges(d, t.STEP_OUTPUTS),
    }


def _ids(edges: Table, *, newest_first: bool) -> Select[tuple[str]]:
    """Select the StepRuns with an edge to `version`, once each, though a step may know one value by two names."""
    e = edges.c
    beyond = e.step_run < bindparam("after") if newest_first else e.step_run > bindparam("after")
    return (
        select(e.step_run)
        .distinct()
        .where(e.version == bindparam("version"), beyond)
        .order_by(e.step_run.desc() if newest_first else e.step_run)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET)
    )


def _step_runs(ids: Select[tuple[str]], *, newest_first: bool) -> Statement:
    found, s = ids.subquery(), t.STEP_RUNS.c
    order = s.id.desc() if newest_first else s.id
    return select(*STEP_RUN).join(found, found.c.step_run == s.id).order_by(order)


def _first_of_each(d: Dialect, edges: Table) -> Statement:
    version = d.each("versions")
    first = (
        select(func.min(edges.c.step_run)).where(edges.c.version == version).correlate_except(edges).scalar_subquery()
    )
    return select(version, first)


def _edges(d: Dialect, edges: Table) -> Statement:
    e = edges.c
    return select(e.step_run, e.name, e.version).where(d.among(e.step_run, "step_runs")).order_by(e.step_run, e.name)
