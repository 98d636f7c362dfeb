"""`steppe unpin`: lets go of what `steppe pin` keeps."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError


@click.command("unpin")
@click.argument("what")
@as_json
def command(what: str, json_only: bool) -> None:
    """Remove the pin on WHAT: a run, a step run or a value as `steppe pin` takes it; it is removed by `steppe gc` then.

    What another pin, a name or a running session holds stays.
    """
    from steppe.lineage.holding import said
    from steppe.lineage.opened import opened
    from steppe.lineage.pins import pinned

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        pin = pinned(here.catalog, here.store, what)
        here.catalog.names.unpin(pin.kind, pin.target)
    if json_only:
        click.echo(json.dumps({"kind": pin.kind, "target": pin.target}))
    else:
        click.echo(f"{said(pin)} is pinned no more.")
