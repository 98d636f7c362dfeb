"""One notebook run headless: parameters in, executed notebook and the story of its steps out."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from steppe.catalog import Catalog, StepRunFilter, open_catalog
from steppe.errors import UsageError
from steppe.ids import new_id
from steppe.notebooks.marks import Steps
from steppe.settings import Project, load_project
from steppe.types import Artifact, HeadlessRun, StepRun

Progress = Callable[[dict[str, Any]], None]


class Outcome:
    """What became of a run.

    Attributes:
        run: the Run's id.
        status: `succeeded`, `failed` or `cancelled`.
        notebook: the input's path.
        output: the executed notebook's path.
        seconds: how long it took.
        steps: the resolutions of its steps, in order, with what they bound.
        error: the failed cell's error, or empty.
    """

    def __init__(self, run: str, notebook: str, output: str) -> None:
        self.run = run
        self.status = "running"
        self.notebook = notebook
        self.output = output
        self.seconds = 0.0
        self.steps: list[tuple[StepRun, dict[str, Artifact]]] = []
        self.error = ""

    def document(self) -> dict[str, Any]:
        """Return the document that `--json` prints."""
        return {
            "run": self.run,
            "status": self.status,
            "notebook": self.notebook,
            "output": self.output,
            "seconds": round(self.seconds, 3),
            "steps": [_step(step, artifacts) for step, artifacts in self.steps],
        }


def _step(step: StepRun, artifacts: dict[str, Artifact]) -> dict[str, Any]:
    return {
        "name": step.step.name,
        "status": str(step.state),
        "key": step.key,
        "seconds": round(step.seconds or (step.ended or step.started) - step.started, 6),
        "why": step.why,
        "outputs": {
            name: {"version": item.version, "type": item.type, "bytes": item.size} for name, item in artifacts.items()
        },
    }


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

    Raises:
        UsageError: the notebook can't be read, or the output would overwrite it.
    """
    if not notebook.is_file():
        raise UsageError(f"there is no notebook {notebook}. Give the path of an .ipynb file.")
    project = load_project(notebook.parent, os.environ)
    run_id = new_id(time.time(), secrets.randbits)
    output = output or project.state / "runs" / run_id / notebook.name
    if output.exists() and os.path.samefile(output, notebook):
        raise UsageError(f"the output {output} is the input itself. Give another path with -o.")
    output.parent.mkdir(parents=True, exist_ok=True)
    outcome = Outcome(run_id, str(notebook), str(output))
    with tempfile.TemporaryDirectory(prefix="steppe-run-") as folder:
        events = Path(folder, "events.jsonl")
        events.touch()
        told = HeadlessRun(
            id=run_id,
            path=str(notebook.resolve()),
            on=on,
            jobs=jobs,
            refresh=refresh,
            events=str(events),
            parameters=parameters or {},
        )
        began = time.monotonic()
        with _Following(events, progress):
            _execute(notebook, output, told, parameters or {}, steps, kernel, outcome)
        outcome.seconds = time.monotonic() - began
    _finish(outcome, project)
    return outcome


def _execute(
    notebook: Path,
    output: Path,
    told: HeadlessRun,
    parameters: dict[str, Any],
    steps: Steps,
    kernel: str | None,
    outcome: Outcome,
) -> None:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    try:
        papermill.execute_notebook(
            str(notebook),
            str(output),
            parameters=parameters,
            engine_name="steppe",
            kernel_name=kernel,
            progress_bar=False,
            cwd=str(notebook.resolve().parent),
            steps=steps.value,
            run=told,
        )
    except PapermillExecutionError as error:
        outcome.status = "failed"
        outcome.error = f"{error.ename}: {error.evalue}"
    except KeyboardInterrupt:
        outcome.status = "cancelled"
    else:
        outcome.status = "succeeded"


def _finish(outcome: Outcome, project: Project) -> None:
    """Read what the kernel wrote of its steps, and enter how the run ended."""
    place = project.settings.catalog or str(project.state / "catalog.db")
    if not project.settings.catalog and not os.path.exists(place):
        return
    with open_catalog(place) as catalog:
        run = catalog.runs.get(outcome.run)
        if run is not None:
            catalog.runs.finish(run, status=outcome.status, ended=time.time())
            outcome.steps = list(_steps_of(outcome.run, catalog))


def _steps_of(run: str, catalog: Catalog) -> Iterator[tuple[StepRun, dict[str, Artifact]]]:
    after: str | None = None
    found: list[StepRun] = []
    while True:
        page = catalog.step_runs.list(StepRunFilter(run=run), after=after, limit=200)
        found += page.items
        after = page.next
        if after is None:
            break
    for step in sorted(found, key=lambda step: step.id):
        artifacts = {name: catalog.artifacts.get(version) for name, version in step.outputs.items()}
        yield step, {name: item for name, item in artifacts.items() if item is not None}


class _Following:
    """Reads the events that the kernel appends while it runs, in a thread of its own."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._path = path
        self._progress = progress
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> None:
        if self._progress is not None:
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._done.set()
        if self._progress is not None:
            self._thread.join()

    def _follow(self) -> None:
        assert self._progress is not None
        with self._path.open() as file:
            while True:
                ended = self._done.is_set()
                while line := file.readline():
                    self._progress(json.loads(line))
                if ended:
                    return
                self._done.wait(0.05)
