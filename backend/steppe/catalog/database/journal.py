"""Writes what need not be durable at once, in batches behind the caller's back. Knows no table."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable

from steppe.catalog.database.transactions import Database, Transaction
from steppe.errors import CatalogError
from steppe.threads import OurThread

Write = Callable[[Transaction], object]

_LOG = logging.getLogger("steppe.catalog")
_DELAY = 0.1
_BATCH = 500
_LIMIT = 100_000
_LONGEST_PAUSE = 30.0
_FORK_WAIT = 5.0


class Journal:
    """A queue of writes, and the one thread that empties it.

    Writes are kept in order. They are in the database when `flush` or `close` returns, or a moment after `put`, and
    before the interpreter exits. While the database is out of reach they wait here; what fails for a reason of its own
    is logged and left out, so that it can't stop the others. A forked child begins with an empty queue (its parent
    writes what was in it), and writes at once, for it may end without notice.
    """

    def __init__(self, database: Database, delay: float = _DELAY) -> None:
        """Write to `database`, at most about `delay` seconds after each `put`."""
        self._database = database
        self._delay = delay
        self._begin()
        database.when_untidy = self._nudge
        _JOURNALS.add(self)

    def _begin(self) -> None:
        self._queue: deque[tuple[str, Write, bool]] = deque()
        self._emptying = threading.RLock()
        self._starting = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._at_once = False

    def put(self, write: Write, about: str = "", *, contended: bool = False) -> None:
        """Take a write and return at once.

        Args:
            write: runs statements and nothing else. It may be run more than once, so it must come to the same twice.
            about: the id of what it writes, for `has`.
            contended: it changes rows that other processes change too: where many write at once, it gets a transaction
                of its own, for two that lock the rows of several such writes would wait for each other for ever.
        """
        if self._database.backend.read_only:
            return
        if len(self._queue) >= _LIMIT:
            _LOG.error("the catalog %s takes no writes: a record is lost.", self._database.backend.where)
            return
        self._queue.append((about, write, contended))
        if self._at_once:
            self.flush()
            return
        self._nudge()

    def _nudge(self) -> None:
        if self._thread is None and not self._at_once:
            self._start()
        if not self._wake.is_set():
            self._wake.set()

    def has(self, about: str) -> bool:
        """Tell whether something about this id is still to be written."""
        return bool(self._queue) and any(about == waiting for waiting, _, _ in list(self._queue))

    def flush(self) -> None:
        """Write all that was put before.

        Raises:
            CatalogError: the database is out of reach; what could not be written is kept for later.
        """
        if not self._queue:
            return
        with self._emptying:
            while self._queue:
                batch = self._next()
                self._write(batch)
                for _ in batch:
                    self._queue.popleft()

    def _next(self) -> list[tuple[str, Write]]:
        """Return what the next transaction writes."""
        batch: list[tuple[str, Write]] = []
        for place in range(min(len(self._queue), _BATCH)):
            about, write, contended = self._queue[place]
            if contended and batch and self._database.backend.shared:
                break
            batch.append((about, write))
        return batch

    def settle(self) -> None:
        """Write what was put before, if that is possible now: so that who reads next sees it."""
        with contextlib.suppress(CatalogError):
            self.flush()

    def close(self) -> None:
        """Write all and end the thread."""
        self._stop.set()
        self._wake.set()
        try:
            self.flush()
        finally:
            if self._thread is not None and self._thread is not threading.current_thread():
                self._thread.join()
            self._at_once = True

    def hold(self) -> bool:
        """Wait for the batch that is being written, and begin no other; False where that takes too long."""
        return self._emptying.acquire(timeout=_FORK_WAIT)

    def go_on(self) -> None:
        """End what `hold` began."""
        self._emptying.release()

    def begin_anew(self) -> None:
        """Forget what the parent of this process had put, for it will write that."""
        self._begin()
        self._at_once = True

    def _write(self, batch: list[tuple[str, Write]]) -> None:
        def all_of_it(tx: Transaction) -> None:
            for _, write in batch:
                write(tx)

        try:
            self._database.write(all_of_it)
        except CatalogError:
            raise
        except Exception:
            for about, write in batch:
                try:
                    self._database.write(write)
                except CatalogError:
                    raise
                except Exception:
                    _LOG.exception("the record of %s could not be kept.", about or "something")

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            thread = OurThread(target=self._work, name="steppe-catalog-journal", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down
                self._at_once = True
                self.flush()
            else:
                self._thread = thread

    def _work(self) -> None:
        pause = self._delay
        while True:
            self._wake.wait()
            self._stop.wait(pause)
            self._wake.clear()
            try:
                self.flush()
                self._database.tidy()
                pause = self._delay
            except CatalogError as error:
                _LOG.warning("records wait for the catalog: %s", error)
                pause = min(max(pause * 2, 1.0), _LONGEST_PAUSE)
                self._wake.set()
            if self._stop.is_set():
                return


_JOURNALS: weakref.WeakSet[Journal] = weakref.WeakSet()
_HELD: list[tuple[Journal, bool]] = []


def _at_exit() -> None:
    for journal in list(_JOURNALS):
        try:
            journal.close()
        except CatalogError as error:
            _LOG.error("records of this session are lost: %s", error)


def _before_fork() -> None:
    _HELD.extend((journal, journal.hold()) for journal in list(_JOURNALS))


def _after_fork_in_parent() -> None:
    while _HELD:
        journal, held = _HELD.pop()
        if held:
            journal.go_on()


def _after_fork_in_child() -> None:
    while _HELD:
        _HELD.pop()[0].begin_anew()


atexit.register(_at_exit)
with contextlib.suppress(AttributeError):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
