"""`steppe name`: names that move from one value to the next, such as `production`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.catalog import Catalog, Name
    from steppe.lineage.opened import Opened


@click.command("name")
@click.argument("value", required=False)
@click.argument("name", required=False)
@click.option("--note", default="", metavar="TEXT", help="Why, for those who look at the history.")
@click.option("--list", "listed", is_flag=True, help="List all names.")
@click.option("--history", metavar="NAME", help="List where a name has pointed, the newest first.")
@click.option("--remove", metavar="NAME", help="Remove a name; its history stays.")
@as_json
def command(
    value: str | None,
    name: str | None,
    note: str,
    listed: bool,
    history: str | None,
    remove: str | None,
    json_only: bool,
) -> None:
    """Let NAME point at VALUE from now on, wherever it has pointed before.

    VALUE is a version or its beginning, `step.variable`, STEPRUN:variable, notebook:step:variable, or another name.
    `steppe.load("NAME")` loads it, and `steppe gc` keeps what loading it needs.
    """
    from steppe.lineage.opened import opened

    asked = [value is not None, listed, history is not None, remove is not None]
    if sum(asked) != 1 or (value is None) != (name is None):
        raise UsageError("give a value and a name, or one of --list, --history NAME and --remove NAME.")
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        if value is not None and name is not None:
            _point(here, value, name, note, json_only=json_only)
        elif remove is not None:
            _remove(here.catalog, remove, note, json_only=json_only)
        else:
            found = here.catalog.names.history(history) if history is not None else here.catalog.names.all()
            if history is not None and not found:
                raise UsageError(_unknown(here.catalog, history))
            _list(here.catalog, found, json_only=json_only)


def _point(here: Opened, value: str, name: str, note: str, *, json_only: bool) -> None:
    from steppe.loading import is_kept
    from steppe.naming import check_name, value_meant
    from steppe.wording import short

    catalog = here.catalog
    check_name(catalog, name)
    place, version = value_meant(catalog, value, lambda run: is_kept(run, here.store))
    before = catalog.names.move(name, version, now=time.time(), author=_author(), note=note)
    if json_only:
        click.echo(json.dumps({"name": name, "version": version, "before": before and before.version}))
        return
    called = f"{place.run.step.name}.{place.name}, {short(version)}"
    if before is None or before.version is None:
        click.echo(f"{name} points at {called}.")
    elif before.version == version:
        click.echo(f"{name} points at {called}, as it did before.")
    else:
        click.echo(f"{name} points at {called}; until now it was {short(before.version)}{_since(before)}.")


def _remove(catalog: Catalog, name: str, note: str, *, json_only: bool) -> None:
    from steppe.wording import short

    if catalog.names.get(name) is None:
        raise UsageError(_unknown(catalog, name))
    before = catalog.names.drop(name, now=time.time(), author=_author(), note=note)
    was = before.version if before is not None else None
    if json_only:
        click.echo(json.dumps({"name": name, "version": None, "before": was}))
    else:
        click.echo(f"{name} is no name any more; it was {short(was or '')}{_since(before)}.")


def _list(catalog: Catalog, found: list[Name], *, json_only: bool) -> None:
    from steppe.wording import ago, short, table

    if json_only:
        rows = [{field: getattr(name, field) for field in name.__struct_fields__} for name in found]
        click.echo(json.dumps({"names": rows}))
        return
    if not found:
        click.echo("there are no names: `steppe name train.model production` gives the first.")
        return
    known = catalog.artifacts.among(name.version for name in found if name.version is not None)
    lines = []
    for name in found:
        artifact = known.get(name.version or "")
        what = (artifact.preview or artifact.type) if artifact is not None else ""
        where = short(name.version) if name.version is not None else "removed"
        lines.append((name.name, where, ago(time.time() - name.time), name.author, what[:40], name.note))
    click.echo(table(("name", "value", "since", "by", "what", "note"), lines))


def _author() -> str:
    from steppe.engine.session import user

    return user()


def _since(before: Name | None) -> str:
    from steppe.wording import ago

    if before is None:
        return ""
    return f" (since {ago(time.time() - before.time)}{f', by {before.author}' if before.author else ''})"


def _unknown(catalog: Catalog, name: str) -> str:
    from steppe.wording import nearest

    hint = nearest(name, (each.name for each in catalog.names.all())) or "there are no names yet."
    return f"there is no name `{name}`: {hint}"
