"""Statements of entries, artifacts and aliases."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, or_, select, update

from steppe.catalog import rows
from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import Dialect, Statements, beginning, columns

_ARTIFACT = (*columns(t.ARTIFACTS, rows.ARTIFACT), t.ARTIFACTS.c.part)


def entries(d: Dialect) -> Statements:
    """Return what `entries.py` runs."""
    e, a = t.ENTRIES.c, t.ARTIFACTS.c
    keep = d.insert(t.ENTRIES)
    new = keep.excluded
    kept = ("result", "seconds", "created", "expires", "step_run", "size", "used", "more")
    keys_of_step = select(t.STEP_RUNS.c.key).where(
        t.STEP_RUNS.c.notebook == bindparam("notebook"), t.STEP_RUNS.c.step == bindparam("step")
    )
    keys_of_notebook = select(t.STEP_RUNS.c.key).where(t.STEP_RUNS.c.notebook == bindparam("notebook"))
    s = t.STEP_RUNS.c
    of_step = select(s.id).where(s.notebook == bindparam("notebook"), s.step == bindparam("step"))
    of_notebook = select(s.id).where(s.notebook == bindparam("notebook"))
    return {
        "find": select(*columns(t.ENTRIES, rows.ENTRY))
        .where(e.key == bindparam("key"))
        .order_by(e.created.desc(), e.id.desc()),
        "among": select(*columns(t.ENTRIES, rows.ENTRY))
        .where(d.among(e.key, "keys"))
        .order_by(e.created.desc(), e.id.desc()),
        "beginning": beginning(e.key),
        "keep": keep.on_conflict_do_update(
            index_elements=[e.key, e.trace_digest],
            set_={name: new[name] for name in kept},
            where=new.created >= e.created,
        ),
        "id": select(e.id).where(e.key == bindparam("key"), e.trace_digest == bindparam("trace_digest")),
        "touch": update(t.ENTRIES)
        .where(
            e.key == bindparam("its_key"),
            e.trace_digest == bindparam("its_trace"),
            e.used < bindparam("now"),
        )
        .values(used=bindparam("now")),
        "clear_blobs": delete(t.ENTRY_BLOBS).where(t.ENTRY_BLOBS.c.entry == bindparam("entry")),
        "add_blob": d.add(t.ENTRY_BLOBS),
        "artifacts": select(t.STEP_OUTPUTS.c.name, *_ARTIFACT)
        .join(t.ARTIFACTS, a.version == t.STEP_OUTPUTS.c.version)
        .where(t.STEP_OUTPUTS.c.step_run == bindparam("step_run"))
        .order_by(t.STEP_OUTPUTS.c.name),
        "forget": delete(t.ENTRIES).where(e.key == bindparam("key")),
        "forget_step": delete(t.ENTRIES).where(or_(e.key.in_(keys_of_step), e.step_run.in_(of_step))),
        "forget_notebook": delete(t.ENTRIES).where(or_(e.key.in_(keys_of_notebook), e.step_run.in_(of_notebook))),
        "forget_all": delete(t.ENTRIES),
    }


def artifacts(d: Dialect) -> Statements:
    """Return what `artifacts.py` runs."""
    a = t.ARTIFACTS.c
    put = d.insert(t.ARTIFACTS)
    new = put.excluded
    return {
        "get": select(*_ARTIFACT).where(a.version == bindparam("version")),
        "among": select(*_ARTIFACT).where(d.among(a.version, "versions")),
        "beginning": beginning(a.version),
        # The newest bytes win, for they are surely there; but bytes that stand alone are not lost to bytes that
        # need live inputs, nor any to none.
        "put": put.on_conflict_do_update(
            index_elements=[a.version],
            set_={name: new[name] for name in ("type", "size", "preview", "more", "part", "anchored")},
            where=and_(new.part.is_not(None), or_(a.part.is_(None), new.anchored <= a.anchored)),
        ),
        "alias": d.put(t.ALIASES),
        "stored": select(t.ALIASES.c.stored).where(t.ALIASES.c.version == bindparam("version")),
    }
