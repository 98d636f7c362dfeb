"""The kinds of columns that the tables are made of, and the metadata that they join."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects import postgresql

METADATA = MetaData(naming_convention={"ix": "%(table_name)s_by_%(column_0_N_name)s"})

WORD = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that compares by its bytes, on every database and in every locale: pages are cut by comparing."""

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite numbers rows by itself only in a column that is declared `INTEGER`."""


def key(name: str) -> Column[str]:
    """Return a text column that belongs to the primary key."""
    return Column(name, WORD, primary_key=True)


def word(name: str) -> Column[str]:
    """Return a text column that is always filled, perhaps with the empty text."""
    return Column(name, WORD, nullable=False)


def maybe(name: str) -> Column[str | None]:
    """Return a text column that may be null."""
    return Column(name, WORD)


def number(name: str) -> Column[int]:
    """Return a column of 64-bit integers."""
    return Column(name, BigInteger, nullable=False)


def real(name: str) -> Column[float]:
    """Return a column of doubles: times in seconds since 1970, durations in seconds."""
    return Column(name, Double, nullable=False)


def maybe_real(name: str) -> Column[float | None]:
    """Return a column of doubles that may be null."""
    return Column(name, Double)


def more() -> Column[bytes | None]:
    """Return the column that holds, as MessagePack, the fields of a struct that have no column of their own."""
    return Column("more", LargeBinary)


def part() -> Column[int]:
    """Return the number of a step's cell, as a member of the primary key."""
    return Column("part", Integer, primary_key=True, autoincrement=False)


def serial() -> Column[int]:
    """Return a primary key that the database numbers by itself."""
    return Column("id", NUMBER, primary_key=True, autoincrement=True)


def of_step_run() -> Column[str]:
    """Return the first member of the key of a row that goes with its StepRun."""
    return Column("step_run", WORD, ForeignKey("step_runs.id", ondelete="CASCADE"), primary_key=True)


def of_entry() -> Column[int]:
    """Return the first member of the key of a row that goes with its Entry."""
    return Column("entry", NUMBER, ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
