"""What tracing costs a step's own code: files asked about and opened, variables read, a heavy import."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from notebook import Notebook, anew
from row import Row, interleaved

WORK = {
    "100k os.path.exists of 100 paths": "for i in range(100_000 // PARTS):\n    os.path.exists(f'file_{i % 100}')",
    "10k os.path.exists of different paths": "for i in range(10_000 // PARTS):\n    os.path.exists(f'none_{i}')",
    "10k opens of 100 files": "for i in range(10_000 // PARTS):\n    open(f'file_{i % 100}').close()",
    "1k opens of different files": "for i in range(1_000 // PARTS):\n    open(f'many/{i}').close()",
    "100k os.environ.get": "found = [os.environ.get('GREETING') for i in range(100_000 // PARTS)]",
    "10k print": "for i in range(10_000 // PARTS):\n    print(i)",
    "1M turns of a loop": "total = 0\nfor i in range(1_000_000 // PARTS):\n    total += i * i",
}

IMPORT = """
import time
from notebook import Notebook
notebook = Notebook(".")
notebook.step("%%step first\\nx = 1", {state!r})
print(notebook.time({cell!r}))
"""


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    notebook = Notebook(folder)
    notebook.run(f"import os\nPARTS = {100 if small else 1}")
    Path(folder, "many").mkdir()
    for n in range(1000):
        Path(folder, "many", str(n)).write_text(str(n))
    for n in range(100):
        Path(folder, f"file_{n}").write_text(str(n))
    for name, work in WORK.items():

        def traced(number: int, work: str = work) -> float:
            notebook.step(f"%%step work\n{work}\nnumber = {number}", "succeeded")
            return notebook.seconds_alone() * 1e3

        took = interleaved(2 if small else 5, traced=traced, plain=lambda _, work=work: notebook.time(work))
        yield Row(f"tracing: {name}", took["traced"], "ms", "as a plain cell", took["plain"])
    yield from _import(folder, 1 if small else 5)


def _import(folder: str, many: int) -> Iterator[Row]:
    cells = {
        "plain": "import sympy\nsympy.Symbol('x')",
        "traced": "%%step heavy\nimport sympy\nname = sympy.Symbol('x').name",
    }
    times: dict[str, list[float]] = {name: [] for name in cells}
    anew(folder, IMPORT.format(state="succeeded", cell="import sympy"))
    for number in range(many):
        for name, cell in cells.items():
            program = IMPORT.format(state="hit", cell=f"{cell}\nnumber = {number}")
            times[name].append(anew(folder, program)[0])
    plain, traced = statistics.median(times["plain"]), statistics.median(times["traced"])
    yield Row("tracing: a heavy import (sympy), the whole cell", traced, "ms", "as a plain cell", plain)
