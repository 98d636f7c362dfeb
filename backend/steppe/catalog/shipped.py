"""Reads `sql/`, what `compile.py` wrote there. Knows nothing of tables, and imports nothing heavy."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
HEADING = "-- name: "


@cache
def statements(name: str) -> dict[str, str]:
    """Return the statements of a database, `sqlite` or `postgresql`, by name."""
    parts = (FOLDER / f"{name}.sql").read_text("utf-8").split(HEADING)[1:]
    return {verb: text.strip() for verb, _, text in (part.partition("\n") for part in parts)}


def schema(name: str) -> list[str]:
    """Return the statements that create all tables and indexes in an empty database."""
    text = (FOLDER / f"{name}.schema.sql").read_text("utf-8")
    return [statement for part in text.split(";\n") if (statement := part.strip())]
