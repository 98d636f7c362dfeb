"""A Catalog in a SQLite file that goes elsewhere with a run, and what that run wrote brought home."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

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


def _enter(connection: sqlite3.Connection, run: str) -> None:
    of = {"run": run}
    for table, which in {"runs": "WHERE id = :run", **BROUGHT}.items():
        names = _columns(connection, table)
        how = "REPLACE" if table == "runs" else "IGNORE"
        connection.execute(
            f"INSERT OR {how} INTO main.{table} ({names}) SELECT {names} FROM away.{table} {which}",  # noqa: S608
            of if which else {},
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
