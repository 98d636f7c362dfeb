"""`steppe env`: a virtual environment with the packages that a run had."""

from __future__ import annotations

import json
from pathlib import Path

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError


@click.command("env")
@click.argument("id_", metavar="RUN", shell_complete=completing.runs)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder that it goes to.")
@as_json
def command(id_: str, output: Path, json_only: bool) -> None:
    """Make a virtual environment with all packages of RUN's lock, by uv; RUN may be a step run, too.

    Steppe in it is the one that runs this. Packages that no index has, since they were built or edited on a machine,
    are named and left out.
    """
    from steppe.lineage.opened import opened
    from steppe.lineage.rebuilt import build, lock_of
    from steppe.lineage.shown import named

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        what = named(here.catalog, id_)
        step = here.catalog.step_runs.get(what.id) if what.kind == "step_run" else None
        run = here.catalog.runs.get(step.run if step is not None else what.id)
        if run is None:
            raise UsageError(f"{id_} is no run: `steppe runs` lists them.")
        lock = lock_of(run, here)
        left = build(lock, output, lambda said: None if json_only else click.echo(said, err=True))
    if json_only:
        click.echo(json.dumps({"environment": str(output), "run": run.id, "python": lock.python, "left": left}))
        return
    for line in left:
        click.echo(f"left out, since no index has it: {line}")
    click.echo(f"{output}: activate it with `source {output}/bin/activate`.")
