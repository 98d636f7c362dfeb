"""Statements of claims on keys and leases on blobs. All times are the one clock's (see `Dialect.now`)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Double, SmallInteger, bindparam, delete, literal_column, or_, select, update

from steppe.catalog import rows
from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import Dialect, Statements, columns, greatest


def claims(d: Dialect) -> Statements:
    """Return what `claims.py` runs."""
    c = t.CLAIMS.c
    until = d.now() + bindparam("ttl", type_=Double())
    mine = (c.key == bindparam("its_key"), c.holder == bindparam("its_holder"))
    named: dict[str, ColumnElement[str]] = {
        name: bindparam(name) for name in ("attempt", "executor", "handle", "label")
    }
    dead: ColumnElement[int] = bindparam("dead", type_=SmallInteger())
    claim = select(*columns(t.CLAIMS, rows.CLAIM))
    return {
        "acquire": d.insert(t.CLAIMS).values(expires=until).on_conflict_do_nothing(),
        "get": claim.where(c.key == bindparam("key")),
        "among": claim.where(d.among(c.key, "keys")),
        "all": claim.order_by(c.key),
        "renew": update(t.CLAIMS).where(*mine).values(expires=until),
        "describe": update(t.CLAIMS).where(*mine).values(**named),
        "renew_all": update(t.CLAIMS).where(c.holder == bindparam("its_holder")).values(expires=until),
        "held": claim.where(c.holder == bindparam("its_holder")).order_by(c.key),
        "release": delete(t.CLAIMS).where(*mine),
        "steal": update(t.CLAIMS)
        .where(*mine, c.attempt == bindparam("its_attempt"), or_(c.expires <= d.now(), dead == literal_column("1")))
        .values(holder=bindparam("holder"), expires=until, **named),
        "now": select(d.now()),
    }


def leases(d: Dialect) -> Statements:
    """Return what `leases.py` runs."""
    c = t.LEASES.c
    until = d.now() + bindparam("ttl", type_=Double())
    hold = d.insert(t.LEASES).values(expires=until)
    return {
        "hold": hold.on_conflict_do_update(
            index_elements=[c.holder, c.blob], set_={"expires": greatest(hold.excluded.expires, c.expires)}
        ),
        "renew": update(t.LEASES).where(c.holder == bindparam("its_holder")).values(expires=until),
        "release": delete(t.LEASES).where(c.holder == bindparam("its_holder")),
        "expire": delete(t.LEASES).where(c.expires <= d.now()),
    }
