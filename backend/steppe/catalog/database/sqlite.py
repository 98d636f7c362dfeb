"""A Catalog in one SQLite file, in WAL mode. The only module that knows SQLite's pragmas."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from steppe.catalog.database.backend import Backend
from steppe.catalog.database.packing import plain
from steppe.catalog.database.sqlite_errors import explain, is_no_table, name_of
from steppe.errors import CatalogError

_LONG_LOG = 8 << 20
_PRAGMAS = (
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-16000",  # KiB
    "journal_size_limit=4194304",  # less than a long log: one that begins anew is no longer long
    "wal_autocheckpoint=16384",  # pages: only where no journal tidies up meanwhile (see `SQLite.tidy`)
    "fullfsync=ON",
)


class _Connection(sqlite3.Connection):
    """A connection that remembers which file it opened, and whether its next commit is to reach the disk."""

    file: tuple[int, int] = (0, 0)
    durable = False


class SQLite(Backend):
    """A file and its log.

    Every commit reaches the operating system; a durable one the disk as well, which takes SQLite a pragma of some
    microseconds to switch for one transaction. Then the whole log up to it is on the disk, so order is kept.
    """

    dialect: ClassVar[str] = "sqlite"
    errors = (sqlite3.Error,)
    shared = False
    leave_before_fork = True

    def __init__(self, path: Path, *, create: bool, timeout: float) -> None:
        """Take the file, whether to make it where it is missing, and the seconds to wait for another's lock."""
        self.path = path
        self.where = f"sqlite:///{plain(str(path))}"
        self._create = create
        self._timeout = timeout
        self._log = True
        self._log_path = f"{path}-wal"
        self._watching: _Connection | None = None
        self._watched = 0
        self._copy: tempfile.TemporaryDirectory[str] | None = None

    def connect(self) -> _Connection:
        """Open the file, for reading alone where nothing else is possible."""
        if not self.path.exists():
            if not self._create:
                raise CatalogError(f"there is no catalog at {self.where}: run a step first, or set STEPPE_CATALOG.")
            with suppress(OSError):  # SQLite says better than we could what is wrong with the folder
                self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)):
            self.read_only = True
            return self._connect_reading()
        self.read_only = False
        return self._open(self.path, "rwc" if self._create else "rw", f"PRAGMA synchronous={self._usual_sync}")

    def _connect_reading(self) -> _Connection:
        try:
            return self._open(self.path, "ro", "SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if not name_of(error).startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
                raise
        # Nobody can write beside us, so no index of the log can be made here; where there is no log, none is needed.
        log = Path(self._log_path)
        if not log.exists() or not log.stat().st_size:
            return self._open(self.path, "ro&immutable=1")
        if self._copy is None:
            self._copy = tempfile.TemporaryDirectory(prefix="steppe-catalog-")
            shutil.copy(log, self._copy.name)
            shutil.copy(self.path, self._copy.name)
        return self._open(Path(self._copy.name, self.path.name), "rw")

    def _open(self, path: Path, mode: str, then: str = "") -> _Connection:
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(path))}?mode={mode}",
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
            cached_statements=256,
            uri=True,
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(then)
            connection.file = self._file()
        except BaseException:
            connection.close()
            raise
        return connection

    def _file(self) -> tuple[int, int]:
        try:
            found = os.stat(self.path)
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def mark(self) -> object:
        """Return the times and sizes of the file and its log; two writes within a clock's tick may have the same."""
        found = []
        for path in (self.path, self._log_path):
            with suppress(OSError):
                seen = os.stat(path)
                found.append((seen.st_ino, seen.st_mtime_ns, seen.st_size))
        return tuple(found)

    def version(self) -> object:
        """Return SQLite's own count of what others have committed, as one connection sees it that never writes."""
        if self._watching is None or self._watching.file != self._file():
            self.unwatch()
            if not self.path.exists():
                return None
            self._watching = self.connect()
            self._watched += 1
        if self.read_only:  # it may be a copy that we look at
            return None
        return (self._watched, self._watching.execute("PRAGMA data_version").fetchone()[0])

    def unwatch(self) -> None:
        """Close the connection that looks on."""
        if self._watching is not None:
            self.leave(self._watching)
            self._watching = None

    def usable(self, connection: _Connection) -> bool:
        """Tell whether the file is still there: one that was removed would take every write and keep none."""
        return connection.file == self._file() and not connection.in_transaction

    @property
    def _usual_sync(self) -> str:
        return "NORMAL" if self._log else "FULL"

    def leave(self, connection: _Connection) -> None:
        """Close, and leave the log as it is: the last one to close would else bring all of it into the file."""
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        connection.close()

    def begin(self, connection: _Connection, *, durable: bool) -> None:
        """Take the one lock for writing at once: a transaction that asks for it later could fail at any statement."""
        if durable:
            connection.durable = True
            connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")

    def begin_reading(self, connection: _Connection) -> None:
        """Begin a transaction that sees the state at its first statement."""
        connection.execute("BEGIN")

    def commit(self, connection: _Connection) -> None:
        """Commit."""
        connection.execute("COMMIT")

    def settle(self, connection: _Connection) -> None:
        """Roll back if need be, and make the usual commits cheap again."""
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.rollback()
        if connection.durable:
            connection.durable = False
            connection.execute(f"PRAGMA synchronous={self._usual_sync}")

    @contextmanager
    def alone(self, connection: _Connection) -> Iterator[None]:
        """Hold the lock for writing; foreign keys rest, so that a migration may rebuild a table."""
        self._keep_a_log(connection)
        connection.execute("PRAGMA foreign_keys=OFF")
        try:
            self.begin(connection, durable=True)
            yield
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if broken is not None:
                raise CatalogError(f"the catalog {self.where} has rows of {broken[0]} without a parent: report this.")
            self.commit(connection)
        finally:
            self.settle(connection)
            connection.execute("PRAGMA foreign_keys=ON")

    def _keep_a_log(self, connection: _Connection) -> None:
        until = time.monotonic() + self._timeout
        while True:
            try:
                mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                # Of two that switch at once, SQLite refuses one without waiting.
                if not name_of(error).startswith("SQLITE_BUSY") or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                self._log = mode == "wal"
                return

    def revision(self, connection: _Connection) -> str | None:
        """Return the schema's revision; None for an empty file."""
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if not is_no_table(error):
                raise
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return None
            row = None
        if row is None:
            raise CatalogError(f"{self.where} is a database of something else: set another catalog.")
        return str(row[0])

    def untidy(self) -> bool:
        """Tell whether the log is long: every read looks things up in it."""
        return self._log_size() > _LONG_LOG

    def _log_size(self) -> int:
        try:
            return os.stat(self._log_path).st_size
        except OSError:
            return 0

    def tidy(self, connection: _Connection) -> None:
        """Bring the log into the file, while others read and write.

        It begins anew once all of it is in the file at a moment when nobody adds to it. Where somebody always does,
        they have to wait for a moment.
        """
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if self._log_size() > 4 * _LONG_LOG:
            connection.execute("PRAGMA busy_timeout=100")
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.execute(f"PRAGMA busy_timeout={int(self._timeout * 1000)}")

    def check(self, connection: _Connection) -> list[str]:
        """Read every page and every index."""
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check").fetchall()]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        return [line for line in found if line != "ok"] + [f"a row of {row[0]} has no {row[2]}" for row in orphans]

    def passing(self, error: Exception) -> bool:
        """Tell whether another try may help; locks were waited for already."""
        return name_of(error) in {"SQLITE_BUSY_SNAPSHOT", "SQLITE_BUSY_RECOVERY", "SQLITE_SCHEMA", "SQLITE_PROTOCOL"}

    def explain(self, error: Exception) -> Exception:
        """Say what is wrong with the file, and what to do."""
        return explain(error, self.where, self._timeout)

    def now(self, clock: Callable[[], float] | None) -> float | None:
        """Return the machine's time: all that use the file run on it."""
        return (clock or time.time)()

    def list_of(self, words: Iterable[str]) -> bytes:
        """Return the words as JSON."""
        return json.dumps(list(words)).encode()
