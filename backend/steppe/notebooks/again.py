"""A past run, run again headless: by the notebook that was kept with it, or by its steps alone."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import nbformat
from nbformat import v4

from steppe.analysis.transform import split_step
from steppe.errors import SteppeError
from steppe.ids import new_id
from steppe.notebooks import checks
from steppe.notebooks.cells import CodeCell, code_cells
from steppe.notebooks.events import Progress
from steppe.notebooks.marks import RESTORES, Steps
from steppe.notebooks.outcome import Outcome
from steppe.notebooks.run import RUN_AS, document_of, execute
from steppe.notebooks.source import Source, of_document
from steppe.settings import Project, make_state
from steppe.types import Digest, HeadlessRun, Run, Struct


class Cell(Struct, frozen=True, kw_only=True):
    """One step, by itself.

    Attributes:
        id: the cell's id, or empty.
        source: its text.
        told: what its metadata say to Steppe.
        restores: a blob: what the kernel has to be made like before.
    """

    id: str
    source: str
    told: dict[str, Any]
    restores: Digest


class Way(Struct, frozen=True, kw_only=True):
    """How something is run again.

    Attributes:
        run: the Run that it was, or is the step's.
        project: the project.
        parameters: values that take the place of those that it had.
        refresh: steps that run although they would hit; `*` for all.
        repairs: whether it goes on inside that Run.
    """

    run: Run
    project: Project
    parameters: dict[str, Any] = {}
    refresh: tuple[str, ...] = ()
    repairs: bool = False

    def told(self, notebook: str) -> HeadlessRun:
        """Return what its kernel is told."""
        path = self.run.path
        return HeadlessRun(
            id=self.run.id if self.repairs else new_id(time.time(), secrets.randbits),
            path=os.path.join(self.project.root, path) if path else "",
            notebook=notebook,
            refresh=self.refresh,
            parameters={**self.run.parameters, **self.parameters},
            repeats="" if self.repairs else self.run.id,
            repairs=self.repairs,
        )

    def outcome(self, told: HeadlessRun) -> Outcome:
        """Return the outcome, for now without an end."""
        name = os.path.basename(self.run.path) or "rerun.ipynb"
        name = name if name.endswith(".ipynb") else f"{name}.ipynb"
        output = make_state(self.project) / "runs" / told.id / name
        output.parent.mkdir(parents=True, exist_ok=True)
        made = Outcome(told.id, self.run.path or self.run.notebook, str(output))
        made.repeats = told.repeats
        return made


class Document:
    """The notebook that was kept with a run.

    Attributes:
        source: it.
        steps: which of its cells were steps.
        kernel: the kernel's name that was asked for.
        on: the executor for steps that name none.
    """

    def __init__(self, source: Source, steps: Steps, kernel: str | None, on: str) -> None:
        self.source = source
        self.steps = steps
        self.kernel = kernel
        self.on = on

    def cells(self, project: Project) -> list[CodeCell]:
        """Return its steps, in order."""
        return [cell for cell in code_cells(self.source.notebook(), self.steps, project.settings) if cell.is_step]

    def edited(self, code: dict[str, str], project: Project) -> Document:
        """Return it with other text for some steps' cells; one without a `%%step` line gets that of the old one."""
        wanted = {cell.id: code[cell.name] for cell in self.cells(project) if cell.name in code}
        seen = self.source.notebook()
        for cell in seen.cells:
            if cell.get("id") in wanted:
                text, old = wanted[cell["id"]], str(cell.source)
                if split_step(old) is not None and split_step(text) is None:
                    text = f"{old.lstrip(chr(10)).partition(chr(10))[0]}\n{text}"
                cell["source"] = text
        raw = json.loads(nbformat.writes(seen))
        return Document(of_document(self.source.path, raw), self.steps, self.kernel, self.on)


def kept_document(run: Run, project: Project) -> Document | None:
    """Return the notebook that was kept with a run; None where none was, or it is no longer there."""
    try:
        raw = json.loads(document_of(project, run.id).read_text("utf-8"))
        source = of_document(Path(project.root, run.path), raw)
    except (SteppeError, ValueError, OSError):
        return None
    how = raw.get("metadata", {}).get(RUN_AS, {})
    return Document(source, Steps(how.get("steps", Steps.TAGGED.value)), how.get("kernel"), how.get("on", ""))


def run_document(document: Document, way: Way, progress: Progress | None = None) -> Outcome:
    """Run a notebook as it was kept.

    Raises:
        UsageError: its kernel is not there.
    """
    source = document.source
    told = msgspec.structs.replace(way.told(source.id), on=document.on)
    checks.kernel(document.kernel or source.kernel, document.kernel)
    outcome = way.outcome(told)
    if way.parameters:
        outcome.warnings += checks.parameters(way.parameters, source)
    execute(
        Source(source.path, source.raw, translated=True),
        Path(os.path.basename(outcome.output)),
        way.project,
        told,
        outcome,
        parameters=told.parameters,
        steps=document.steps,
        kernel=document.kernel,
        start=_start(way, ""),
        progress=progress,
    )
    return outcome


def run_cells(cells: Iterable[Cell], notebook: str, start: str, way: Way, progress: Progress | None = None) -> Outcome:
    """Run steps by themselves, one after another in one kernel.

    Args:
        cells: the steps.
        notebook: the identity of the notebook that they are of.
        start: the directory that it began in.
        way: how.
        progress: called with each change of a step's state.
    """
    told = way.told(notebook)
    outcome = way.outcome(told)
    made = []
    for number, cell in enumerate(cells):
        metadata = {"steppe": dict(cell.told), RESTORES: cell.restores}
        made.append(v4.new_code_cell(cell.source, id=cell.id or f"step-{number}", metadata=metadata))
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text = nbformat.writes(v4.new_notebook(cells=made, metadata={"kernelspec": spec}))
    checks.kernel("python3", None)
    file = Path(os.path.basename(outcome.output))
    execute(
        Source(file, json.loads(text), translated=True),
        file,
        way.project,
        told,
        outcome,
        parameters={},
        steps=Steps.TAGGED,
        start=_start(way, start),
        keep=False,
        progress=progress,
    )
    return outcome


def _start(way: Way, start: str) -> str:
    """Return the directory to begin in: where it began, the notebook's, or the project's root."""
    folder = start or os.path.dirname(os.path.join(way.project.root, way.run.path))
    return folder if os.path.isdir(folder) else way.project.root
