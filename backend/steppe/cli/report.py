"""`steppe report`: a run as one static page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError


@click.command("report")
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: RUN.html]")
@as_json
def command(run: str, output: Path | None, json_only: bool) -> None:
    """Write RUN as one page: the notebook with what it showed, the graph of its steps, values, numbers and times.

    The page needs no kernel, no server and no network; it is light or dark as the reader's system is.
    """
    from steppe.lineage.opened import opened
    from steppe.lineage.shown import named
    from steppe.sharing.report import report, write

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        found = named(here.catalog, run)
        if found.kind != "run":
            raise UsageError(f"`{run}` is a {found.kind.replace('_', ' ')}, and no run: `steppe runs` lists them.")
        path = output or Path(f"{found.id[:14]}.html")
        write(path, report(here.project, here.catalog, here.store, found.id))
    if json_only:
        click.echo(json.dumps({"run": found.id, "path": str(path), "bytes": path.stat().st_size}))
    else:
        click.echo(f"{path} was written.")
