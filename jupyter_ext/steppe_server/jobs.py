"""jupyter-scheduler's jobs, run by Steppe: its dialog and its list stay, and steps that hold are hits.

Turned on with `c.SchedulerApp.scheduler_class = "steppe_server.jobs.SteppeScheduler"`. Nothing else imports this
module, and so nothing else needs jupyter-scheduler.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import nbformat
from jupyter_scheduler.executors import DefaultExecutionManager
from jupyter_scheduler.scheduler import Scheduler
from traitlets import Type as TType

from steppe.errors import SteppeError
from steppe.notebooks.run import run_notebook

ORIGIN = ".steppe-origin"
"""A file beside the copy of a notebook that a job runs: it says where the notebook is."""


class SteppeExecutionManager(DefaultExecutionManager):  # type: ignore[misc]  # it has no types
    """Runs one job as `steppe run` does: in the notebook's own folder and project, from the copy that the job has."""

    def execute(self) -> None:
        """Run the job, and write its output files, also where a cell failed."""
        job, copy = self.model, Path(self.staging_paths["input"])
        home = origin_of(copy)
        if not home.parent.is_dir():
            raise SteppeError(
                f"the folder {home.parent} of the notebook is gone: make the job again from where it is now."
            )
        outcome = run_notebook(copy, home=home, parameters=values(job.parameters or {}))
        if os.path.exists(outcome.output):
            self.create_output_files(job, nbformat.read(outcome.output, as_version=4))
        if outcome.status != "succeeded":
            raise SteppeError(outcome.error or f"the run {outcome.run} was {outcome.status}.")


class SteppeScheduler(Scheduler):  # type: ignore[misc]
    """jupyter-scheduler's own scheduler, whose jobs Steppe runs."""

    execution_manager_class = TType(
        default_value=SteppeExecutionManager,
        klass="jupyter_scheduler.executors.ExecutionManager",
        config=True,
        help="The class that runs a job.",
    )

    def copy_input_file(self, input_uri: str, copy_to_path: str) -> None:
        """Copy the notebook for a job, or for a definition of jobs, and note where it is from."""
        super().copy_input_file(input_uri, copy_to_path)
        self._note(input_uri, copy_to_path)

    def copy_input_folder(self, input_uri: str, nb_copy_to_path: str) -> list[str]:
        """Copy the notebook with its folder likewise; it runs in the folder that it is from all the same."""
        found: list[str] = super().copy_input_folder(input_uri, nb_copy_to_path)
        self._note(input_uri, nb_copy_to_path)
        return [name for name in found if name != ORIGIN]

    def _note(self, input_uri: str, copy: str) -> None:
        given = Path(self.root_dir, input_uri)  # of a job from a definition: the definition's own copy
        Path(copy).with_name(ORIGIN).write_text(str(origin_of(given)), "utf-8")


def origin_of(copy: Path) -> Path:
    """Return where the notebook is that a job has a copy of; a notebook that is no copy is where it is."""
    try:
        return Path(copy.with_name(ORIGIN).read_text("utf-8"))
    except FileNotFoundError:
        return copy.resolve()


def values(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters, which jupyter-scheduler has as texts: Python literals are read, all else stays a text."""
    found = {}
    for name, text in parameters.items():
        try:
            found[name] = ast.literal_eval(text) if isinstance(text, str) else text
        except (ValueError, SyntaxError):
            found[name] = text
    return found
