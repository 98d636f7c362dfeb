"""Writes down what calls that are only traced have come to: in batches, in a thread beside the program.

Nothing is lost where the interpreter ends or forks, and memory is bounded: who is faster than the catalog waits for it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
import time
from collections import deque
from importlib import import_module
from itertools import islice
from typing import Any

from steppe.threads import OurThread

_LOG = logging.getLogger("steppe")

PAUSE = 0.1
"""Seconds between two batches."""

BATCH = 2000

MOST = 20_000
"""Calls that may wait to be written."""

PATIENCE = 30.0
"""Seconds for which calls wait for a catalog that takes nothing; then what is written is given up."""

IDLE = 5.0
"""Seconds without anything to write after which the thread ends."""


class Recorder:
    """The queue of one process, and the one thread that empties it."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._at_once = False
        self._registered = False
        self._begin()

    def _begin(self) -> None:
        self._queue: deque[Any] = deque()
        self._writing = threading.RLock()
        self._wake = threading.Event()
        self._room = threading.Condition()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, live: Any) -> None:
        """Take a call that has ended; wait where too many are waiting."""
        queue = self._queue
        queue.append(live)
        if self._at_once:
            self.flush()
            return
        if self._thread is None:
            self._start()
        if len(queue) > BATCH and not self._wake.is_set():
            self._wake.set()
        if len(queue) > MOST:
            self._wait_for_room()

    def flush(self) -> None:
        """Write all that was put before."""
        with self._writing:
            while self._queue:
                batch = list(islice(self._queue, BATCH))
                self._write(batch)
                for _ in batch:
                    self._queue.popleft()
                with self._room:
                    self._room.notify_all()

    def _wait_for_room(self) -> None:
        if threading.current_thread() is self._thread:
            return
        self._wake.set()
        with self._room:
            self._room.wait_for(lambda: len(self._queue) <= MOST, PATIENCE * 2)

    def _write(self, batch: list[Any]) -> None:
        from steppe.errors import CatalogError
        from steppe.worker.trace import unseen

        until = time.monotonic() + PATIENCE
        by_catalog: dict[int, tuple[Any, list[Any]]] = {}
        with unseen():
            for live in batch:
                catalog = live.session.catalog
                by_catalog.setdefault(id(catalog), (catalog, []))[1].append(live.span())
            for catalog, spans in by_catalog.values():
                while True:
                    try:
                        catalog.step_runs.trace(spans)
                        break
                    except CatalogError as error:
                        if catalog.read_only or time.monotonic() > until:
                            _LOG.error("%d calls of steps are not written down: %s", len(spans), error)
                            break
                        time.sleep(0.5)

    def _start(self) -> None:
        with self._starting:
            if not self._registered:
                self._registered = True
                self._register()
            if self._thread is None:
                thread = OurThread(target=self._work, name="steppe-traces", daemon=True)
                try:
                    thread.start()
                except RuntimeError:  # the interpreter is shutting down
                    self._at_once = True
                    self.flush()
                else:
                    self._thread = thread

    def _register(self) -> None:
        """Be told of the end and of forks before the session and the catalog are, who were there first."""
        import_module("steppe.catalog")
        atexit.register(self.close)
        os.register_at_fork(before=self.hold, after_in_parent=self.go_on, after_in_child=self.begin_anew)

    def _work(self) -> None:
        idle = 0.0
        while idle < IDLE:
            woken = self._wake.wait(PAUSE)
            self._wake.clear()
            if self._queue:
                idle = 0.0
                try:
                    self.flush()
                except Exception:  # it must go on for those that come
                    _LOG.exception("calls of steps are not written down")
                    self._queue.clear()
            else:
                idle += 0.0 if woken else PAUSE
        self._thread = None
        if self._queue:  # put while this thread was ending
            self._start()

    def close(self) -> None:
        """Write all, and from now on each at once."""
        self._at_once = True
        self.flush()

    def hold(self) -> None:
        """Write all, and write nothing until `go_on`."""
        with contextlib.suppress(Exception):  # a fork must not fail for that
            self.flush()
        self._writing.acquire()

    def go_on(self) -> None:
        """End what `hold` began."""
        self._writing.release()

    def begin_anew(self) -> None:
        """Begin with nothing in a forked child, which may end without notice: there each call is written at once."""
        self._begin()
        self._at_once = True


RECORDER = Recorder()
