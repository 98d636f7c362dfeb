"""A step on Ray: what it costs beside a bare Ray task and a local worker. No other Ray may run on the machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import psutil
from notebook import Notebook
from row import Row, interleaved


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure, on a Ray that is started here as `on=ray` does."""
    notebook = Notebook(folder)
    notebook.run("x = 3")
    began = time.perf_counter()
    notebook.step("%%step first on=ray wait=true\ny = x", "succeeded")
    yield Row("the first step on Ray, which starts one", time.perf_counter() - began, "s")
    yield from _latency(notebook, 3 if small else 60)
    notebook.shell.run_cell("%unload_ext steppe")


def _latency(notebook: Notebook, rounds: int) -> Iterator[Row]:
    """Run no-op steps on Ray and in local workers, in turn with bare Ray tasks."""
    seed = time.time_ns()

    def step(place: str) -> Callable[[int], Any]:
        """Return what runs a step there whose key is new each time."""
        return lambda number: notebook.step(
            f"%%step {place} on={place} wait=true\n{place} = x + {seed + number}", "succeeded"
        )

    step("process")(-1)
    with Bare() as bare:
        bare.task()
        took = interleaved(rounds, ray=step("ray"), process=step("process"), bare=lambda _: bare.task())
        spent = {name: _spent(step(name), rounds, 10**6) for name in ("ray", "process")}
    beyond = took["ray"] - took["bare"]
    yield Row("a no-op step on a running Ray", took["ray"], "ms", "a bare Ray task", took["bare"])
    yield Row("  beyond the bare task", beyond, "ms", target="<= 3 ms", met=beyond <= 3)
    yield Row("  beside the same in a local worker", took["ray"], "ms", "local worker", took["process"])
    yield Row("  its processor time, all processes", spent["ray"], "ms", "local worker", spent["process"])


def _spent(work: Callable[[int], Any], rounds: int, first: int) -> float:
    """Return the processor time that all processes spend on a piece of work, in ms: its median."""
    found = []
    for number in range(first, first + rounds):
        others, own = _others(), time.process_time()
        work(number)
        own = time.process_time() - own
        time.sleep(0.2)  # what follows on it, such as the next worker's fork, is its as well
        found.append((own + _others() - others) * 1e3)
    return statistics.median(found)


def _others() -> float:
    """Return the processor seconds of all that this process has started, so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:
            continue
    return total


class Bare:
    """A process that is connected to the same Ray, and runs a task that does nothing when it is told to."""

    PROGRAM = """
import sys, time, ray
ray.init(address="auto", log_to_driver=False, logging_level="error")
nothing = ray.remote(lambda: None)
for _ in range(3):
    ray.get(nothing.remote())
for _ in sys.stdin:
    began = time.perf_counter()
    ray.get(nothing.remote())
    print((time.perf_counter() - began) * 1e3, flush=True)
"""

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def task(self) -> float:
        """Run a task; return how many milliseconds it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
