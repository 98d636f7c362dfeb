"""`steppe bundle`: a run as one signed file, for whoever is to have its results."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError


@click.command("bundle")
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where it goes.  [default: RUN.steppe]")
@click.option("--only", multiple=True, metavar="NAME", help="Only this step, or this variable (`train.model`) of one.")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would go along, and how large it is.")
@as_json
def command(run: str, output: Path | None, only: tuple[str, ...], dry: bool, json_only: bool) -> None:
    """Write RUN into one file, signed with your key: whoever imports it has hits for its steps.

    The results, the notebook and the files of the project that steps have read go along; a run's id may be cut short.
    A key is made when you first sign, in your folder of settings.
    """
    from steppe.lineage.opened import opened
    from steppe.lineage.shown import named
    from steppe.sharing.bundle import make
    from steppe.sharing.makers import Signer, folder
    from steppe.sharing.records import Contents
    from steppe.wording import sized

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        found = named(here.catalog, run)
        if found.kind != "run":
            raise UsageError(f"`{run}` is a {found.kind.replace('_', ' ')}, and no run: `steppe runs` lists them.")
        contents = Contents(here.catalog, here.store, Path(here.project.root), found.id, only)
        size = sum(item.size for item in contents.items)
        files = [item.path for item in contents.items if item.kind == "project"]
        if not json_only:
            for left in contents.left:
                click.echo(left, err=True)
            click.echo(f"{len(contents.steps)} steps: {', '.join(contents.steps) or 'none'}")
            click.echo(f"{len(files)} files: {', '.join(files) or 'none'}")
            click.echo(f"{sized(size)} in all")
        path = output or Path(f"{found.id[:14]}.steppe")
        if not dry:
            size = make(contents, path, found.id, Signer(folder(os.environ)))
    if json_only:
        told = {"run": found.id, "bytes": size, "steps": contents.steps, "files": files, "left": contents.left}
        click.echo(json.dumps({**told, "path": None if dry else str(path)}))
    elif not dry:
        click.echo(f"{path} was written: `steppe import {path.name}` in another project has its hits.")
