"""The thread that sends a scheduler's alerts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias

from steppe.catalog import Due, Schedule

LOG = logging.getLogger("steppe.scheduler")
Alert: TypeAlias = tuple[str, Schedule, Due, float]


class Telling:
    """Alerts that are sent by a thread, so that a place that does not answer keeps no run from starting."""

    def __init__(self, send: Callable[[str, Schedule, Due, float], None]) -> None:
        """Send by `send`."""
        self._send = send
        self._queue: SimpleQueue[tuple[Alert, Callable[[], None]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="steppe-alerts", daemon=True)
        self._thread.start()

    def __call__(self, kind: str, schedule: Schedule, due: Due, now: float, done: Callable[[], None]) -> None:
        """Send an alert soon."""
        self._queue.put(((kind, schedule, due, now), done))

    def close(self, patience: float = 30.0) -> None:
        """Send what is left, but for what takes too long."""
        self._queue.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        while (told := self._queue.get()) is not None:
            alert, done = told
            try:
                self._send(*alert)
                done()
            except Exception:
                LOG.exception("an alert could not be sent")
