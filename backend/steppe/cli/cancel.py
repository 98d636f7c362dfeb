"""`steppe cancel`: ends a run that goes on in a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steppe.cli import completing
from steppe.cli.asking import as_json


@click.command("cancel")
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@as_json
def command(run: str, json_only: bool) -> None:
    """End RUN, which `steppe run --detach` has begun, with all the steps that it has in the cluster.

    What its steps have finished is kept.
    """
    from steppe.notebooks.detached import cancel

    ended, status = cancel(Path.cwd(), run)
    if json_only:
        click.echo(json.dumps({"run": ended, "status": status}))
    elif status == "cancelled":
        click.echo(f"{ended} was cancelled.")
    else:
        click.echo(f"{ended} had ended: {status}.")
