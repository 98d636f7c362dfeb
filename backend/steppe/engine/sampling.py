"""What steps use over time, kept to as many samples as a plot can show; those of the kernel are taken here."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable

from steppe.worker.events import Event

MOST = 120
"""Samples kept of a step; of a longer one, every second, fourth … is."""

EVERY = 1.0
"""Seconds between two samples."""

PAGE = os.sysconf("SC_PAGE_SIZE")


class Samples:
    """The samples of one step: time, memory, processor seconds."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, float]] = []
        self._stride = 1
        self._count = 0

    def add(self, at: float, usage: dict[str, float]) -> None:
        """Take a sample."""
        if self._count % self._stride == 0:
            self._rows.append((at, usage.get("memory", 0.0), usage.get("cpu_seconds", 0.0)))
        self._count += 1
        if len(self._rows) >= 2 * MOST:
            self._rows = self._rows[::2]
            self._stride *= 2

    def rows(self) -> tuple[tuple[float, float, float], ...]:
        """Return what is kept."""
        return tuple(self._rows)


def sample_here(lasts: Callable[[], bool], tell: Callable[[Event], object]) -> None:
    """Sample this process each second in a thread, while a step lasts."""

    def work() -> None:
        began = time.process_time()
        pause = threading.Event()
        while lasts():
            with contextlib.suppress(OSError):  # no more files to be had: one sample less
                usage = {"memory": _resident(), "cpu_seconds": time.process_time() - began}
                tell(Event(kind="usage", at=time.time(), usage=usage))
            pause.wait(EVERY)

    threading.Thread(target=work, name="steppe-samples", daemon=True).start()


def _resident() -> float:
    try:
        with open("/proc/self/statm", "rb") as file:
            return float(file.read().split()[1]) * PAGE
    except FileNotFoundError:
        import psutil

        return float(psutil.Process().memory_info().rss)
