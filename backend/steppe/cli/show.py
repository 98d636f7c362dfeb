"""`steppe show`: all that is known of a run, a step run, an artifact or a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.lineage.opened import Opened


@click.command("show")
@click.argument("id_", metavar="ID", shell_complete=completing.runs)
@as_json
def command(id_: str, json_only: bool) -> None:
    """Show what ID names: a run, a step run, an artifact's version or a key; its beginning is enough."""
    from steppe.lineage.opened import opened
    from steppe.lineage.resources import ray_tasks
    from steppe.lineage.shown import named, shown

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        what = named(here.catalog, id_)
        found = shown(what, here.catalog, here.store)
        if what.kind == "step_run":
            found["rerunnable"] = _rerunnable(what.id, here)
            found["ray tasks"] = ray_tasks(here.catalog, here.project.state, what.id)
    if json_only:
        click.echo(json.dumps(found))
        return
    from rich.console import Console

    console = Console(highlight=False)
    for name, value in found.items():
        if value not in (None, "", [], {}, ()):
            _section(console, name, value)


def _rerunnable(id_: str, here: Opened) -> str:
    """Say whether a step can run again without its notebook, or why not."""
    from steppe.lineage.rerun import refusals
    from steppe.sharing.origin import doubts

    step = here.catalog.step_runs.get(id_)
    assert step is not None
    reasons = refusals(step, here, doubts(here.catalog))
    return f"not, because {'; '.join(reasons)}" if reasons else "yes"


def _section(console: Any, name: str, value: Any) -> None:
    if name in ("started", "ended", "created", "expires"):
        value = _time(value)
    if isinstance(value, dict):
        console.print(name, style="bold", markup=False)
        for key, item in value.items():
            console.print(f"  {key}: {_one(item)}", markup=False, soft_wrap=True)
    elif isinstance(value, list):
        console.print(name, style="bold", markup=False)
        for item in value:
            console.print(f"  {_one(item)}", markup=False, soft_wrap=True)
    elif isinstance(value, str) and "\n" in value.strip():
        console.print(name, style="bold", markup=False)
        for line in value.strip("\n").split("\n"):
            console.print(f"  {line}", markup=False, soft_wrap=True)
    else:
        console.print(f"[bold]{name}[/] ", end="")
        console.print(str(value), markup=False, soft_wrap=True)


def _one(item: Any) -> str:
    """Say a row: what it is called first, then what is known of it."""
    if not isinstance(item, dict):
        return str(item)
    said = []
    for name, value in item.items():
        if value in (None, "", [], {}, ()):
            continue
        text = _time(value) if name in ("started", "ended", "created", "expires") else value
        if isinstance(text, list):
            text = ", ".join(map(_one, text))
        elif isinstance(text, dict):
            text = _one(text)
        said.append(
            str(text) if name in ("id", "name", "status", "kind", "why", "path", "preview") else f"{name} {text}"
        )
    return "  ".join(said)


def _time(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
