"""Runs a notebook plainly: nbclient and an ordinary kernel, nothing of Steppe. What comes of it is an Execution."""

from __future__ import annotations

import copy
import json
import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.notebooks.corpus.room import Room, environment
from tests.notebooks.corpus.split import code_cells

SUMMARY_CELL = "corpus-summary"
SUMMARY_SOURCE = '__import__("runpy").run_path(__import__("os").environ["CORPUS_SUMMARY_SCRIPT"])["write"](globals())'
SUMMARY_SCRIPT = Path(__file__).with_name("summary.py")


@dataclass
class Execution:
    """What a run of a notebook left behind.

    Attributes:
        notebook: the executed notebook, without the cell that took the summary.
        summary: the final namespace and ambient state, as `summary.py` writes them; empty where a cell failed.
        files: digests of the files in the working folder.
        seconds: wall time of the whole run, the kernel's start included.
        error: the first line of what stopped it, or empty.
        report: what `steppe run --json` printed; empty for a plain run.
    """

    notebook: NotebookNode
    summary: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""
    report: dict[str, Any] = field(default_factory=dict)


def with_summary_cell(notebook: NotebookNode) -> NotebookNode:
    """Return a copy with one more cell that writes the summary: never a step, and it shows nothing."""
    copied = copy.deepcopy(notebook)
    cell = new_code_cell(SUMMARY_SOURCE, id=SUMMARY_CELL, metadata={"steppe": {"step": False}})
    copied.cells.append(cell)
    return copied


def without_summary_cell(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without that cell."""
    copied = copy.deepcopy(notebook)
    copied.cells = [cell for cell in copied.cells if cell.get("id") != SUMMARY_CELL]
    return copied


def summary_environment(state: Path) -> tuple[dict[str, str], Path]:
    """Return the environment of a run and the file that its summary goes to, which does not exist yet."""
    state.mkdir(parents=True, exist_ok=True)
    target = state / "summary.json"
    target.unlink(missing_ok=True)
    env = environment(state)
    return env | {"CORPUS_SUMMARY_SCRIPT": str(SUMMARY_SCRIPT), "CORPUS_SUMMARY_FILE": str(target)}, target


def run_plainly(notebook: NotebookNode, room: Room, state: Path, *, timeout: int = 120) -> Execution:
    """Run a notebook in a fresh kernel in a fresh room."""
    room.clear()
    env, target = summary_environment(state)
    executed = with_summary_cell(notebook)
    resources = {"metadata": {"path": str(room.folder)}}
    client = NotebookClient(executed, timeout=timeout, kernel_name="python3", resources=resources)
    started, error = time.perf_counter(), ""
    try:
        client.execute(env=env, stderr=subprocess.DEVNULL)
    except CellExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}".splitlines()[0]
    except (CellTimeoutError, DeadKernelError) as failure:
        error = f"{type(failure).__name__}: {str(failure).strip().splitlines()[0]}"
    seconds = time.perf_counter() - started
    return Execution(without_summary_cell(executed), read_summary(target), room.files(), seconds, error)


def read_summary(target: Path) -> dict[str, Any]:
    """Return what the summary cell wrote, or nothing where it was not reached."""
    return json.loads(target.read_text("utf-8")) if target.exists() else {}


def cell_seconds(notebook: NotebookNode) -> list[float]:
    """Return how long each code cell ran in the kernel, by the times that nbclient notes; 0 where it was not run."""
    return [_seconds(cell.metadata.get("execution", {})) for cell in code_cells(notebook)]


def _seconds(times: dict[str, str]) -> float:
    busy, idle = times.get("iopub.status.busy"), times.get("iopub.status.idle")
    if not busy or not idle:
        return 0.0
    return (datetime.fromisoformat(idle) - datetime.fromisoformat(busy)).total_seconds()
