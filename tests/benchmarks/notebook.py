"""A notebook's kernel for benchmarks: an IPython shell in this process, in a project of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from row import milliseconds
from traitlets.config import Config


def shell() -> Any:
    """Return a new IPython shell that keeps no history."""
    from IPython.core.interactiveshell import InteractiveShell

    return InteractiveShell(config=Config(HistoryManager={"enabled": False}))


class Notebook:
    """A kernel with Steppe turned on.

    Attributes:
        shell: its IPython shell.
    """

    def __init__(self, folder: str) -> None:
        """Begin in a project folder, which becomes the working directory."""
        os.makedirs(f"{folder}/.git", exist_ok=True)
        os.chdir(folder)
        if "" not in sys.path:
            sys.path.insert(0, "")  # as in a kernel
        self.shell = shell()
        self.run("%load_ext steppe")

    def run(self, cell: str) -> None:
        """Run a cell; an error in it ends the benchmark."""
        self.shell.run_cell(cell, store_history=False).raise_error()

    def time(self, cell: str) -> float:
        """Run a cell and return how long it took, in milliseconds."""
        return milliseconds(lambda: self.run(cell))

    def step(self, cell: str, state: str) -> float:
        """Run a cell that is a step and return how long it took; it must end in this state."""
        took = self.time(cell)
        last = self.shell.steppe_cells.steps[-1]
        if str(last.state) != state:
            raise SystemExit(f"a benchmark's step should be {state}, and is {last.state}: {last.why}\n{cell}")
        return took

    def step_alone(self, cell: str) -> float:
        """Run a cell that is a step; return how long it took beyond running its code."""
        took = self.step(cell, "succeeded")
        return took - self.seconds_alone() * 1e3

    def seconds_alone(self) -> float:
        """Return how long the code of the last step ran; a step that was not kept ends the benchmark."""
        last = self.shell.steppe_cells.steps[-1]
        if last.result is None:
            raise SystemExit(f"a benchmark's step should be kept, and is not: {last.why}")
        return last.result.seconds

    def __getitem__(self, name: str) -> Any:
        """Return a variable."""
        return self.shell.user_ns[name]


def anew(folder: str, program: str) -> list[float]:
    """Run a program in a new process in a project folder, and return the numbers that it prints on its last line."""
    os.makedirs(f"{folder}/.git", exist_ok=True)
    path = os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
    )
    return [float(word) for word in done.stdout.decode().splitlines()[-1].split()]
