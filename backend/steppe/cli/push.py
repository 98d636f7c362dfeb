"""`steppe push`: what a project has kept by itself, into a team's store and catalog."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.sharing.push import Pushed


@click.command("push")
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completing.runs)
@click.option("--store", metavar="URL", help="The team's store; the project's setting otherwise.")
@click.option("--catalog", metavar="URL", help="The team's catalog; the project's setting otherwise.")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would go, and how large it is.")
@as_json
def command(runs: tuple[str, ...], store: str | None, catalog: str | None, dry: bool, json_only: bool) -> None:
    """Copy what `.steppe` in this project has kept into a team's store and catalog: all runs, or those that are named.

    Runs, results, values, notes, tags, names and pins go along, and whoever works with the team's store and catalog has
    hits for them. What the team has stays as it is. Interrupted, it goes on where it was when it is called again.
    """
    import msgspec

    from steppe.catalog import open_catalog
    from steppe.lineage.shown import named
    from steppe.settings import load_project
    from steppe.sharing.push import Place, Push
    from steppe.sharing.pushed_marks import push_marks
    from steppe.store import open_store

    project = load_project(Path.cwd(), os.environ)
    source, tier = project.state / "catalog.db", project.state / "store"
    to_store, to_catalog = store or project.settings.store, catalog or project.settings.catalog
    _check(source, to_store, to_catalog)
    with open_catalog(str(source)) as ours, open_catalog(to_catalog, create=not dry) as theirs:
        if ours.url == theirs.url:
            raise UsageError(f"{to_catalog} is this project's own catalog: name the team's with --catalog.")
        push = Push(Place(ours, open_store(str(tier), tier)), Place(theirs, open_store(to_store, tier)), dry=dry)
        chosen = []
        for text in runs:
            found = named(ours, text)
            if found.kind != "run":
                raise UsageError(f"`{text}` is a {found.kind.replace('_', ' ')}, and no run: `steppe runs` lists them.")
            chosen.append(found.id)
        todo = push.runs(chosen)
        for number, run in enumerate(todo, 1):
            steps, size = push.told.steps, push.told.bytes
            push.run(run, chosen)
            if not json_only:
                _say_run(number, len(todo), run.path or run.notebook, push.told.steps - steps, push.told.bytes - size)
        names: list[str] = []
        if not dry:
            push.finish()
            names = push_marks(ours, theirs, push.subjects, all_of_it=not chosen)
    if json_only:
        click.echo(json.dumps({**msgspec.to_builtins(push.told), "names": names, "dry": dry}))
    else:
        _say(push.told, names, dry=dry)


def _check(source: Path, store: str, catalog: str) -> None:
    if not store or not catalog:
        missing = "store and catalog" if not store and not catalog else "catalog" if store else "store"
        raise UsageError(
            f"where to push to is not set: [tool.steppe] {missing} in pyproject.toml, or --store and --catalog."
        )
    if not source.exists():
        raise UsageError(f"there is nothing to push: {source} is not there.")


def _say_run(number: int, of: int, notebook: str, steps: int, size: int) -> None:
    from steppe.wording import sized

    where = "a kernel" if notebook.startswith("session:") else notebook
    click.echo(f"{number} of {of}: {where}, {steps} steps, {sized(size)}", err=True)


def _say(told: Pushed, names: list[str], *, dry: bool) -> None:
    from steppe.wording import sized

    verb = "would be" if dry else "were"
    click.echo(f"{told.runs} runs with {told.steps} step runs {verb} pushed: {told.blobs} blobs, {sized(told.bytes)}.")
    if told.results:
        click.echo(f"{told.results} results {'would be' if dry else 'are'} hits for the team.")
    if told.known:
        click.echo(f"{told.known} step runs were there already.")
    if told.differ:
        click.echo(
            f"the team has other results of {_list(told.differ)} under the same key: those stay, and steps hit them. "
            "`steppe verify` tells why a step comes out otherwise."
        )
    if told.gone:
        click.echo(f"without their values, which are no longer kept here: {_list(told.gone)}.")
    if told.running:
        click.echo(f"{len(told.running)} runs have not ended, and stay here: push again when they have.")
    if names:
        click.echo(f"the team has moved {_list(names)} elsewhere, where it stays: `steppe name` moves it.")


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
