"""What steps use over time, kept to as many samples as a plot can show; those of the kernel are taken here."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping

from steppe.executors.process.devices import DRIVER, gpu_use
from steppe.threads import OurThread
from steppe.worker.events import Event
from steppe.worker.trace import unseen

MOST = 120
"""Samples kept of a step; of a longer one, every second, fourth … is."""

EVERY, AT_FIRST = 1.0, 0.25
"""Seconds between two samples, and between those of the first moments: a step of two seconds has a curve, too."""

FIRST = 3.0
"""Seconds for which the first moments last."""

PAGE = os.sysconf("SC_PAGE_SIZE")


class Samples:
    """The samples of one step: see `StepRun.samples`."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._stride = 1
        self._count = 0

    def add(self, at: float, usage: dict[str, float]) -> None:
        """Take a sample."""
        if self._count % self._stride == 0:
            self._rows.append(row(at, usage))
        self._count += 1
        if len(self._rows) >= 2 * MOST:
            self._rows = self._rows[::2]
            self._stride *= 2

    def rows(self) -> tuple[tuple[float, ...], ...]:
        """Return what is kept."""
        return tuple(self._rows)


def row(at: float, usage: Mapping[str, float]) -> tuple[float, ...]:
    """Return a sample as StepRuns keep it: without the devices' two numbers where there was none."""
    found = (at, usage.get("memory", 0.0), usage.get("cpu_seconds", 0.0))
    return (*found, usage.get("gpu", 0.0), usage.get("gpu_memory", 0.0)) if "gpu" in usage else found


def sample_here(lasts: Callable[[], bool], tell: Callable[[Event], object]) -> None:
    """Sample this process each second in a thread, while a step lasts."""

    def work() -> None:
        began, start = time.process_time(), time.monotonic()
        pause = threading.Event()
        while lasts():
            with unseen(), contextlib.suppress(OSError):  # no more files to be had: one sample less
                usage = {"memory": _resident(), "cpu_seconds": time.process_time() - began}
                if DRIVER.exists():
                    usage |= gpu_use({os.getpid()})
                tell(Event(kind="usage", at=time.time(), usage=usage))
            pause.wait(AT_FIRST if time.monotonic() - start < FIRST else EVERY)

    OurThread(target=work, name="steppe-samples", daemon=True).start()


def _resident() -> float:
    try:
        with open("/proc/self/statm", "rb") as file:
            return float(file.read().split()[1]) * PAGE
    except FileNotFoundError:
        import psutil

        return float(psutil.Process().memory_info().rss)
