"""Statements of `steppe gc` and `steppe doctor`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    update,
)

from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import NO_OFFSET, Dialect, Statement, Statements

COUNTED = (t.RUNS, t.STEP_RUNS, t.ENTRIES, t.ARTIFACTS, t.CLAIMS)


def upkeep(d: Dialect) -> Statements:
    """Return what `upkeep.py` runs."""
    e, a, n, b, o = t.ENTRIES.c, t.ARTIFACTS.c, t.NAMES.c, t.ENTRY_BLOBS.c, t.STEP_OUTPUTS.c
    held = or_(
        e.step_run.in_(_pinned_step_runs()),
        select(o.name).where(o.step_run == e.step_run, _marked(o.version)).exists(),
        select(b.blob)
        .join(t.LEASES, t.LEASES.c.blob == b.blob)
        .where(b.entry == e.id, t.LEASES.c.expires > d.now())
        .exists(),
    )
    orphan = (
        ~select(o.name).join(t.ENTRIES, e.step_run == o.step_run).where(o.version == a.version).exists(),
        ~_marked(a.version),
    )
    return {
        "entries": select(
            e.id,
            e.key,
            e.result,
            e.size,
            e.seconds,
            e.created,
            e.used,
            e.expires,
            e.step_run,
            case((held, _ONE), else_=_NOUGHT),
        )
        .where(e.id > bindparam("after"))
        .order_by(e.id)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET),
        "remove": delete(t.ENTRIES).where(e.id == bindparam("its_id"), e.used <= bindparam("its_use")),
        "live": _live(d),
        "marked_parts": select(a.part).where(a.part.is_not(None), _marked(a.version)),
        "orphans": select(a.version)
        .where(a.part.is_not(None), a.created < bindparam("before"), a.version > bindparam("after"), *orphan)
        .order_by(a.version)
        .limit(bindparam("limit"))
        .offset(NO_OFFSET),
        "drop_part": update(t.ARTIFACTS).where(a.version == bindparam("its_version")).values(part=null()),
        "using_blob": select(e.key, e.step_run).join(t.ENTRY_BLOBS, b.entry == e.id).where(b.blob == bindparam("blob")),
        "dangling_names": select(n.name, n.version).where(n.version.not_in(select(a.version))).order_by(n.name),
        **{f"count_{table.name}": select(func.count()).select_from(table) for table in COUNTED},
    }


_ONE: ColumnElement[int] = literal_column("1")
_NOUGHT: ColumnElement[int] = literal_column("0")


def _marked(version: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a name or a pin points at the artifact."""
    n, p = t.NAMES.c, t.PINS.c
    return or_(
        version.in_(select(n.version)), version.in_(select(p.target).where(p.kind == literal_column("'artifact'")))
    )


def _pinned_step_runs() -> CompoundSelect[Any]:
    """Select the executions that pinned StepRuns and the StepRuns of pinned runs stand on."""
    p, s = t.PINS.c, t.STEP_RUNS.c
    execution = case((s.entry != literal_column("''"), s.entry), else_=s.id)
    one = and_(p.kind == literal_column("'step_run'"), p.target == s.id)
    whole = and_(p.kind == literal_column("'run'"), p.target == s.run)
    return union(select(execution).join(t.PINS, one), select(execution).join(t.PINS, whole))


def _live(d: Dialect) -> Statement:
    """Select the blobs that something other than a marked artifact needs."""
    s = t.STEP_RUNS.c
    ended_badly = s.state.in_([literal_column(f"'{state}'") for state in ("failed", "cancelled", "lost")])
    return union(
        select(t.ENTRY_BLOBS.c.blob),
        select(t.RUNS.c.lock).where(t.RUNS.c.lock.is_not(None)),
        select(t.ATTEMPTS.c.task).where(t.ATTEMPTS.c.task.is_not(None)),
        select(s.result).where(ended_badly, s.result.is_not(None)),
        select(t.LEASES.c.blob).where(t.LEASES.c.expires > d.now()),
    )
