"""`steppe why`: which ingredient of a step has changed, with what it was and what it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli import completing
from steppe.cli.asking import as_json, notebook_options

if TYPE_CHECKING:
    from steppe.engine.outlook import Outlook


@click.command("why")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.argument("step", shell_complete=completing.steps)
@notebook_options
@as_json
def command(
    notebook: Path,
    step: str,
    asked: dict[str, Any],
    json_only: bool,
) -> None:
    """Tell what has changed for STEP of NOTEBOOK since it last had a result.

    If nothing has, tell why that result was made. The first line names what matters most.
    """
    from steppe.lineage.opened import opened
    from steppe.notebooks.planning import outlook_of, plan_notebook

    outlooks = plan_notebook(notebook, **asked)
    chosen = outlook_of(outlooks, step, notebook)
    with opened(Path(os.path.abspath(notebook)).parent) as here:
        found = [_document(item, None if here is None else here.catalog) for item in chosen]
    if json_only:
        click.echo(json.dumps({"notebook": str(notebook), "step": chosen[0].name, "cells": found}))
        return
    for number, document in enumerate(found):
        if len(found) > 1:
            click.echo(f"{chosen[0].name}, cell {number + 1}:")
        _print(document)


def _document(item: Outlook, catalog: Any) -> dict[str, Any]:
    """Tell of one cell: of the plan where that says that something has changed, else of its latest resolution."""
    from steppe.engine.outlook import Hit
    from steppe.lineage.why import differences, last_two, told
    from steppe.notebooks.planning import word_of

    document = {"cell": item.cell, "part": item.part, "plan": word_of(item), "state": None, "run": None}
    before = item.before
    if not isinstance(item.decision, Hit):
        differ = differences(before, item.now) if before is not None and item.now.ingredients else []
        return {**document, "of": "plan", "why": list(item.decision.reasons), "changes": differ}
    assert before is not None
    last = catalog.step_runs.last(before.step, part=before.part) or before
    shown = catalog.step_runs.get(last.entry) if last.entry else last  # a hit: why its result was made
    shown = shown or last
    earlier = last_two(catalog, shown)
    return {
        **document,
        "of": "result",
        "state": str(last.state),
        "run": last.run,
        "why": told(earlier, shown),
        "changes": differences(earlier, shown) if earlier is not None else [],
    }


def _print(document: dict[str, Any]) -> None:
    from steppe.wording import short

    click.echo(document["why"][0])
    for line in document["why"][1:]:
        click.echo(line)
    if document["of"] == "result":
        click.echo("(so it was when its result was made; nothing has changed since: it would hit)")
    elif document["plan"] == "unknown":
        click.echo("(only the kernel can tell whether it would run)")
    for change in document["changes"]:
        old, new = (short(value) if value is not None else "none" for value in (change["old"], change["new"]))
        parts = f" ({', '.join(change['parts'][:8])})" if change["parts"] else ""
        click.echo(f"  {change['kind']} {change['name']}{parts}: {old} → {new}")
