"""Fan-outs: what an element costs beside a bare pool of processes, what many hold, and one new element of many."""

from __future__ import annotations

import importlib.util
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from notebook import Notebook
from row import Row, milliseconds

CELL = '%%step {0} on={1} map="x in xs"\ny = x * k'


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    many, fewer = (60, 30) if small else (10_000, 1_000)
    notebook = Notebook(folder)
    notebook.run(f"k = 3\nxs = list(range({fewer}))")
    if importlib.util.find_spec("steppe.executors.process") is not None:
        notebook.step(CELL.format("warm", "process").replace("y =", "w ="), "succeeded")
        yield from _many(notebook, fewer, many)
    yield from _one(notebook, "inline", fewer)
    yield from _one(notebook, "process", fewer)


def _many(notebook: Notebook, fewer: int, many: int) -> Iterator[Row]:
    """Measure many elements that do nothing, in local workers; memory is what the kernel holds more than for fewer."""
    held = []
    for count in (fewer, many):
        notebook.run(f"xs = list(range({-count}, 0))\nk = {time.time_ns()}")
        took = milliseconds(lambda: notebook.step(CELL.format("many", "process"), "succeeded"))
        held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(abs, range(100)))
        bare = milliseconds(lambda: list(pool.map(abs, range(many))))
    each = took / many
    yield Row(
        f"fan-out: {many:,} elements in local workers, an element",
        each,
        "ms",
        "ProcessPoolExecutor",
        bare / many,
        "<= 2 ms",
        each <= 2,
    )
    yield Row(f"  the kernel's peak memory, beside {fewer:,} elements", held[1] / held[0], "x")
    again = milliseconds(lambda: notebook.step(CELL.format("many", "process"), "hit"))
    yield Row("  all of them again, hits, an element", again / many)


def _one(notebook: Notebook, where: str, fewer: int) -> Iterator[Row]:
    if importlib.util.find_spec(f"steppe.executors.{where}") is None and where != "inline":
        return
    notebook.run(f"xs = list(range({fewer}))\nk = {time.time_ns()}")
    notebook.step(CELL.format(where, where), "succeeded")
    notebook.run("xs.insert(7, -7)")
    took = milliseconds(lambda: notebook.step(CELL.format(where, where), "succeeded"))
    found = notebook.shell.steppe_cells.steps[-1].elements
    name = f"one new element among {fewer:,}, on={where}"
    yield Row(f"{name}: executions", found["ran"], "runs", target="1 run", met=found["ran"] == 1)
    yield Row("  the whole cell", took, "ms", target="<= 1 s", met=took <= 1000)
