"""`steppe attach`: a run that goes on in a cluster, followed to its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.cli.outcome import end_with, lines_of

if TYPE_CHECKING:
    from steppe.worker.events import Event


@click.command("attach")
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the executed notebook goes.")
@as_json
def command(run: str, output: Path | None, json_only: bool) -> None:
    """Follow RUN, which `steppe run --detach` has begun, and bring home what it leaves; its id's beginning is enough.

    The executed notebook goes to OUTPUT, or to a folder of the run's own under .steppe/runs. Ctrl-C stops following:
    the run goes on.

    Exit code: that of the run, as `steppe run` has it. 2: there is no such run. 130: it was cancelled, or Ctrl-C.
    """
    from steppe.notebooks.detached import attach

    lines = lines_of(json_only=json_only)

    def tell(event: Event) -> None:
        if lines is None:
            return
        if event.kind == "step":
            lines.show(event.data)
        elif event.kind == "queued" and event.data.get("for"):
            click.echo(f"its driver waits for {event.data['for']}", err=True)

    try:
        outcome = attach(Path.cwd(), run, output, tell)
    except KeyboardInterrupt:
        click.echo(f"the run goes on: `steppe attach {run}` follows it, `steppe cancel {run}` ends it.", err=True)
        sys.exit(130)
    finally:
        if lines is not None:
            lines.stop()
    end_with(outcome, lines)
