"""The Catalog: one noun each for what it knows."""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import Self

from steppe.catalog.artifacts import Artifacts
from steppe.catalog.attempts import Attempts
from steppe.catalog.claims import Claims
from steppe.catalog.database import Database, Journal
from steppe.catalog.entries import Entries
from steppe.catalog.hazards import Hazards
from steppe.catalog.leases import Leases
from steppe.catalog.lineage import Lineage
from steppe.catalog.metrics import Metrics
from steppe.catalog.names import Names
from steppe.catalog.notes import Notes
from steppe.catalog.runs import Runs
from steppe.catalog.schedules import Schedules
from steppe.catalog.step_runs import StepRuns
from steppe.catalog.upkeep import Upkeep


class Catalog:
    """The database of runs, step runs, artifacts and edges. Open one with `open_catalog`.

    May be used by several threads at once, and by as many processes as there are. After a fork, parent and child both
    go on, each with connections of its own.

    Attributes:
        url: where it is, without its password.
        read_only: True where nothing can be written; what goes through the journal is then left out silently.
    """

    def __init__(self, database: Database) -> None:
        """Use an open database."""
        self._database = database
        self._journal = Journal(database)
        self.url = database.backend.where
        self.entries = Entries(database, self._journal)
        self.artifacts = Artifacts(database, self._journal)
        self.claims = Claims(database)
        self.leases = Leases(database)
        self.runs = Runs(database, self._journal)
        self.step_runs = StepRuns(database, self._journal)
        self.attempts = Attempts(database)
        self.metrics = Metrics(database, self._journal, secrets.randbits)
        self.lineage = Lineage(database, self._journal)
        self.notes = Notes(database)
        self.names = Names(database, secrets.randbits)
        self.hazards = Hazards(database)
        self.schedules = Schedules(database)
        self.upkeep = Upkeep(database, self._journal)

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""
        return self._database.backend.read_only

    def mark(self) -> object:
        """Return, in microseconds, what is another after each write by anybody; None where only a look can tell."""
        return self._database.backend.mark()

    def version(self) -> object:
        """Return what is another once anybody has committed something since; None where only a look can tell.

        Unlike `mark`, it asks the database, and misses nothing.
        """
        return self._database.backend.version()

    def flush(self) -> None:
        """Write what was left for later.

        Raises:
            CatalogError: the database is out of reach; what could not be written is kept for another try.
        """
        self._journal.flush()

    def close(self) -> None:
        """Write what was left for later and close all connections. Closing twice does nothing more."""
        try:
            self._journal.close()
        finally:
            self._database.backend.unwatch()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
