"""Starting: the import, the extension, and the first step of a new kernel."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from notebook import anew
from row import Row, interleaved

IMPORTED = """
import time
start = time.perf_counter()
import steppe
print((time.perf_counter() - start) * 1e3)
"""

FIRST = """
from notebook import Notebook
from steppe_magic.ahead import _load
notebook = Notebook(".")
{ahead}
print(notebook.time("%%step first\\nx = 1"))
"""
"""A new kernel's first step; `ahead` is what the kernel does in an idle moment before it, if it has any."""

AHEAD = "_load(notebook.shell.steppe_cells.session)"


def rows(folder: str, *, small: bool) -> Iterator[Row]:
    """Measure."""
    many = 2 if small else 15
    anew(folder, IMPORTED)  # its bytecode is there from now on, as after an installation
    imported = statistics.median(anew(folder, IMPORTED)[0] for _ in range(many))
    yield Row("start: `import steppe`", imported, "ms", target="<= 40 ms", met=imported <= 40)

    def ipython(command: str) -> None:
        line = [sys.executable, "-m", "IPython", "--no-banner", "--HistoryManager.enabled=False", "-c", command]
        subprocess.run(line, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    ipython("%load_ext steppe")
    took = interleaved(many, loaded=lambda _: ipython("%load_ext steppe"), bare=lambda _: ipython("pass"))
    beyond = took["loaded"] - took["bare"]
    name = "start: `%load_ext steppe`, beyond IPython, its end included"
    yield Row(name, beyond, "ms", "IPython's own start", took["bare"], "<= 150 ms", beyond <= 150)
    programs = {"at_once": FIRST.format(ahead=""), "idle": FIRST.format(ahead=AHEAD)}
    anew(folder, programs["idle"])
    first = interleaved(many, **{name: lambda _, p=p: anew(folder, p)[0] for name, p in programs.items()})
    yield Row("  the first step of a new kernel, a hit, at once", first["at_once"])
    yield Row("  the same where the kernel was idle for a moment before", first["idle"])
