"""`steppe pin`: what `steppe gc` has to keep, with all that led to it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.catalog import Catalog
    from steppe.lineage.opened import Opened


@click.command("pin")
@click.argument("what", required=False, shell_complete=completing.runs)
@click.option("--note", default="", metavar="TEXT", help="Why it is to be kept.")
@click.option("--list", "listed", is_flag=True, help="List what is pinned.")
@as_json
def command(what: str | None, note: str, listed: bool, json_only: bool) -> None:
    """Keep WHAT, with all executions and values that led to it: `steppe gc` leaves them until `steppe unpin`.

    WHAT is a run, a step run or a value: a name, `step.variable`, STEPRUN:variable, a version; the beginning of an id
    is enough.
    """
    from steppe.lineage.opened import opened

    if (what is None) != listed:
        raise UsageError("give a run, a step run or a value to pin, or --list.")
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        if what is None:
            _list(here.catalog, json_only=json_only)
        else:
            _pin(here, what, note, json_only=json_only)


def _pin(here: Opened, what: str, note: str, *, json_only: bool) -> None:
    from steppe.catalog import Pin
    from steppe.lineage.holding import Holding, said
    from steppe.lineage.pins import touch
    from steppe.naming import thing_meant
    from steppe.wording import sized

    kind, target = thing_meant(here.catalog, here.store, what)
    pin = Pin(kind=kind, target=target, reason=note, time=time.time())
    here.catalog.names.pin(pin)
    holding = Holding(here.catalog, here.store)
    holding.pin(pin, "it")
    touch(here.catalog, holding, time.time())
    holds = [hold for hold in holding.holds() if hold.bytes]
    size, lost = sum(hold.bytes for hold in holds), list(holding.lost.get("it", ()))
    if json_only:
        told = {"kind": kind, "target": target, "results": len(holds), "bytes": size, "lost": lost}
        click.echo(json.dumps(told))
        return
    click.echo(f"{said(pin)} is pinned: {len(holds)} results stay, {sized(size)}.")
    if lost:
        click.echo(f"no longer kept of what led to it: what {', '.join(f'`{name}`' for name in lost)} left.")


def _list(catalog: Catalog, *, json_only: bool) -> None:
    from steppe.lineage.holding import said
    from steppe.wording import ago, table

    pins = catalog.names.pins()
    if json_only:
        rows = [{"kind": pin.kind, "target": pin.target, "note": pin.reason, "time": pin.time} for pin in pins]
        click.echo(json.dumps({"pins": rows}))
    elif pins:
        click.echo(
            table(("pinned", "since", "note"), [(said(pin), ago(time.time() - pin.time), pin.reason) for pin in pins])
        )
    else:
        click.echo("nothing is pinned: `steppe pin RUN` keeps a run, with all that led to it.")
