"""A page of JupyterLab for benchmarks, in a real Chromium: the frames that it shows, and its long tasks."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.ui.conftest import QUIET, Program, built, serving

PATIENCE = 300_000
"""Milliseconds that anything may take on a machine that does much else."""

WATCH = """
window.steppeLong = [];
const note = ({startTime, duration}) => window.steppeLong.push([startTime, duration]);
new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type: 'longtask', buffered: true});
window.steppeFrames = 0;
const count = () => { window.steppeFrames += 1; requestAnimationFrame(count); };
requestAnimationFrame(count);
"""


class Frames(NamedTuple):
    """What was shown while something was done.

    Attributes:
        rate: frames a second.
        busy: the processor's time of the page's own thread, in ms a frame.
    """

    rate: float
    busy: float


class Watched:
    """An open page, and what it shows."""

    def __init__(self, page: Page) -> None:
        """Watch from now on."""
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.add_init_script(WATCH)

    def frames(self, work: Callable[[], Any]) -> Frames:
        """Count the frames that are shown while `work` is done."""
        before, spent, began = self.page.evaluate("steppeFrames"), self._spent(), time.perf_counter()
        work()
        count = max(1, self.page.evaluate("steppeFrames") - before)
        took = time.perf_counter() - began
        return Frames(count / took, (self._spent() - spent) * 1e3 / count)

    def now(self) -> float:
        """Return the page's own time, in ms."""
        found: float = self.page.evaluate("performance.now()")
        return found

    def long_tasks(self, since: float) -> list[float]:
        """Return how long the page did not answer, each time that this was 50 ms or more since a time of the page."""
        found: list[list[float]] = self.page.evaluate("steppeLong")
        return [duration for start, duration in found if start >= since]

    def rest(self, cells: int) -> None:
        """Wait until JupyterLab has drawn all cells, which it does one by one where it has nothing else to do."""
        drawn = "count => document.querySelectorAll('.jp-Notebook .jp-CodeCell').length >= count"
        self.page.wait_for_function(drawn, arg=cells, polling=1000)
        self.page.wait_for_timeout(2000)

    def _spent(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


@contextlib.contextmanager
def lab(folder: str) -> Iterator[tuple[Program, Watched]]:
    """Serve a project in a folder by JupyterLab, and open an empty page in a browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("this benchmark needs a browser: apt-get install -y chromium")
    with serving("jupyterlab", "lab/tree", Path(folder), front=built()) as program, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(PATIENCE)
            yield program, Watched(page)
        finally:
            browser.close()


def load() -> str:
    """Say how busy the machine is: processes that want to run, beside its cores."""
    return f"load {os.getloadavg()[0]:.0f} on {psutil.cpu_count()} cores"
