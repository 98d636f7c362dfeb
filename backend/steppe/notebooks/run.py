"""One notebook run headless: parameters in, executed notebook and the story of its steps out."""

from __future__ import annotations

import getpass
import json
import logging
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from steppe.catalog import open_catalog
from steppe.engine.holder import new_holder
from steppe.errors import SteppeError, UsageError
from steppe.ids import new_id
from steppe.notebooks import checks
from steppe.notebooks.events import Following, Progress
from steppe.notebooks.marks import Steps, needs_steppe
from steppe.notebooks.outcome import Outcome, steps_of
from steppe.notebooks.source import Source, place_of, read
from steppe.notebooks.until import cut, reached
from steppe.settings import Project, load_project, make_state
from steppe.types import HeadlessRun, Run


def run_notebook(
    notebook: Path,
    output: Path | None = None,
    *,
    parameters: dict[str, Any] | None = None,
    steps: Steps = Steps.TAGGED,
    on: str = "",
    jobs: int = 1,
    refresh: tuple[str, ...] = (),
    kernel: str | None = None,
    progress: Progress | None = None,
    run_id: str = "",
    home: Path | None = None,
    until: str = "",
) -> Outcome:
    """Run a notebook from its first cell to its last, or to the first error.

    Args:
        notebook: what to run; it is never written to.
        output: where the executed notebook goes; a folder of the run's own under `.steppe/runs` when not given.
        parameters: values for the cell tagged `parameters`.
        steps: which cells are steps.
        on: the executor for steps that name none.
        jobs: how many steps may run side by side out of the kernel.
        refresh: steps that run although they would hit; `*` for all.
        kernel: the kernel's name; the notebook's own when not given.
        progress: called with each change of a step's state.
        run_id: the Run's id, where whoever starts it has to know it before; see `steppe.ids.new_id`.
        home: where the notebook is, where `notebook` is a copy of it: its project and its working directory hold.
        until: the step after which it ends, it included; the notebook's last cell when not given.

    Raises:
        UsageError: the notebook can't be read, its kernel is not there, the output would overwrite it, or an executor
            or a step that was named does not exist. Nothing was run.
    """
    home = home or notebook
    found = read(notebook)
    source = Source(home, found.raw, found.told, translated=found.translated)
    project = load_project(home.parent, os.environ)
    checks.kernel(kernel or source.kernel, kernel)
    checks.executor(on)
    checks.refreshed(refresh, source, steps, project)
    whole = source
    if until:
        source = cut(whole, until, steps, project)
    run_id = run_id or new_id(time.time(), secrets.randbits)
    output = output or make_state(project) / "runs" / run_id / home.name
    checks.output(output, notebook)
    outcome = Outcome(run_id, str(home), str(output))
    outcome.warnings += [*source.told, *checks.parameters(parameters or {}, whole)]
    told = HeadlessRun(id=run_id, path=str(home.resolve()), notebook=source.id, on=on, jobs=jobs, refresh=refresh)
    given = reached(parameters or {}, whole, source)
    execute(
        source,
        notebook,
        project,
        told,
        outcome,
        parameters=given,
        steps=steps,
        kernel=kernel,
        progress=progress,
    )
    return outcome


def execute(
    source: Source,
    file: Path,
    project: Project,
    told: HeadlessRun,
    outcome: Outcome,
    *,
    parameters: dict[str, Any],
    steps: Steps,
    kernel: str | None = None,
    start: str = "",
    keep: bool = True,
    progress: Progress | None = None,
) -> None:
    """Run a notebook that has been checked, and enter how that went.

    Args:
        source: the notebook.
        file: its file, or what the executed notebook says that it was; see `Source.translated`.
        project: the project.
        told: what the kernel is told, but for what is found out here.
        outcome: what becomes of it.
        parameters: values for the cell tagged `parameters`.
        steps: which cells are steps.
        kernel: the kernel's name; the notebook's own when not given.
        start: the directory to begin in; the notebook's when not given.
        keep: whether the notebook is kept with the run, so that it can be run again when the file has changed.
        progress: called with each change of a step's state.
    """
    with tempfile.TemporaryDirectory(prefix="steppe-run-") as folder:
        events = Path(folder, "events.jsonl")
        events.touch()
        told = msgspec.structs.replace(
            told,
            events=str(events),
            parameters=json.loads(json.dumps(told.parameters or parameters, default=str)),
            pid=os.getpid(),
            holder=new_holder(os.getpid()),
        )
        if keep and needs_steppe(source.seen, steps):
            _keep_document(source, document_of(project, told.id), steps, kernel, told.on)
        shown = str(file)
        if source.translated:
            file = Path(folder, file.name)
            file.write_text(json.dumps(source.raw), "utf-8")
        started, began = time.time(), time.monotonic()
        with Following(events, progress):
            _execute(source, file, shown, start, told, parameters, steps, kernel, outcome)
        outcome.seconds = time.monotonic() - began
    _finish(outcome, project, told, source, steps, started)


RUN_AS = "steppe_run"
"""Where a notebook that is kept with a run says, in its metadata, how it was run."""


def document_of(project: Project, run: str) -> Path:
    """Return where the notebook is that a run was a run of: with what it left, as nobody else is to see either."""
    return project.state / "runs" / run / "as-run" / "notebook.ipynb"


def _keep_document(source: Source, path: Path, steps: Steps, kernel: str | None, on: str) -> None:
    """Keep a notebook as it is run, without its outputs."""
    cells = [{**cell, "outputs": []} if "outputs" in cell else cell for cell in source.raw.get("cells", ())]
    metadata = {**source.raw.get("metadata", {}), RUN_AS: {"steps": steps.value, "kernel": kernel, "on": on}}
    with suppress(OSError):  # a full disk is told where a step's result can't be stored
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(json.dumps({**source.raw, "metadata": metadata, "cells": cells}), "utf-8")


def _execute(
    source: Source,
    file: Path,
    shown: str,
    start: str,
    told: HeadlessRun,
    parameters: dict[str, Any],
    steps: Steps,
    kernel: str | None,
    outcome: Outcome,
) -> None:
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    output = Path(outcome.output)
    try:
        with _quiet():
            papermill.execute_notebook(
                _plain(file),
                _plain(output),
                parameters=parameters,
                engine_name="steppe",
                kernel_name=kernel or source.kernel,  # papermill asks for both where the notebook says neither
                language=source.language,
                progress_bar=False,
                cwd=start or str(source.path.resolve().parent),
                steps=steps.value,
                named=source.named,
                from_file=shown,
                run=told,
            )
    except PapermillExecutionError as error:
        outcome.status = "failed"
        outcome.error = f"{error.ename}: {error.evalue}"
    except DeadKernelError:
        outcome.status = "failed"
        outcome.error = "the kernel died: it was killed, or it ran out of memory. What had finished is kept."
    except KeyboardInterrupt:
        outcome.status = "cancelled"
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror or error}. Give another path with -o.") from error
    else:
        outcome.status = "succeeded"


def _plain(path: Path) -> str:
    """Return a path as papermill takes it, which fills parameters into braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep papermill from saying again what was checked here."""
    logger = logging.getLogger("papermill")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _finish(
    outcome: Outcome, project: Project, told: HeadlessRun, source: Source, steps: Steps, started: float
) -> None:
    """Read what the kernel wrote of its steps, and enter how the run ended."""
    place = project.settings.catalog or str(project.state / "catalog.db")
    if not project.settings.catalog and not os.path.exists(place):
        return
    try:
        with open_catalog(place) as catalog:
            run = catalog.runs.get(outcome.run)
            if run is None and needs_steppe(source.notebook(), steps):
                run = _run(told, project, source, started)  # it failed before its first step
            if run is not None:
                if not catalog.read_only:
                    catalog.runs.finish(run, status=outcome.status, ended=time.time())
                outcome.steps = list(steps_of(outcome.run, catalog))
    except SteppeError as error:
        outcome.warnings.append(f"how the run went could not be read or written down: {error}")


def _run(told: HeadlessRun, project: Project, source: Source, started: float) -> Run:
    path = place_of(source.path.resolve(), project.root)
    return Run(
        id=told.id,
        kind="headless",
        parameters=told.parameters,
        notebook=source.id or path,
        path=path,
        owner=user(),
        host=socket.gethostname(),
        pid=told.pid,
        holder=told.holder,
        started=started,
        repeats=told.repeats,
    )


def user() -> str:
    """Return who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
