"""What became of a headless run: the document that `steppe run --json` prints. Its form is kept stable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from steppe.catalog import Catalog, StepRunFilter, every
from steppe.states import LIVE
from steppe.types import Artifact, State, StepRun


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
        warnings: what the user should know, a sentence each.
        repeats: the run that it is a rerun of, or empty.
    """

    def __init__(self, run: str, notebook: str, output: str) -> None:
        self.run = run
        self.status = "running"
        self.notebook = notebook
        self.output = output
        self.seconds = 0.0
        self.steps: list[tuple[StepRun, dict[str, Artifact]]] = []
        self.error = ""
        self.warnings: list[str] = []
        self.repeats = ""

    def document(self) -> dict[str, Any]:
        """Return the document that `--json` prints."""
        return {
            "run": self.run,
            "status": self.status,
            "notebook": self.notebook,
            "output": self.output,
            "seconds": round(self.seconds, 3),
            "steps": [_step(step, artifacts) for step, artifacts in self.steps],
            **({"repeats": self.repeats} if self.repeats else {}),
        }


def _step(step: StepRun, artifacts: dict[str, Artifact]) -> dict[str, Any]:
    return {
        "name": step.step.name,
        "cell": step.cell,
        "status": str(step.state),
        "key": step.key,
        "seconds": round(step.seconds or (step.ended or step.started) - step.started, 6),
        "why": step.why,
        "outputs": {
            name: {"version": item.version, "type": item.type, "bytes": item.size} for name, item in artifacts.items()
        },
    }


def steps_of(run: str, catalog: Catalog) -> Iterator[tuple[StepRun, dict[str, Artifact]]]:
    """Yield the StepRuns of a run in the order in which they began, each with what it bound."""
    which = StepRunFilter(run=run)
    for step in reversed([*every(lambda after: catalog.step_runs.list(which, after=after, limit=500))]):
        artifacts = {name: catalog.artifacts.get(version) for name, version in step.outputs.items()}
        if step.state in LIVE:  # its kernel was killed, or it would have told the end
            step = msgspec.structs.replace(step, state=State.LOST)  # noqa: PLW2901
        yield step, {name: item for name, item in artifacts.items() if item is not None}
