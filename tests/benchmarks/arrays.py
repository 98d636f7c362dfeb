"""A large array: kept, loaded again, and read by a step that hits; on this disk, and on a disk in memory."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator

from notebook import Notebook, anew
from row import Row, interleaved

IDEAL = """
import os, sys, threading, time
import numpy as np
from blake3 import blake3

array = np.arange({first}, {first} + {length}, dtype=np.float32)
view = memoryview(array.view(np.uint8))

def once():
    start = time.perf_counter()
    digest = threading.Thread(target=lambda: blake3(view).digest())
    digest.start()
    file = os.open("ideal", os.O_CREAT | os.O_WRONLY)
    done = 0
    while done < len(view):
        done += os.write(file, view[done : done + (8 << 20)])
    digest.join()
    os.fsync(file)
    os.close(file)
    took = time.perf_counter() - start
    os.unlink("ideal")
    return took * 1e3

print(once())
"""
"""A bare program that digests an array and writes it to the disk, both at once."""

RELOAD = """
from notebook import Notebook
notebook = Notebook(".")
notebook.run("import numpy as np")
notebook.step("%%step first\\nx = 1", {state!r})
hit = notebook.step({cell!r}, "hit")
print(hit, notebook.time("float(big[{middle}])"))
"""
"""What the next kernel does: hit the step, and use its value."""


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    length = 1 << (20 if small else 28)
    memory = tempfile.TemporaryDirectory(prefix="steppe-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    with memory as ram:
        notebook = Notebook(folder)
        notebook.run("import numpy as np")
        notebook.step("%%step first\nx = 1", "succeeded")
        rounds = 3 if small else 5
        yield from _kept(notebook, folder, length, rounds, "on this disk")
        yield from _reloaded(folder, length)
        yield from _live(notebook, length, 2 if small else 7)
        os.environ["STEPPE_STORE"] = f"{ram}/store"
        notebook = Notebook(f"{ram}/project")
        notebook.run("import numpy as np")
        notebook.step("%%step first\nx = 1", "succeeded")
        yield from _kept(notebook, ram, length, rounds, "on a disk in memory")
        del os.environ["STEPPE_STORE"]
        os.chdir(folder)


def cell(first: int, length: int) -> str:
    """Return the code of a cell that makes an array."""
    return f"big = np.arange({first}, {first} + {length}, dtype=np.float32)"


def _kept(notebook: Notebook, folder: str, length: int, rounds: int, where: str) -> Iterator[Row]:
    peaks = []

    def kept(number: int) -> float:
        notebook.run("big = None")
        before = _memory("VmRSS")
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # forget the peak so far
        took = notebook.step_alone(f"%%step big\n{cell(number, length)}")
        peaks.append((_memory("VmHWM") - before) / (length * 4))
        return took

    ideal = IDEAL.format
    took = interleaved(rounds, kept=kept, ideal=lambda number: anew(folder, ideal(first=number, length=length))[0])
    name = f"{_size(length)} array: keep it, {where}"
    met = took["kept"] <= 1.3 * took["ideal"]
    yield Row(name, took["kept"], "ms", "digest and write at once", took["ideal"], "<= 1.3 x", met)
    peak = statistics.median(peaks)
    yield Row("  peak memory over the array's size", peak, "x", "the array", 1.0, "<= 1.1 x", peak <= 1.1)


def _reloaded(folder: str, length: int) -> Iterator[Row]:
    program = RELOAD.format(state="hit", cell=f"%%step big\n{cell(2, length)}", middle=length // 2)
    hits, uses = zip(*[anew(folder, program) for _ in range(5)], strict=True)
    total = statistics.median(hits) + statistics.median(uses)
    yield Row("  its reload in a new kernel, until it is used", total, "ms", target="<= 20 ms", met=total <= 20)


def _live(notebook: Notebook, length: int, many: int) -> Iterator[Row]:
    """Time a hit of a step that reads a live array; the floor is one digest of it, with as many threads."""
    from blake3 import blake3

    notebook.run(cell(1, length))
    notebook.step("%%step use\nused = float(big[5])", "succeeded")
    view = memoryview(notebook["big"]).cast("B")
    took = interleaved(
        many,
        hit=lambda _: notebook.step("%%step use\nused = float(big[5])", "hit"),
        digest=lambda _: blake3(view, max_threads=blake3.AUTO).digest() and None,
    )
    met = took["hit"] <= 1.2 * took["digest"]
    name = f"hit: with a live input of {_size(length)}"
    yield Row(name, took["hit"], "ms", "its digest", took["digest"], "<= 1.2 x", met)


def _size(length: int) -> str:
    return f"{length * 4 / (1 << 30):g} GiB"


def _memory(what: str) -> int:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(what))
    return int(line.split()[1]) * 1024
