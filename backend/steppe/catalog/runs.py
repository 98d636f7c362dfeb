"""Runs: headless executions and kernel sessions."""

from __future__ import annotations

import builtins
from collections.abc import Iterable

import msgspec

from steppe.catalog.database import Database, Journal
from steppe.catalog.found import Page, RunFilter
from steppe.catalog.lists import listed
from steppe.catalog.rows import RUN
from steppe.types import Run, State


class Runs:
    """Runs by id, and lists of them."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Use the catalog's database and journal."""
        self._database = database
        self._journal = journal

    def begin(self, run: Run) -> None:
        """Record a run that begins."""
        self._database.write(lambda tx: tx.run("runs.put", RUN.row(run)))

    def finish(self, run: Run, *, status: str, ended: float) -> Run:
        """Record how a run ended, durably, with all that the journal still holds, and return it so."""
        self._journal.flush()
        ended_run = msgspec.structs.replace(run, status=status, ended=ended)
        self._database.write(lambda tx: tx.run("runs.put", RUN.row(ended_run)), durable=True)
        return ended_run

    def get(self, run_id: str) -> Run | None:
        """Return a run."""
        rows = self._database.rows("runs.get", {"id": run_id})
        return RUN.record(rows[0]) if rows else None

    def beginning(self, prefix: str, limit: int = 5) -> builtins.list[str]:
        """Return the ids of runs that begin with `prefix`, in order."""
        self._journal.settle()
        asked = {"low": prefix, "high": f"{prefix}~", "limit": limit}
        return [row[0] for row in self._database.rows("runs.beginning", asked)]

    def list(self, which: RunFilter | None = None, *, after: str | None = None, limit: int = 50) -> Page[Run]:
        """Return runs, newest first."""
        self._journal.settle()
        rows = listed(self._database, "runs", which or RunFilter(), after, limit + 1)
        items = tuple(RUN.record(row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def tally(self, ids: Iterable[str]) -> dict[str, dict[State, int]]:
        """Return how many StepRuns of each run are in each state."""
        self._journal.settle()
        found: dict[str, dict[State, int]] = {run: {} for run in ids}
        for run, state, count in self._database.rows("runs.tally", {"runs": self._database.list_of(found)}):
            found[run][State(state)] = count
        return found
