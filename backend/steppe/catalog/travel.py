"""A Catalog in a SQLite file that goes elsewhere with a run, and what that run wrote brought home."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from steppe.types import State

STAYS = ("claims", "leases")
"""What holds only for processes that ask this very file."""

OF_RUN = "SELECT id FROM away.step_runs WHERE run = :run"
"""The StepRuns of the run."""

BROUGHT = {
    "documents": "",
    "artifacts": "",
    "aliases": "",
    "step_runs": "WHERE run = :run",
    "step_inputs": f"WHERE step_run IN ({OF_RUN})",
    "step_outputs": f"WHERE step_run IN ({OF_RUN})",
    "attempts": f"WHERE step_run IN ({OF_RUN})",
    "metrics": f"WHERE step_run IN ({OF_RUN})",
    "latest_metrics": f"WHERE step_run IN ({OF_RUN})",
    "uses": f"WHERE seen IN ({OF_RUN})",
    "hazards": "",
}
"""Tables whose rows are told apart by what they say, and which rows of them come home."""


GROWS = ("documents", "artifacts")
"""Those of them that have row numbers, and grow large."""


def take(path: Path) -> bytes:
    """Return a copy of a catalog's file as it is now."""
    with tempfile.TemporaryDirectory(prefix="steppe-catalog-") as folder:
        copy = Path(folder, "catalog.db")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            for table in STAYS:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
        return copy.read_bytes()


def marks(path: Path) -> dict[str, int]:
    """Return the last row of each of the tables that only grow, and whose rows are of no run: see `part`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return {
            table: connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]  # noqa: S608
            for table in GROWS
        }


def has(path: Path, step_run: str, state: State) -> bool:
    """Tell whether it is written down that a StepRun has come to a state."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = connection.execute("SELECT state FROM step_runs WHERE id = ?", (step_run,)).fetchone()
        return found is not None and found[0] == state.value


def part(path: Path, run: str, since: Mapping[str, int]) -> bytes:
    """Return a catalog's file with what a run has written alone, for `bring`.

    Args:
        path: the catalog's file; others may write to it meanwhile.
        run: the run's id.
        since: what `marks` told when the run began.
    """
    with tempfile.TemporaryDirectory(prefix="steppe-catalog-") as folder:
        made = Path(folder, "catalog.db")
        with closing(sqlite3.connect(made, timeout=20, isolation_level=None)) as connection:
            connection.execute("ATTACH DATABASE ? AS away", (str(path),))
            connection.execute("BEGIN")
            tables = "SELECT sql FROM away.sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
            for (sql,) in connection.execute(f"{tables} AND name NOT LIKE 'sqlite_%'").fetchall():
                connection.execute(sql)
            connection.execute("INSERT INTO main.alembic_version SELECT * FROM away.alembic_version")
            _enter(connection, run, since)
            connection.execute("COMMIT")
        return made.read_bytes()


def bring(path: Path, away: Path, run: str) -> None:
    """Enter what a run wrote into a copy of a catalog; what is known here stays as it is.

    Args:
        path: the catalog's file.
        away: the copy.
        run: the run's id.
    """
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        connection.execute("ATTACH DATABASE ? AS away", (str(away),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            _enter(connection, run)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _enter(connection: sqlite3.Connection, run: str, since: Mapping[str, int] | None = None) -> None:
    of = {"run": run}
    of_run = {"runs": "WHERE id = :run", **BROUGHT}
    of_run |= {table: f"WHERE rowid > {int(row)}" for table, row in (since or {}).items()}
    for table, which in of_run.items():
        names = _columns(connection, table)
        how = "REPLACE" if table == "runs" else "IGNORE"
        connection.execute(
            f"INSERT OR {how} INTO main.{table} ({names}) SELECT {names} FROM away.{table} {which}",  # noqa: S608
            of if ":run" in which else {},
        )
    names = ", ".join(name for name in _columns(connection, "entries").split(", ") if name != '"id"')
    connection.execute(
        f"INSERT OR IGNORE INTO main.entries ({names}) SELECT {names} FROM away.entries WHERE step_run IN ({OF_RUN})",  # noqa: S608
        of,
    )
    connection.execute(
        "INSERT OR IGNORE INTO main.entry_blobs (entry, blob) SELECT here.id, blobs.blob FROM away.entry_blobs blobs "  # noqa: S608
        'JOIN away.entries there ON there.id = blobs.entry JOIN main.entries here ON here."key" = there."key" '
        f"AND here.trace_digest = there.trace_digest WHERE there.step_run IN ({OF_RUN})",
        of,
    )
    names = _columns(connection, "steps")
    connection.execute(
        f"INSERT INTO main.steps ({names}) SELECT {names} FROM away.steps WHERE last IN ({OF_RUN}) "  # noqa: S608
        "ON CONFLICT (notebook, step, part) DO UPDATE SET last = max(last, excluded.last), "
        "facts = CASE WHEN excluded.last > last THEN excluded.facts ELSE facts END",
        of,
    )


def _columns(connection: sqlite3.Connection, table: str) -> str:
    """Return the columns that a table has both here and there."""
    found = [
        {row[0]: None for row in connection.execute("SELECT name FROM pragma_table_info(?, ?)", (table, schema))}
        for schema in ("main", "away")
    ]
    return ", ".join(f'"{name}"' for name in found[0] if name in found[1])
