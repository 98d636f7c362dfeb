"""The Job that a step of a notebook would be: for people to read, and for those who set up clusters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from steppe.errors import UsageError
from steppe.executors.executor import Launch
from steppe.notebooks import checks
from steppe.notebooks.cells import code_cells
from steppe.notebooks.marks import Steps
from steppe.notebooks.source import read
from steppe.settings import load_project

NO_STEPS = "it has none. Give --steps all for every cell to be one."
ATTEMPT = "0" * 26
TASK = "b3:" + "0" * 64
"""What stands for an attempt's id and its task's digest, which are known when it is launched."""


def manifest_of(notebook: Path, name: str, steps: Steps = Steps.TAGGED) -> dict[str, Any]:
    """Return the Job that a step would be.

    Raises:
        UsageError: there is no such step, or it can't run on kubernetes.
    """
    from steppe.executors.kubernetes import KubernetesExecutor

    source = read(notebook)
    project = load_project(notebook.parent, os.environ)
    cells = [cell for cell in code_cells(source.notebook(None), steps, project.settings) if cell.is_step]
    found = next((cell for cell in cells if cell.name == name), None)
    if found is None:
        known = sorted({cell.name for cell in cells})
        raise UsageError(f"{notebook} has no step `{name}`: {checks.nearest(name, known) if known else NO_STEPS}")
    if found.options is None:
        raise UsageError(f"`{name}`: {found.problem}")
    options = found.options
    launch = Launch(
        task=TASK,
        attempt=ATTEMPT,
        store=project.settings.store or str(project.state / "store"),
        resources=options.resources,
        timeout=float(options.timeout) if isinstance(options.timeout, float | int) else None,
        label=f"{name} in {source.identity(project.root)}",
        folder=str(notebook.resolve().parent),
        root=project.root,
        owner={"project": os.path.basename(project.root), "notebook": str(notebook), "step": name},
        pod=options.pod,
    )
    return KubernetesExecutor.of(project).manifest(launch)
