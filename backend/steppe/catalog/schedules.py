"""Schedules and their due times. Nothing is changed but by who has seen how it stands, and holds the lease it names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from steppe.catalog.database import Database, Transaction
from steppe.catalog.found import Due, Schedule
from steppe.catalog.rows import DUE, SCHEDULE


class Leader(NamedTuple):
    """A lease (see `Claims`) and its holder: a change that names them is made only while the lease is the holder's."""

    lease: str = ""
    leader: str = ""


NOBODY = Leader()
"""No lease is asked for."""


class Schedules:
    """Schedules by project and name, and due times by schedule. All changes are durable."""

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database

    def add(self, schedule: Schedule) -> bool:
        """Enter a schedule; False where the project has one of its name."""
        row = SCHEDULE.row(schedule)
        return self._database.write(lambda tx: tx.run("schedules.add", row), durable=True) > 0

    def all(self, root: str) -> list[Schedule]:
        """Return a project's schedules by name."""
        return [SCHEDULE.record(row) for row in self._database.rows("schedules.all", {"root": root})]

    def named(self, root: str, name: str) -> Schedule | None:
        """Return a project's schedule of a name."""
        rows = self._database.rows("schedules.named", {"root": root, "name": name})
        return SCHEDULE.record(rows[0]) if rows else None

    def get(self, schedule: str) -> Schedule | None:
        """Return a schedule by its id."""
        rows = self._database.rows("schedules.get", {"id": schedule})
        return SCHEDULE.record(rows[0]) if rows else None

    def change(self, before: Schedule, after: Schedule, dues: Iterable[Due] = (), *, by: Leader = NOBODY) -> bool:
        """Change a schedule and enter due times, both or neither; False where it was changed since `before` was read.

        A time that is entered already stays as it is.
        """
        row = SCHEDULE.row(msgspec.structs.replace(after, revision=before.revision + 1))
        change = {"its_id": before.id, "its_revision": before.revision, "revision": row["revision"]}
        change |= {"more": row["more"], **by._asdict()}
        rows = [DUE.row(due) for due in dues]

        def write(tx: Transaction) -> bool:
            if not tx.run("schedules.change", change):
                return False
            tx.run_each("dues.add", rows)
            return True

        return self._database.write(write, durable=True)

    def remove(self, schedule: str) -> None:
        """Remove a schedule and its due times; a process that runs one of them finds that it is gone, and ends."""

        def write(tx: Transaction) -> None:
            tx.run("schedules.remove", {"id": schedule})
            tx.run("dues.remove", {"schedule": schedule})

        self._database.write(write, durable=True)

    def enter(self, due: Due) -> bool:
        """Enter a due time; False where it is there already."""
        return self._database.write(lambda tx: tx.run("dues.add", DUE.row(due)), durable=True) > 0

    def due(self, schedule: str, due: int) -> Due | None:
        """Return what has become of a due time."""
        rows = self._database.rows("dues.get", {"schedule": schedule, "due": due})
        return DUE.record(rows[0]) if rows else None

    def dues(self, schedule: str, limit: int = 100) -> list[Due]:
        """Return a schedule's due times, the latest first."""
        return [DUE.record(row) for row in self._database.rows("dues.of", {"schedule": schedule, "limit": limit})]

    def open(self, schedules: Iterable[str]) -> list[Due]:
        """Return the due times with which something is to be done yet, in the order of time by schedule."""
        asked = {"schedules": self._database.list_of(schedules)}
        return [DUE.record(row) for row in self._database.rows("dues.open", asked)]

    def move(self, before: Due, after: Due, *, by: Leader = NOBODY) -> bool:
        """Write down what has become of a due time; False where its state or token is another's since."""
        its = {"its_schedule": before.schedule, "its_due": before.due, "its_state": before.state}
        row = {name: value for name, value in DUE.row(after).items() if name not in ("schedule", "due")}
        change = {**row, **its, "its_token": before.token, **by._asdict()}
        return self._database.write(lambda tx: tx.run("dues.change", change), durable=True) > 0
