"""One step: a hit, a cold one, a plain cell's tax, a step in a warm worker, and a long chain that is cut off early."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Self

from notebook import Notebook, shell
from row import Row, interleaved

REAL = '''
rows_{0} = [(i, i * 0.5, "ab" * (i % 3)) for i in range(20)]

def total_{0}(rows, *, factor=1.0):
    """Sum what is in the second column."""
    found = 0.0
    for number, value, text in rows:
        if text:
            found += value * factor
    return found

by_text_{0} = {{}}
for number, value, text in rows_{0}:
    by_text_{0}.setdefault(text, []).append(value)
result_{0} = {{text: sum(values) / len(values) for text, values in by_text_{0}.items()}}
summed_{0} = total_{0}(rows_{0}, factor=2)
'''
"""A plain cell as people write them."""


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    many = 30 if small else 400
    bare = shell()
    notebook = Notebook(folder)
    notebook.run("x = 3")
    notebook.step("%%step a\ny = x + 1", "succeeded")
    yield from _hit(folder, notebook, many)
    yield from _cold(folder, notebook, many // 4)
    yield from _plain(bare, notebook, many)
    yield from _chain(notebook, 10 if small else 100)
    yield from _process(notebook, many // 8)


def _hit(folder: str, notebook: Notebook, many: int) -> Iterator[Row]:
    import diskcache
    import joblib

    def add(x: int) -> int:
        return x + 1

    by_diskcache = diskcache.Cache(f"{folder}/diskcache").memoize()(add)
    by_joblib = joblib.Memory(f"{folder}/joblib", verbose=0).cache(add)
    by_diskcache(3)
    by_joblib(3)
    took = interleaved(
        many,
        hit=lambda _: notebook.step("%%step a\ny = x + 1", "hit"),
        diskcache=lambda _: by_diskcache(3) and None,
        joblib=lambda _: by_joblib(3) and None,
    )
    hit = took["hit"]
    yield Row(
        "hit: the whole cell, IPython's own part included", hit, "ms", "joblib", took["joblib"], "<= 1 ms", hit <= 1
    )
    yield Row("  beside diskcache, which looks at no code", hit, "ms", "diskcache", took["diskcache"])


def _cold(folder: str, notebook: Notebook, many: int) -> Iterator[Row]:
    seed = time.time_ns()
    log = os.open(f"{folder}/log", os.O_CREAT | os.O_WRONLY, 0o644)

    os.makedirs(f"{folder}/floor/made")
    os.makedirs(f"{folder}/floor/kept")

    def synced(number: int) -> None:
        """Do what makes a small result durable: a file, its name in another folder, and a record in a log."""
        made, kept = f"{folder}/floor/made/{number}", f"{folder}/floor/kept"
        file = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444)
        os.write(file, bytes(1024))
        os.fsync(file)
        os.link(made, f"{kept}/{number}")
        os.unlink(made)
        home = os.open(kept, os.O_RDONLY)
        os.fsync(home)
        os.close(home)
        os.close(file)
        os.write(log, bytes(4096 * 6))
        os.fdatasync(log)

    took = interleaved(
        many,
        cold=lambda number: notebook.step(f"%%step a\ny = x + {seed + number}", "succeeded"),
        floor=synced,
    )
    os.close(log)
    beyond = took["cold"] - took["floor"]
    yield Row("cold: the whole cell", took["cold"], "ms", "its three fsyncs", took["floor"])
    yield Row("cold: beyond its fsyncs", beyond, "ms", target="<= 3 ms", met=beyond <= 3)


def _plain(bare: Any, notebook: Notebook, many: int) -> Iterator[Row]:
    for name, text in (("one line", "z_{0} = {0}"), ("16 lines", REAL)):
        took = interleaved(
            many,
            bare=lambda number, text=text: bare.run_cell(text.format(number), store_history=False) and None,
            steppe=lambda number, text=text: notebook.time(text.format(number)),
        )
        tax = took["steppe"] - took["bare"]
        yield Row(
            f"plain cell: tax on a new cell, {name}",
            tax,
            "ms",
            "the cell by itself",
            took["bare"],
            "<= 0.3 ms",
            tax <= 0.3,
        )


def _chain(notebook: Notebook, length: int) -> Iterator[Row]:
    cells = [f"%%step chain_{n}\nchain_{n} = {f'chain_{n - 1} + 1' if n else '[1, 2]'}" for n in range(length)]
    cells = [cell.replace("+ 1", "+ [0]") for cell in cells]
    for cell in cells:
        notebook.run(cell)
    cells[0] = "%%step chain_0\nchain_0 = list((1, 2))"
    before = len(notebook.shell.steppe_cells.steps)
    start = time.perf_counter()
    for cell in cells:
        notebook.run(cell)
    took = (time.perf_counter() - start) * 1e3
    states = [str(step.state) for step in notebook.shell.steppe_cells.steps[before:]]
    again = states.count("succeeded")
    name = f"early cut-off: {length} chained steps, the first edited: run again"
    yield Row(name, again, "runs", "best peers", 1, "1 run", again == 1 and states.count("hit") == length - 1)
    yield Row("  each step of the chain", took / length)


def _process(notebook: Notebook, many: int) -> Iterator[Row]:
    if importlib.util.find_spec("steppe.executors.process") is None:
        return
    seed = time.time_ns()
    notebook.step(f"%%step p on=process\np = x + {seed}", "succeeded")
    with Forker() as forker:
        took = interleaved(
            many,
            process=lambda number: notebook.step(f"%%step p on=process\np = x + {seed + number + 1}", "succeeded"),
            fork=lambda _: forker.fork(),
        )
    warm = took["process"]
    yield Row(
        "process: a no-op step in a warm worker", warm, "ms", "fork and wait", took["fork"], "<= 15 ms", warm <= 15
    )


class Forker:
    """A process with a worker's imports that forks when it is told to.

    The kernel itself is not forked: SQLite can't take its files over a fork, so the kernel would have to open its
    Catalog anew before each step that is measured.
    """

    PROGRAM = """
import os, sys, time
import steppe.worker.main
from steppe.worker.shell import make_shell

make_shell(lambda _: None)
while os.read(0, 1):
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    os.write(3, b"%.6f\\n" % ((time.perf_counter() - began) * 1e3))
"""

    def __enter__(self) -> Self:
        """Start it."""
        heard, told = os.pipe()
        self._told = os.fdopen(heard)
        program = self.PROGRAM.replace("os.write(3", f"os.write({told}")
        self._process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, pass_fds=[told])
        os.close(told)
        self.fork()
        return self

    def fork(self) -> float:
        """Let it fork a process and wait for its end; return how many milliseconds that took it."""
        assert self._process.stdin is not None
        self._process.stdin.write(b".")
        self._process.stdin.flush()
        return float(self._told.readline())

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.communicate()
        self._told.close()
