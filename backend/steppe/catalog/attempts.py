"""Attempts: each try at executing a StepRun, so that another process can find it again."""

from __future__ import annotations

from steppe.catalog.database import Database, Transaction
from steppe.catalog.rows import ATTEMPT
from steppe.states import step
from steppe.types import Attempt, State


class Attempts:
    """Attempts by id and by StepRun."""

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database

    def record(self, attempt: Attempt, *, durable: bool = False) -> None:
        """Insert an attempt, or update it where it is known.

        Args:
            attempt: all of it, not only what has changed.
            durable: it survives a crash of this machine: for one that goes on elsewhere.

        Raises:
            IllegalTransition: its state may not follow the one recorded before.
        """

        def write(tx: Transaction) -> None:
            found = tx.row("attempts.state", {"id": attempt.id})
            if found is not None and found[0] != attempt.state:
                step(State(found[0]), attempt.state)
            tx.run("attempts.put", ATTEMPT.row(attempt))

        self._database.write(write, durable=durable)

    def get(self, attempt_id: str) -> Attempt | None:
        """Return an attempt."""
        rows = self._database.rows("attempts.get", {"id": attempt_id})
        return ATTEMPT.record(rows[0]) if rows else None

    def of(self, step_run: str) -> list[Attempt]:
        """Return the attempts at a StepRun, the first first."""
        return [ATTEMPT.record(row) for row in self._database.rows("attempts.of", {"step_run": step_run})]

    def going(self) -> list[Attempt]:
        """Return all attempts that have not ended, the oldest first."""
        return [ATTEMPT.record(row) for row in self._database.rows("attempts.going", {})]
