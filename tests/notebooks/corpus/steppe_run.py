"""Runs a notebook with every cell as a step, through the command line that a user has: `steppe run --steps all`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.notebooks.corpus.execution import (
    Execution,
    read_summary,
    summary_environment,
    with_summary_cell,
    without_summary_cell,
)
from tests.notebooks.corpus.room import Room
from tests.notebooks.corpus.split import code_cells

COMMAND = [str(Path(sys.executable).with_name("steppe"))]


def run_as_steps(
    notebook: NotebookNode, room: Room, state: Path, executor: str, *, warm: bool = False, timeout: int = 900
) -> Execution:
    """Run a notebook in a room where nothing is but its data files, and `.steppe` of the run before when `warm`.

    Raises:
        RuntimeError: the command printed no report: it could not begin, or it died.
    """
    room.clear(keep=(".steppe",) if warm else ())
    env, target = summary_environment(state)
    source, output = room.folder / "notebook.ipynb", state / "executed.ipynb"
    nbformat.write(with_summary_cell(notebook), source)
    output.unlink(missing_ok=True)
    command = [*COMMAND, "run", str(source), "-o", str(output), "--steps", "all", "--on", executor, "--json"]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=room.folder, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )
    seconds = time.perf_counter() - started
    report = _report(done)
    executed = nbformat.read(output, as_version=4)
    source.unlink()
    # A cell that is tagged as one that may raise ends no run; papermill counts it as a failure once the end is reached.
    summary = read_summary(target)
    error = _error(executed) if report["status"] != "succeeded" and not summary else ""
    return Execution(without_summary_cell(executed), summary, room.files(), seconds, error, report)


def _report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        report = json.loads(done.stdout)
    except ValueError:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise RuntimeError(f"`steppe run` ended with {done.returncode} and no report; it said: {said[-1]}") from None
    return report if isinstance(report, dict) else {}


def _error(notebook: NotebookNode) -> str:
    """Return the first error that a cell shows."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                return f"{output.ename}: {output.evalue}".splitlines()[0]
    return "failed without an error in a cell"
