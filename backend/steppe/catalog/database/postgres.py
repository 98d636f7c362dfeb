"""A Catalog in a schema of a PostgreSQL database, for a team. The only module that knows psycopg."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from steppe.catalog.database.backend import Backend
from steppe.errors import CatalogError

try:
    import psycopg
    from psycopg import conninfo, errors
except ImportError as error:
    raise CatalogError(
        "a catalog on PostgreSQL needs psycopg, which is not installed: pip install 'steppe[postgres]'."
    ) from error

SCHEMA = "steppe"
"""All tables are in this schema, so that a database may serve other programs too."""

_LOCK = 0x73746570  # "step": the number of the advisory lock under which the schema is made and migrated
_CONNECT_TIMEOUT = 10
_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation)


class PostgreSQL(Backend):
    """A server's database.

    Times are the server's, the one clock that all its clients share. Commits that need not be durable don't wait for
    the server's disk.
    """

    dialect: ClassVar[str] = "postgresql"
    errors = (psycopg.Error,)
    shared = True
    leave_before_fork = False

    def __init__(self, url: str, *, timeout: float) -> None:
        """Take a URL as libpq or SQLAlchemy know it, and the seconds to wait for another's lock."""
        self.where = without_password(url)
        self._timeout = timeout
        scheme, _, rest = url.partition("://")
        given = conninfo.conninfo_to_dict(f"{scheme.partition('+')[0]}://{rest}")
        settings = f"-c search_path={SCHEMA} -c lock_timeout={int(timeout * 1000)}"
        usual: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT, "application_name": "steppe"}
        options = f"{settings} {given.get('options') or ''}".strip()
        self._conninfo = conninfo.make_conninfo("", **{**usual, **given, "options": options})

    def connect(self) -> psycopg.Connection[Any]:
        """Connect."""
        return psycopg.connect(self._conninfo, autocommit=True)

    def usable(self, connection: psycopg.Connection[Any]) -> bool:
        """Tell whether the connection is open, as far as is known here: a cut one shows at its next statement."""
        return not connection.closed

    def leave(self, connection: psycopg.Connection[Any]) -> None:
        """Close: never called, since a connection to a server stays open in the parent."""
        connection.close()

    def begin(self, connection: psycopg.Connection[Any], *, durable: bool) -> None:
        """Begin; what need not be durable is not waited for."""
        connection.execute("BEGIN" if durable else "BEGIN; SET LOCAL synchronous_commit TO off")

    def begin_reading(self, connection: psycopg.Connection[Any]) -> None:
        """Begin a transaction that sees the state at its first statement."""
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def commit(self, connection: psycopg.Connection[Any]) -> None:
        """Commit."""
        connection.execute("COMMIT")

    def settle(self, connection: psycopg.Connection[Any]) -> None:
        """Roll back if need be."""
        if connection.closed or connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            return
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            with suppress(psycopg.Error):
                connection.close()

    @contextmanager
    def alone(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """Hold an advisory lock; our schema is there in the end."""
        self.begin(connection, durable=True)
        try:
            connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            yield
            self.commit(connection)
        finally:
            self.settle(connection)

    def revision(self, connection: psycopg.Connection[Any]) -> str | None:
        """Return the schema's revision; None where there is no schema of ours."""
        asked = "SELECT current_setting('transaction_read_only'), to_regclass('steppe.alembic_version') IS NOT NULL"
        read_only, there = connection.execute(asked).fetchone() or ("off", False)
        self.read_only = read_only == "on"
        if not there:
            return None
        row = connection.execute("SELECT version_num FROM steppe.alembic_version").fetchone()
        if row is None:
            raise CatalogError(f"{self.where} has a schema `{SCHEMA}` of something else: use another database.")
        return str(row[0])

    def untidy(self) -> bool:
        """Return False: a server tidies up by itself."""
        return False

    def tidy(self, connection: psycopg.Connection[Any]) -> None:
        """Do nothing."""

    def check(self, connection: psycopg.Connection[Any]) -> list[str]:
        """Return nothing: a server looks after its own files."""
        del connection
        return []

    def passing(self, error: Exception) -> bool:
        """Tell whether another try may help: after a deadlock, a race of two inserts, or a cut connection."""
        cut = isinstance(error, psycopg.OperationalError) and error.sqlstate in {None, "57P01", "57P02", "57P03"}
        return isinstance(error, _AGAIN) or (cut and not isinstance(error, errors.ConnectionTimeout))

    def explain(self, error: Exception) -> Exception:
        """Say what is wrong with the server or our rights there, and what to do."""
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        where = f"the catalog {self.where}"
        if isinstance(error, errors.LockNotAvailable):
            return CatalogError(
                f"{where} is locked: another process has been writing for {self._timeout:g} s. End it, or try again."
            )
        if isinstance(error, errors.DeadlockDetected):
            return CatalogError(f"{where} is busy: others change the same records all the time. Try again.")
        if isinstance(error, errors.InsufficientPrivilege):
            return CatalogError(
                f"{where} refuses: {said}. Ask its owner for CREATE on the database and ALL on schema {SCHEMA}."
            )
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return CatalogError(f"{where} can only be read: connect to the primary server.")
        if isinstance(error, errors.DiskFull):
            return CatalogError(f"{where} can't grow: its server's disk is full.")
        if isinstance(error, psycopg.OperationalError):
            return CatalogError(f"{where} can't be reached: {said}. Check the server, the URL and the password.")
        return error

    def now(self, clock: Callable[[], float] | None) -> float | None:
        """Return None: the server's clock counts, unless a test gives another."""
        return clock() if clock else None

    def list_of(self, words: Iterable[str]) -> list[str]:
        """Return the words as an array."""
        return list(words)


def without_password(url: str) -> str:
    """Return a URL as it may be shown."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    query = {name: values for name, values in parse_qs(parts.query).items() if "password" not in name}
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}", query=urlencode(query, doseq=True)))
