"""`steppe gc`: removes what nothing needs, and keeps the Store to its limit."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli.asking import as_json

if TYPE_CHECKING:
    from steppe.lineage.holding import Hold

LISTED = 30
"""How many results that are held are listed."""


@click.command("gc")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what would be removed.")
@click.option(
    "--limit", metavar="SIZE", help="What the store may hold, such as 20GiB; the project's setting otherwise."
)
@as_json
def command(dry: bool, limit: str | None, json_only: bool) -> None:
    """Remove bytes that nothing needs, and results while the store is over its limit: the cheapest to make again first.

    What is pinned stays with all that led to it, what is named with what loading it needs, and so does all that a
    running session uses, and what [tool.steppe.retention] keeps. --dry-run lists what is held, and what holds it.
    """
    import msgspec

    from steppe.engine.session import EXECUTORS, make_executor
    from steppe.lineage.gc import FORGOTTEN, Swept, sweep
    from steppe.lineage.logs import sweep as sweep_logs
    from steppe.lineage.opened import opened
    from steppe.wording import sized

    asked = None if limit is None else _size(limit)
    with opened(Path.cwd()) as here:
        if here is None:
            done, attempts = Swept(dry=dry, limit=asked or 0), 0
        else:
            most = here.project.settings.limit if asked is None else asked
            done = sweep(here.catalog, here.store, most, rules=here.project.settings.retention, dry=dry)
            if not dry:
                sweep_logs(here.project.state, time.time())
            attempts = sum(make_executor(name, here.project).sweep(FORGOTTEN, dry=dry) for name in EXECUTORS)
    if json_only:
        fields = ("entries", "blobs", "freed", "kept", "limit", "waiting", "held", "dry")
        holds = msgspec.to_builtins(done.holds)
        click.echo(json.dumps({**{name: getattr(done, name) for name in fields}, "attempts": attempts, "holds": holds}))
        return
    if here is None:
        click.echo("nothing is kept here yet, so there is nothing to remove.")
        return
    verb = "would be" if dry else "were"
    click.echo(f"{done.entries} results and {done.blobs} blobs {verb} removed: {sized(done.freed)} {verb} freed.")
    click.echo(f"the store {'would hold' if dry else 'holds'} {sized(done.kept)}; its limit is {sized(done.limit)}.")
    if done.waiting:
        click.echo(f"{sized(done.waiting)} that nothing needs are younger than an hour, and go after that.")
    if attempts:
        click.echo(f"{attempts} folders of attempts that are over and that no kernel asks for {verb} removed.")
    if done.held:
        click.echo(f"{done.held} results are held by pins, names, retention or running sessions.")
    if dry:
        _say_holds(done.holds)


def _say_holds(holds: tuple[Hold, ...]) -> None:
    """List what is held, the largest first."""
    from steppe.wording import sized, table

    rows = [(sized(hold.bytes), hold.step, hold.step_run[:14], "; ".join(hold.why)) for hold in holds[:LISTED]]
    if rows:
        click.echo(f"\nheld, whatever the limit is ({sized(sum(hold.bytes for hold in holds))}):")
        click.echo(table(("size", "step", "step run", "why"), rows))
    if len(holds) > LISTED:
        click.echo(f"and {len(holds) - LISTED} smaller ones: --json lists all.")


def _size(text: str) -> int:
    from steppe.analysis.quantities import size

    found = size(text)
    if found is None:
        raise click.BadParameter(f"`{text}` is no size. Give one such as 500MB or 20GiB.", param_hint="--limit")
    return int(found)
