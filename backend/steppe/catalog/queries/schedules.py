"""Statements of schedules and of the times at which they are due. Every change names what it has seen before."""

from __future__ import annotations

from sqlalchemy import ColumnElement, SmallInteger, bindparam, delete, exists, literal_column, or_, select, update

from steppe.catalog import rows
from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import NO_OFFSET, Dialect, Statements, columns


def _leads() -> ColumnElement[bool]:
    """Return the condition that the lease is still its holder's; where none is named, none is asked for."""
    c, lease = t.CLAIMS.c, bindparam("lease", type_=t.CLAIMS.c.key.type)
    held = exists().where(c.key == lease, c.holder == bindparam("leader", type_=c.holder.type))
    return or_(lease == literal_column("''"), held)


def schedules(d: Dialect) -> Statements:
    """Return what `schedules.py` runs on schedules."""
    s = t.SCHEDULES.c
    found = select(*columns(t.SCHEDULES, rows.SCHEDULE))
    return {
        "add": d.add(t.SCHEDULES),
        "all": found.where(s.root == bindparam("root")).order_by(s.name),
        "named": found.where(s.root == bindparam("root"), s.name == bindparam("name")),
        "get": found.where(s.id == bindparam("id")),
        "change": update(t.SCHEDULES)
        .where(s.id == bindparam("its_id"), s.revision == bindparam("its_revision"), _leads())
        .values(revision=bindparam("revision"), more=bindparam("more")),
        "remove": delete(t.SCHEDULES).where(s.id == bindparam("id")),
    }


def dues(d: Dialect) -> Statements:
    """Return what `schedules.py` runs on due times."""
    c = t.DUES.c
    found = select(*columns(t.DUES, rows.DUE))
    seen = (
        c.schedule == bindparam("its_schedule"),
        c.due == bindparam("its_due"),
        c.state == bindparam("its_state"),
        c.token == bindparam("its_token"),
    )
    changed = {name: bindparam(name, type_=c[name].type) for name in ("state", "token", "after", "expires", "run")}
    return {
        "add": d.add(t.DUES),
        "get": found.where(c.schedule == bindparam("schedule"), c.due == bindparam("due")),
        "of": found.where(c.schedule == bindparam("schedule"))
        .order_by(c.due.desc())
        .limit(bindparam("limit"))
        .offset(NO_OFFSET),
        "open": found.where(c.open == literal_column("1"), d.among(c.schedule, "schedules")).order_by(
            c.schedule, c.due
        ),
        "change": update(t.DUES)
        .where(*seen, _leads())
        .values(**changed, open=bindparam("open", type_=SmallInteger()), more=bindparam("more")),
        "remove": delete(t.DUES).where(c.schedule == bindparam("schedule")),
    }
