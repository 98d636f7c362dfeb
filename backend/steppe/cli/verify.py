"""`steppe verify`: executes past steps again, and compares what comes out with what is kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

MARKS = {"same": "✓", "differs": "✗", "failed": "✗", "skipped": "-"}


@click.command("verify")
@click.argument("id_", metavar="ID", shell_complete=completing.runs)
@click.option("--rtol", type=click.FloatRange(min=0), default=0.0, help="How far floats may differ, by their size.")
@click.option("--atol", type=click.FloatRange(min=0), default=0.0, help="How far floats may differ at all.")
@as_json
def command(id_: str, rtol: float, atol: float, json_only: bool) -> None:
    """Run a step run, or every step of a run, again without its notebook, and compare every output with what is kept.

    Nothing that is kept is touched, and files of the project are put back. Exits with 1 where something differs.
    """
    import msgspec

    from steppe.lineage.opened import opened
    from steppe.lineage.shown import named, steps_named
    from steppe.lineage.verify import Tolerance, Verdict, verify

    found: list[Verdict] = []
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        steps = steps_named(named(here.catalog, id_), here.catalog)
        for verdict in verify(steps, here, Tolerance(rtol=rtol, atol=atol)):
            found.append(verdict)
            if not json_only:
                _say(verdict)
    if json_only:
        rows = [{name: getattr(each, name) for name in Verdict.__struct_fields__} for each in found]
        click.echo(json.dumps({"steps": msgspec.to_builtins(rows)}))
    else:
        same = sum(verdict.status == "same" for verdict in found)
        click.echo(f"{same} of {len(found)} steps gave the same again.")
    if any(verdict.status in ("differs", "failed") for verdict in found):
        sys.exit(1)


def _say(verdict: object) -> None:
    from steppe.lineage.verify import Verdict

    assert isinstance(verdict, Verdict)
    told = ", ".join(verdict.differ)
    click.echo(f"{MARKS[verdict.status]} {verdict.step}  {verdict.status}{f': {told}' if told else ''}")
    for why in verdict.why:
        click.echo(f"    {why}")
