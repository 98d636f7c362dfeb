"""`steppe run`: a notebook from its first cell to its last, with its steps' progress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steppe.cli import completing
from steppe.cli.asking import as_json, notebook_options
from steppe.cli.outcome import end_with, lines_of
from steppe.errors import UsageError


@click.command("run")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the executed notebook goes.")
@notebook_options
@click.option(
    "--until",
    default="",
    metavar="STEP",
    shell_complete=completing.steps,
    help="End after this step: the cells to it, and it, run.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="How many steps may run side by side.")
@click.option(
    "--detach", is_flag=True, help="Run it from a pod in the cluster, and return at once; see `steppe attach`."
)
@click.option("--profile", default="", metavar="NAME", help="For --detach: what tells of that pod.  [default: driver]")
@click.option("--run-id", default="", hidden=True, help="The run's id, for whoever starts it and follows it.")
@as_json
def command(
    notebook: Path,
    output: Path | None,
    asked: dict[str, Any],
    until: str,
    jobs: int,
    detach: bool,
    profile: str,
    run_id: str,
    json_only: bool,
) -> None:
    """Run NOTEBOOK from its first cell to its last; steps that nothing has changed for are not run again.

    NOTEBOOK itself is never written to. The executed notebook goes to OUTPUT, or to a folder of the run's own under
    .steppe/runs; a run that fails or is interrupted keeps it as far as it came.

    With --detach the whole notebook runs in the cluster: its driver in a pod, its steps by their own options. It prints
    the run's id.

    Exit code 0: every cell succeeded. 1: a cell failed. 2: nothing was run. 130: it was interrupted.
    """
    from steppe.notebooks.run import run_notebook

    if detach:
        if until:
            raise UsageError("--until does not go with --detach: a run in the cluster is of the whole notebook.")
        _detach(notebook, output, asked, jobs, profile, run_id, json_only=json_only)
        return
    if profile:
        raise UsageError("--profile tells of the pod that --detach runs the notebook from: give both.")
    lines = lines_of(json_only=json_only)
    try:
        outcome = run_notebook(
            notebook,
            output,
            jobs=jobs,
            until=until,
            **asked,
            progress=None if lines is None else lines.show,
            run_id=run_id,
        )
    finally:
        if lines is not None:
            lines.stop()
    end_with(outcome, lines)


def _detach(
    notebook: Path, output: Path | None, asked: dict[str, Any], jobs: int, profile: str, run_id: str, *, json_only: bool
) -> None:
    from steppe.notebooks.detached import detach

    if asked.pop("on") not in ("", "kubernetes"):
        raise UsageError("--detach runs the notebook from a pod: --on kubernetes is the only place for it.")
    if output is not None:
        raise UsageError(
            "with --detach, the executed notebook is kept in the store: `steppe attach RUN -o PATH` writes it."
        )
    run = detach(notebook, jobs=jobs, profile=profile, run_id=run_id, **asked)
    if json_only:
        click.echo(json.dumps({"run": run}))
        return
    click.echo(run)
    click.echo(f"it goes on in the cluster: `steppe attach {run}` follows it, `steppe cancel {run}` ends it.", err=True)
