"""Writes `sql/`: the schema and every statement, as each database wants them, from `tables` and `queries`.

Run `python -m steppe.catalog.compile` after a change to either; a test fails while it has not been done. Importing
SQLAlchemy takes longer than a session's first hit may: so a process that uses a Catalog reads these texts instead, and
imports SQLAlchemy only for lists with filters and for migrations.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.schema import CreateIndex, CreateTable

from steppe.catalog import queries, tables
from steppe.catalog.queries.dialect import NAMES, Dialect
from steppe.catalog.shipped import FOLDER, HEADING


def statements(name: str) -> str:
    """Return the text of a database's statements, each under a line with its name.

    Raises:
        ValueError: a statement brings a value of its own, which would be lost.
    """
    dialect = Dialect(name)
    found = []
    for verb, statement in queries.statements(dialect).items():
        text, parameters = dialect.compile(statement)
        bound = sorted(key for key, value in parameters.items() if value is not None)
        if bound:
            raise ValueError(f"{verb} binds {', '.join(bound)}: write a literal_column or a bindparam.")
        found.append(f"{HEADING}{verb}\n{_tidy(text)}\n")
    return "\n".join(found)


def schema(name: str) -> str:
    """Return the text that creates all tables and indexes in an empty database."""
    compiler = Dialect(name).compiler
    found = []
    for table in tables.METADATA.sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=compiler)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        found += [str(CreateIndex(index).compile(dialect=compiler)) for index in indexes]
    return "\n".join(f"{_tidy(text)};\n" for text in found)


def files() -> dict[Path, str]:
    """Return what belongs in `sql/`."""
    return {FOLDER / f"{name}.sql": statements(name) for name in NAMES} | {
        FOLDER / f"{name}.schema.sql": schema(name) for name in NAMES
    }


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines() if line.strip())


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, "utf-8")
