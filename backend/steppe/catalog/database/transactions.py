"""Transactions on one database, run again where that may help. Knows no table; statements come by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from steppe.catalog import shipped
from steppe.catalog.database.backend import Backend, Connection
from steppe.catalog.database.packing import brief, stored
from steppe.catalog.database.pool import Pool
from steppe.errors import CatalogError

T = TypeVar("T")
Row = tuple[Any, ...]
Parameters = Mapping[str, Any]

_TRIES = 4


class Transaction:
    """Statements on one connection, by the names that `queries` gives them."""

    def __init__(self, backend: Backend, connection: Connection) -> None:
        """Use a connection on which a transaction was begun, or one that commits each statement."""
        self._connection = connection
        self._statements = shipped.statements(backend.dialect)

    def run(self, name: str, parameters: Parameters) -> int:
        """Run a statement and return how many rows it changed."""
        count: int = self._connection.execute(self._statements[name], _stored(parameters)).rowcount
        return count

    def run_each(self, name: str, rows: Iterable[Parameters]) -> None:
        """Run a statement once for each of `rows`."""
        stored_rows = [_stored(row) for row in rows]
        if stored_rows:
            self._connection.cursor().executemany(self._statements[name], stored_rows)

    def run_rows(self, name: str, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each of `rows`, whose values are as the database holds them."""
        if rows:
            self._connection.cursor().executemany(self._statements[name], rows)

    def rows(self, name: str, parameters: Parameters) -> list[Row]:
        """Run a query and return all its rows."""
        return self.rows_of(self._statements[name], parameters)

    def row(self, name: str, parameters: Parameters) -> Row | None:
        """Run a query and return its first row."""
        return next(iter(self.rows(name, parameters)), None)

    def rows_of(self, text: str, parameters: Parameters) -> list[Row]:
        """Run a query that has no name and return all its rows."""
        rows: list[Row] = self._connection.execute(text, _stored(parameters)).fetchall()
        return rows


class Database:
    """A back end's connections, and the transactions on them.

    Every transaction of the Catalog may be run twice with the effect of once, so one whose connection was cut is run
    again, even where it is not known whether it had been committed.
    """

    def __init__(
        self,
        backend: Backend,
        prepare: Callable[[Backend, Connection], None],
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Use a back end.

        Args:
            backend: where.
            prepare: sees to it that the schema is there, on each new connection: somebody may have removed the file.
            clock: is asked instead of the back end's own (for tests).
        """
        self.backend = backend
        self._prepare = prepare
        self._clock = clock
        self.when_untidy: Callable[[], None] | None = None
        self._pool = Pool(backend, self._connect)

    def now(self) -> float | None:
        """Return the parameter `now` of statements that tell the time."""
        return self.backend.now(self._clock)

    def list_of(self, words: Iterable[str]) -> Any:
        """Return a list of words as one parameter."""
        return self.backend.list_of([brief(word) for word in words])

    def rows(self, name: str, parameters: Parameters) -> list[Row]:
        """Run one query, without a transaction around it."""
        return self._run(lambda connection: Transaction(self.backend, connection).rows(name, parameters))

    def read(self, body: Callable[[Transaction], T]) -> T:
        """Run `body` in a transaction in which it sees one state of the database."""

        def work(connection: Connection) -> T:
            self.backend.begin_reading(connection)
            return body(Transaction(self.backend, connection))

        return self._run(work)

    def write(self, body: Callable[[Transaction], T], *, durable: bool = False) -> T:
        """Run `body` in a transaction and commit it.

        Args:
            body: runs statements and nothing else, since it may be run again.
            durable: see `Backend.begin`.
        """
        if self.backend.read_only:
            raise CatalogError(
                f"the catalog {self.backend.where} can only be read: make it writable, or set another with "
                "STEPPE_CATALOG."
            )

        def work(connection: Connection) -> T:
            self.backend.begin(connection, durable=durable)
            result = body(Transaction(self.backend, connection))
            self.backend.commit(connection)
            return result

        written = self._run(work)
        if self.when_untidy is not None and self.backend.untidy():
            self.when_untidy()
        return written

    def tidy(self) -> None:
        """Do what was put off, if there is something: in a thread that nobody waits for."""
        if self.backend.untidy():
            self._run(self.backend.tidy)

    def open(self) -> None:
        """Connect once, so that what is wrong is known now."""
        self._run(lambda _: None)

    def check(self) -> list[str]:
        """Return what the database finds wrong with its own file, a line each."""
        return self._run(self.backend.check)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _connect(self) -> Connection:
        connection = self.backend.connect()
        try:
            self._prepare(self.backend, connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, work: Callable[[Connection], T]) -> T:
        tries = 0
        while True:
            try:
                return self._run_once(work)
            except self.backend.errors as error:
                tries += 1
                if tries == _TRIES or not self.backend.passing(error):
                    raise self.backend.explain(error) from error
                self._pool.clear()

    def _run_once(self, work: Callable[[Connection], T]) -> T:
        connection = self._pool.take()
        try:
            return work(connection)
        finally:
            try:
                self.backend.settle(connection)
            finally:
                self._pool.give(connection)


def _stored(parameters: Parameters) -> Parameters:
    return {name: stored(name, value) for name, value in parameters.items()}
