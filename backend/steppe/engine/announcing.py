"""Has what waits or runs written down while it does, for readers elsewhere: a thread that costs quick steps nothing."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable

from steppe.threads import OurThread
from steppe.worker.trace import unseen

PATIENCE = 0.08
"""Seconds after which a state is written down, if it still holds: most steps have ended by then."""

IDLE = 5.0
"""Seconds without anything to write after which the thread ends."""

Write = Callable[[], object]
"""Writes where a step stands by now, or nothing once it has ended."""


class Announcing:
    """The queue of one session, and the one thread that empties it."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._queue: deque[tuple[float, Write]] = deque()
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def soon(self, write: Write) -> None:
        """Call `write` in a moment, in another thread; a forked child, which has none, leaves it to its parent."""
        if os.getpid() != self._pid:
            return
        self._queue.append((time.monotonic() + PATIENCE, write))
        if not self._wake.is_set():
            self._wake.set()
        if self._thread is None:
            with self._starting, contextlib.suppress(RuntimeError):  # the interpreter is shutting down
                if self._thread is None:
                    thread = OurThread(target=self._work, name="steppe-states", daemon=True)
                    thread.start()
                    self._thread = thread

    def _work(self) -> None:
        with unseen():
            while self._wake.wait(IDLE) or self._queue:
                self._wake.clear()
                while self._queue:
                    due, write = self._queue.popleft()
                    wait = due - time.monotonic()
                    if wait > 0:
                        time.sleep(wait)
                    with contextlib.suppress(Exception):  # out of reach for now: how it ends is written all the same
                        write()
            self._thread = None
            if self._queue:  # put while this thread was ending
                self.soon(lambda: None)
