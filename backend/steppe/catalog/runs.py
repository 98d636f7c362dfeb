"""Runs: headless executions and kernel sessions."""

from __future__ import annotations

import builtins
import zlib
from collections.abc import Iterable

import msgspec
from blake3 import blake3

from steppe.catalog.database import Database, Journal, Transaction
from steppe.catalog.facts import write_commit
from steppe.catalog.found import Page, RunFilter
from steppe.catalog.lists import listed
from steppe.catalog.rows import RUN
from steppe.types import Digest, Run, State

DESCRIBED = ("commit", "difference", "machine", "image", "lock")
"""What is found out while a run goes on, and is no matter of who writes down its end."""


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

        def write(tx: Transaction) -> Run:
            ended_run = msgspec.structs.replace(_described(tx, run), status=status, ended=ended)
            tx.run("runs.put", RUN.row(ended_run))
            return ended_run

        return self._database.write(write, durable=True)

    def describe(
        self,
        run_id: str,
        *,
        commit: str = "",
        difference: str = "",
        machine: str = "",
        image: str = "",
        lock: Digest | None = None,
    ) -> None:
        """Write down what a run stands on, which takes a while to find out: see `Run`.

        Args:
            run_id: the run's id; nothing is written where it is not known.
            commit: the project's commit.
            difference: how tracked files differ from it: the text.
            machine: what it runs on.
            image: the container's image.
            lock: all that is installed.
        """
        body = zlib.compress(difference.encode("utf-8", "replace")) if difference else b""
        document = blake3(body).hexdigest()[:40] if body else ""

        def write(tx: Transaction) -> None:
            row = tx.row("runs.get", {"id": run_id})
            if row is None:
                return
            if body:
                tx.run("step_runs.document", {"id": document, "body": body})
            told = {"commit": commit, "difference": document, "machine": machine, "image": image, "lock": lock}
            tx.run("runs.put", RUN.row(msgspec.structs.replace(RUN.record(row), **told)))
            if commit:
                write_commit(tx, run_id, commit)

        self._journal.flush()
        self._database.write(write)

    def difference(self, run: Run) -> str:
        """Return how the project's files differed from the commit that a run stands on."""
        rows = self._database.rows("runs.difference", {"id": run.difference}) if run.difference else []
        return zlib.decompress(rows[0][0]).decode("utf-8", "replace") if rows else ""

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


def _described(tx: Transaction, run: Run) -> Run:
    """Return a run with what has been written down of what it stands on."""
    row = tx.row("runs.get", {"id": run.id})
    if row is None:
        return run
    known = RUN.record(row)
    told = {name: getattr(known, name) for name in DESCRIBED if not getattr(run, name)}
    return msgspec.structs.replace(run, **told)
