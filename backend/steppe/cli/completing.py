"""What a shell offers at the Tab key: executors, a notebook's steps, runs. What can't be read offers nothing."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from steppe.errors import SteppeError

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

EXECUTORS = ("inline", "process", "kubernetes")
RUNS = 20
"""How many of the newest runs are offered."""


def executors(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer where steps can run."""
    del ctx, param
    return [name for name in EXECUTORS if name.startswith(incomplete)]


def steps(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of the steps in the notebook that the line names before."""
    del param
    notebook = ctx.params.get("notebook")
    if notebook is None:
        return []
    from steppe.notebooks.cells import code_cells
    from steppe.notebooks.marks import Steps
    from steppe.notebooks.source import read
    from steppe.settings import load_project

    with contextlib.suppress(SteppeError, OSError):
        asked = Steps(ctx.params.get("steps") or Steps.TAGGED)
        settings = load_project(Path(notebook).resolve().parent, os.environ).settings
        cells = code_cells(read(Path(notebook)).seen, asked, settings)
        return [
            name for name in dict.fromkeys(cell.name for cell in cells if cell.is_step) if name.startswith(incomplete)
        ]
    return []


def runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the newest runs of the project around the working directory."""
    del ctx, param
    from click.shell_completion import CompletionItem

    from steppe.catalog import RunFilter
    from steppe.lineage.opened import opened

    with contextlib.suppress(SteppeError, OSError), opened(Path.cwd()) as here:
        found = [] if here is None else here.catalog.runs.list(RunFilter(), limit=RUNS).items
        return [
            CompletionItem(run.id, help=f"{Path(run.path or run.notebook).name}, {_when(run.started)}")
            for run in found
            if run.id.startswith(incomplete)
        ]
    return []


def _when(moment: float) -> str:
    return time.strftime("%d %B %H:%M", time.localtime(moment))
