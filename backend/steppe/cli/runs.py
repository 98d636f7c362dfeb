"""`steppe runs`: the runs of a project, newest first."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.catalog import Catalog, RunFilter

STATUSES = ("running", "succeeded", "failed", "cancelled", "lost")
STYLES = {"succeeded": "green", "failed": "red", "lost": "red", "cancelled": "yellow", "running": "cyan"}


@click.command("runs")
@click.option("--notebook", metavar="NB", help="Only runs of this notebook: its path, file name or id.")
@click.option("--status", type=click.Choice(STATUSES), help="Only runs that ended so, or that still run.")
@click.option("--owner", metavar="USER", help="Only runs of this user.")
@click.option("--since", metavar="AGE", help="Only runs since then: 30m, 12h, 7d, or a date such as 2026-01-31.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to list.")
@as_json
def command(
    notebook: str | None, status: str | None, owner: str | None, since: str | None, limit: int, json_only: bool
) -> None:
    """List the runs of the project around the working directory, newest first."""
    from steppe.catalog import RunFilter
    from steppe.lineage.opened import opened
    from steppe.lineage.shown import run_document
    from steppe.notebooks.detached import settle

    began = None if since is None else moment(since, time.time())
    with opened(Path.cwd()) as here:
        found: list[dict[str, Any]] = []
        if here is not None:
            settle(here.project, here.store, here.catalog)
            runs = _runs(here.catalog, notebook, status, RunFilter(owner=owner, since=began), limit)
            tally = here.catalog.runs.tally([run.id for run in runs])
            found = [
                {**run_document(run), "steps": {str(state): count for state, count in tally[run.id].items()}}
                for run in runs
            ]
    if json_only:
        click.echo(json.dumps({"runs": found}))
    elif found:
        _print(found)
    elif notebook or status or owner or since:
        click.echo("no such runs: leave out --notebook, --status, --owner or --since to see others.")
    else:
        click.echo("no runs yet: `steppe run NOTEBOOK` makes the first, or a cell with %%step in Jupyter.")


def _runs(catalog: Catalog, notebook: str | None, status: str | None, which: RunFilter, limit: int) -> list[Any]:
    import msgspec

    from steppe.catalog import every
    from steppe.lineage.living import status_of

    found: list[Any] = []
    asked = "running" if status == "lost" else status  # a process that was killed has not written down its end
    which = msgspec.structs.replace(which, status=asked)
    for run in every(lambda after: catalog.runs.list(which, after=after, limit=200)):
        if (notebook is None or _is_of(run, notebook)) and status in (None, status_of(run)):
            found.append(run)
        if len(found) == limit:
            break
    return found


def _is_of(run: Any, notebook: str) -> bool:
    path = Path(run.path or run.notebook)
    return notebook in (run.notebook, run.path, path.name, path.stem) or Path(notebook).resolve() == path.resolve()


def moment(text: str, now: float) -> float:
    """Return the time, in seconds since 1970, that an age or a date means.

    Raises:
        UsageError: it is neither.
    """
    from datetime import datetime

    from steppe.analysis.quantities import duration

    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        length = duration(text)
    if not isinstance(length, int | float):
        raise UsageError(f"--since {text}: give an age such as 30m, 12h or 7d, or a date such as 2026-01-31.")
    return now - length


def _print(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from steppe.wording import ago, lasting

    several = len({run.get("owner") for run in found}) > 1
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("run", "status", "notebook", *(("owner",) if several else ()), "started", "took", "steps"):
        table.add_column(name, no_wrap=name in ("run", "status", "started"), overflow="fold")
    now = time.time()
    for run in found:
        status = run["status"]
        took = "" if run["ended"] is None else lasting(run["ended"] - run["started"])
        steps = ", ".join(f"{count} {state}" for state, count in run["steps"].items())
        where = escape(run["notebook"] if not run["notebook"].startswith("session:") else "a kernel")
        styled = f"[{STYLES.get(status, 'default')}]{status}[/]"
        owner = (escape(run.get("owner") or ""),) if several else ()
        table.add_row(run["run"][:14], styled, where, *owner, ago(now - run["started"]), took, steps)
    Console(highlight=False).print(table)
