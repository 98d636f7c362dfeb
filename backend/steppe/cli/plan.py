"""`steppe plan`: which steps would hit and which would run, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from steppe.cli.asking import as_json, notebook_options

SIGNS = {"hit": ("=", "cyan"), "run": ("▶", "yellow"), "unknown": ("?", "magenta")}


@click.command("plan")
@click.argument("notebook", type=click.Path(path_type=Path))
@notebook_options
@as_json
def command(
    notebook: Path,
    asked: dict[str, Any],
    json_only: bool,
) -> None:
    """Tell what `steppe run NOTEBOOK` would do with each step: hit, run, or unknown. Nothing is executed.

    A step is unknown where it depends on what only the kernel can tell, such as a value that a plain cell makes.
    """
    from steppe.notebooks.planning import documents, plan_notebook

    outlooks = plan_notebook(notebook, **asked)
    found = documents(outlooks)
    if json_only:
        click.echo(json.dumps({"notebook": str(notebook), "steps": found}))
    elif found:
        _print(found)
    else:
        click.echo(f"{notebook} has no steps: give --steps all for every cell to be one, or begin cells with %%step.")


def _print(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape

    from steppe.wording import lasting

    console = Console(highlight=False)
    for step in found:
        sign, style = SIGNS[step["plan"]]
        if step["plan"] == "hit":
            took = f"saves {lasting(step['saves'])}"
        else:
            took = "" if step["seconds"] is None else f"about {lasting(step['seconds'])}"
        part = f" ({step['part'] + 1})" if step["part"] else ""
        why = f"  [dim]{escape('; '.join(step['why']))}[/]" if step["why"] else ""
        console.print(f"[{style}]{sign}[/] {escape(step['name'])}{part}  {step['plan']} {took}{why}", soft_wrap=True)
    known = [step["seconds"] for step in found if step["seconds"] is not None]
    never = sum(1 for step in found if step["seconds"] is None)
    counts = ", ".join(
        f"{count} {word}" for word in SIGNS if (count := sum(1 for step in found if step["plan"] == word))
    )
    after = f", and {never} that never ran" if never else ""
    console.print(f"{counts}: about {lasting(sum(known))}{after}", soft_wrap=True)
