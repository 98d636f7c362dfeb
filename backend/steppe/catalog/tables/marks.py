"""What people say of it, and what is remembered for next time: notes, tags, names, pins, hazards."""

from __future__ import annotations

from sqlalchemy import Index, Table

from steppe.catalog.tables.columns import METADATA, key, maybe, real, word

NOTES = Table(
    "notes",
    METADATA,
    key("id"),
    word("kind"),
    word("subject"),
    word("text"),
    word("author"),
    real("time"),
    Index(None, "kind", "subject", "id"),
)

TAGS = Table(
    "tags",
    METADATA,
    key("kind"),
    key("subject"),
    key("tag"),
    Index(None, "kind", "tag", "subject"),
    sqlite_with_rowid=False,
)

NAMES = Table("names", METADATA, key("name"), word("version"), word("author"), real("time"), word("note"))

# Where each name has pointed; a null version: it was dropped then.
NAME_MOVES = Table(
    "name_moves",
    METADATA,
    key("name"),
    key("id"),
    maybe("version"),
    word("author"),
    real("time"),
    word("note"),
    sqlite_with_rowid=False,
)

PINS = Table("pins", METADATA, key("kind"), key("target"), word("reason"), real("time"), sqlite_with_rowid=False)

# A file that one step writes and another reads, seen when both ran at once.
HAZARDS = Table(
    "hazards",
    METADATA,
    key("reader_notebook"),
    key("reader_step"),
    key("writer_notebook"),
    key("writer_step"),
    key("path"),
    real("seen"),
    Index(None, "writer_notebook", "writer_step"),
    sqlite_with_rowid=False,
)
