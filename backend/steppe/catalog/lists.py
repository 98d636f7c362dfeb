"""Runs the lists, whose SQL depends on what is asked. The one place in daily use that imports SQLAlchemy."""

from __future__ import annotations

from typing import Any

from steppe.catalog.database import Database, Row


def listed(database: Database, name: str, *arguments: Any) -> list[Row]:
    """Run the list `name` of `queries.lists` and return its rows."""
    from steppe.catalog.queries import lists
    from steppe.catalog.queries.dialect import dialect

    text, parameters = dialect(database.backend.dialect).compile(getattr(lists, name)(*arguments))
    return database.read(lambda tx: tx.rows_of(text, parameters))
