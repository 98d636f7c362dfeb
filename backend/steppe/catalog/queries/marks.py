"""Statements of notes, tags, names, pins and hazards."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, or_, select, update

from steppe.catalog import rows
from steppe.catalog import tables as t
from steppe.catalog.queries.dialect import Dialect, Statements, columns


def notes(d: Dialect) -> Statements:
    """Return what `notes.py` runs."""
    n, g = t.NOTES.c, t.TAGS.c
    subject = (g.kind == bindparam("kind"), g.subject == bindparam("subject"))
    return {
        "add": d.add(t.NOTES),
        "of": select(*columns(t.NOTES, rows.NOTE))
        .where(n.kind == bindparam("kind"), n.subject == bindparam("subject"))
        .order_by(n.id),
        "edit": update(t.NOTES).where(n.id == bindparam("its_id")).values(text=bindparam("its_text")),
        "remove": delete(t.NOTES).where(n.id == bindparam("id")),
        "tag": d.add(t.TAGS),
        "untag": delete(t.TAGS).where(*subject, g.tag == bindparam("tag")),
        "tags": select(g.subject, g.tag)
        .where(g.kind == bindparam("kind"), d.among(g.subject, "subjects"))
        .order_by(g.subject, g.tag),
    }


def names(d: Dialect) -> Statements:
    """Return what `names.py` runs."""
    n, moves, p = t.NAMES.c, t.NAME_MOVES.c, t.PINS.c
    return {
        "put": d.put(t.NAMES),
        "add_move": d.add(t.NAME_MOVES),
        "get": select(*columns(t.NAMES, rows.NAME)).where(n.name == bindparam("name")),
        "all": select(*columns(t.NAMES, rows.NAME)).order_by(n.name),
        "history": select(*columns(t.NAME_MOVES, rows.NAME))
        .where(moves.name == bindparam("name"))
        .order_by(moves.id.desc()),
        "drop": delete(t.NAMES).where(n.name == bindparam("name")),
        "pin": d.put(t.PINS),
        "unpin": delete(t.PINS).where(p.kind == bindparam("kind"), p.target == bindparam("target")),
        "pins": select(*columns(t.PINS, rows.PIN)).order_by(p.kind, p.target),
    }


def hazards(d: Dialect) -> Statements:
    """Return what `hazards.py` runs."""
    h = t.HAZARDS.c
    return {
        "put": d.put(t.HAZARDS),
        "of": select(*t.HAZARDS.columns)
        .where(or_(h.reader_notebook == bindparam("notebook"), h.writer_notebook == bindparam("notebook")))
        .order_by(*t.HAZARDS.primary_key),
        "forget": delete(t.HAZARDS).where(
            and_(h.reader_notebook == bindparam("notebook"), h.reader_step == bindparam("step"))
        ),
    }
