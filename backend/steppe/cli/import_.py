"""`steppe import`: a bundle of somebody's into this project."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli.asking import as_json

if TYPE_CHECKING:
    from steppe.sharing.bundle import Coming


@click.command("import")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--trust/--no-trust", default=None, help="Take its pickles and code, too, or leave them, without asking.")
@as_json
def command(bundle: Path, trust: bool | None, json_only: bool) -> None:
    """Take BUNDLE into the project around the working directory: its steps hit here, without the packages they need.

    All of it is verified first. Values in open formats are taken from anybody; pickles and code, which can do what you
    can, from yourself and from whom you trust (`steppe trust`); for others you are asked.
    """
    from steppe.catalog import open_catalog
    from steppe.lineage.opened import catalog_place, store_of
    from steppe.settings import load_project, make_state
    from steppe.sharing.bundle import Coming
    from steppe.sharing.container import Bundle
    from steppe.sharing.makers import folder, trusts

    project = load_project(Path.cwd(), os.environ)
    with Bundle(bundle) as opened:
        coming = Coming(opened)
        known = trusts(folder(os.environ), coming.maker)
        taken = known if trust is None else trust
        if (coming.doubts or coming.code) and trust is None and not known:
            taken = _ask(coming, json_only=json_only)
        make_state(project)
        with open_catalog(catalog_place(project)) as catalog:
            entered = coming.enter(project, catalog, store_of(project), trust=taken)
    told = {"run": opened.manifest.run, "maker": coming.maker.key, "trusted": taken}
    if json_only:
        lists = {"hits": entered.hits, "left": entered.left, "written": entered.written, "kept": entered.kept}
        click.echo(json.dumps({**told, **lists}))
        return
    click.echo(f"made by {coming.maker.told()}")
    for path in entered.written:
        click.echo(f"written: {path}")
    for path in entered.kept:
        click.echo(f"kept as it is here, though the bundle has another: {path}")
    if entered.left:
        click.echo(f"left out: the results of {', '.join(entered.left)}")
    click.echo(f"{len(entered.hits)} steps will hit: {', '.join(entered.hits) or 'none'}")


def _ask(coming: Coming, *, json_only: bool) -> bool:
    """Ask a person; where nobody is there to be asked, the answer is no."""
    if json_only or not sys.stdin.isatty():
        return False
    click.echo(f"This bundle was made by {coming.maker.told()}, whom you have not trusted so far.")
    for name in coming.names(coming.doubts):
        whys = {why for id_, each in coming.doubts.items() for why in each if name in coming.names({id_: each})}
        click.echo(f"  {name}: {'; '.join(sorted(whys))}")
    for path in coming.code:
        click.echo(f"  {path} may be code")
    return click.confirm("These may do whatever you can do. Take them, too?", default=False)
