"""Kernels that can be killed: each a process forked from a clean interpreter that has IPython and Steppe imported."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["numpy", "IPython.core.interactiveshell", "steppe.engine.resolve", "steppe_magic.cells", __name__]
)


def serve(folder: str, cells: list[str], tell: Connection, environ: dict[str, str]) -> None:
    """Run cells in a shell with Steppe, and tell after each what has become of it."""
    os.environ.update(environ)
    os.chdir(folder)
    sys.stdout = sys.stderr = open(os.path.join(folder, f".said-{os.getpid()}"), "w")  # noqa: SIM115  # to its end
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_cell("%load_ext steppe")
    session = shell.steppe_cells.session
    warned: list[str] = []
    session.warn = warned.append
    for cell in cells:
        known = len(shell.steppe_cells.steps)
        outcome = shell.run_cell(cell)
        steps = shell.steppe_cells.steps[known:]
        error = outcome.error_in_exec or outcome.error_before_exec
        tell.send(
            {
                "states": [str(step.state) for step in steps],
                "why": "; ".join(why for step in steps for why in step.why),
                "error": f"{type(error).__name__}: {error}" if error else "",
                "value": outcome.result,
                "warned": list(warned),
            }
        )
    session.close()
    tell.send(None)
    tell.close()


class Kernel:
    """A kernel that runs some cells, from the first to the last, unless it is killed."""

    def __init__(self, folder: Path, cells: list[str], **environ: str) -> None:
        self._told, telling = CONTEXT.Pipe(duplex=False)
        vars(sys.modules["__main__"]).setdefault("__spec__", None)  # a shell in this process may have put its own there
        self.process = CONTEXT.Process(target=serve, args=(str(folder), cells, telling, environ))
        self.process.start()
        telling.close()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process.pid is not None
        return self.process.pid

    def next(self, timeout: float = 60) -> dict[str, Any] | None:
        """Return what became of the next cell; None where there is none, or the kernel is gone."""
        with contextlib.suppress(EOFError, ConnectionResetError):
            if self._told.poll(timeout):
                told: dict[str, Any] | None = self._told.recv()
                return told
            raise AssertionError(f"the kernel has said nothing for {timeout} seconds")
        return None

    def rest(self, timeout: float = 60) -> list[dict[str, Any]]:
        """Return what became of all further cells."""
        found = list(iter(lambda: self.next(timeout), None))
        self.process.join(30)
        return found

    def kill(self) -> None:
        """Kill it as the kernel's own OOM killer would."""
        self.process.kill()
        self.process.join(30)


def run(folder: Path, cells: list[str], **environ: str) -> list[dict[str, Any]]:
    """Run cells in a fresh kernel, and return what became of each."""
    found = Kernel(folder, cells, **environ).rest()
    assert len(found) == len(cells), (found, said(folder))
    return found


def said(folder: Path) -> str:
    """Return all that kernels in a folder have printed."""
    return "\n".join(path.read_text() for path in sorted(folder.glob(".said-*")))
