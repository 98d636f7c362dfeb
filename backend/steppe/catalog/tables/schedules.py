"""Notebooks that run at set times, and each time at which one is due: at most one row, whoever enters it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, SmallInteger, Table

from steppe.catalog.tables.columns import METADATA, key, more, number, real, word

SCHEDULES = Table(
    "schedules",
    METADATA,
    key("id"),
    word("name"),
    word("root"),
    number("revision"),
    more(),
    Index(None, "root", "name", unique=True),
)

# `due` is in whole seconds since 1970. What is open waits for somebody to do something.
DUES = Table(
    "dues",
    METADATA,
    key("schedule"),
    Column("due", BigInteger, primary_key=True, autoincrement=False),
    word("state"),
    word("token"),
    real("after"),
    real("expires"),
    word("run"),
    Column("open", SmallInteger, nullable=False),
    more(),
    Index(None, "open", "schedule", "due"),
)
