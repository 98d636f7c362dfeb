"""`steppe verify`: executes past steps again, and compares what comes out with what is kept."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from steppe.cli import completing
from steppe.cli.asking import as_json
from steppe.errors import UsageError

if TYPE_CHECKING:
    from steppe.lineage.closeness import Tolerance
    from steppe.lineage.opened import Opened
    from steppe.lineage.sampled import Sample
    from steppe.lineage.verify import Verdict

MARKS = {"same": "✓", "differs": "✗", "failed": "✗", "skipped": "-"}


@click.command("verify")
@click.argument("id_", metavar="[ID]", required=False, shell_complete=completing.runs)
@click.option("--sample", metavar="PERCENT", help="Take a sample of what was hit lately instead, such as 1%.")
@click.option(
    "--days", type=click.IntRange(min=1), default=1, show_default=True, help="For --sample: how far back hits count."
)
@click.option("--list", "listed", is_flag=True, help="List what came of all samples so far.")
@click.option("--rtol", type=click.FloatRange(min=0), default=0.0, help="How far floats may differ, by their size.")
@click.option("--atol", type=click.FloatRange(min=0), default=0.0, help="How far floats may differ at all.")
@click.option("--env", "env", type=click.Choice(["lock"]), help="Execute with the packages that the run had.")
@click.option("--trust", is_flag=True, help="Run code that came in a bundle of somebody whom you have not trusted.")
@as_json
def command(
    id_: str | None,
    sample: str | None,
    days: int,
    listed: bool,
    rtol: float,
    atol: float,
    env: str | None,
    trust: bool,
    json_only: bool,
) -> None:
    """Run a step run, or every step of a run, again without its notebook, and compare every output with what is kept.

    Outputs are the values that it binds, the files that it writes, and what it shows: text, tables, pictures.

    Nothing that is kept is touched, and files of the project are put back. Exits with 1 where something differs.

    --sample takes executions whose results were hit in the last days, another sample each day, and writes down what
    comes of them; asked again on a day, it runs none of them twice.
    """
    from steppe.lineage.closeness import Tolerance
    from steppe.lineage.opened import opened
    from steppe.lineage.sampled import Sample, share_of

    if (id_ is not None) + (sample is not None) + listed != 1:
        raise UsageError("give a run or a step run, or one of --sample PERCENT and --list.")
    if env is not None and id_ is None:
        raise UsageError("--env lock is for a run or a step run: each has a lock of its own.")
    share = share_of(sample) if sample is not None else 0.0
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        tolerance = Tolerance(rtol=rtol, atol=atol)
        if listed:
            _list(here, json_only=json_only)
            return
        if id_ is not None:
            found = compared(id_, here, tolerance, in_lock=env is not None, trust=trust, json_only=json_only)
            more: dict[str, object] = {}
        else:
            chosen = Sample(here, share, days, time.time())
            more = {"day": chosen.day, "hit": len(chosen.hit), "sample": len(chosen.chosen)}
            found = _audited(chosen, str(sample), days, tolerance, json_only=json_only)
    end(found, more, json_only=json_only)


def compared(
    id_: str, here: Opened, tolerance: Tolerance, *, in_lock: bool, trust: bool, json_only: bool
) -> list[Verdict]:
    """Execute a run or a step run again, and say what came of it; with the packages of its lock, where asked."""
    from steppe.lineage.shown import named, steps_named
    from steppe.lineage.verify import verify
    from steppe.sharing.origin import doubts

    steps = steps_named(named(here.catalog, id_), here.catalog)
    doubt: Callable[[str], str] = (lambda _: "") if trust else doubts(here.catalog)
    python = sys.executable
    if in_lock and steps:
        from steppe.lineage.rebuilt import environment, lock_of

        run = here.catalog.runs.get(steps[0].run)
        if run is None:
            raise UsageError(f"the run of {id_} is not known any more.")
        python = environment(lock_of(run, here), steps, here, lambda said: click.echo(said, err=True))
    return _told(verify(steps, here, tolerance, python=python, doubt=doubt), json_only)


def end(found: list[Verdict], more: dict[str, object], *, json_only: bool) -> None:
    """Print what came of all, and exit with 1 where something differs."""
    if json_only:
        click.echo(json.dumps({**more, "steps": [_row(verdict) for verdict in found]}))
    else:
        same = sum(verdict.status == "same" for verdict in found)
        click.echo(f"{same} of {len(found)} steps gave the same again.")
    if any(verdict.status in ("differs", "failed") for verdict in found):
        sys.exit(1)


def _audited(chosen: Sample, share: str, days: int, tolerance: Tolerance, *, json_only: bool) -> list[Verdict]:
    if not json_only:
        lately = "the last day" if days == 1 else f"the last {days} days"
        hit = f"{len(chosen.chosen)} of the {len(chosen.hit)} executions that were hit in {lately}"
        click.echo(f"the sample of {share} of {chosen.day} has {hit}.")
    return _told((audit.verdict for audit in chosen.audit(tolerance)), json_only)


def _told(verdicts: Iterator[Verdict], quiet: bool) -> list[Verdict]:
    """Return verdicts, each said when it is there."""
    found = []
    for verdict in verdicts:
        found.append(verdict)
        if not quiet:
            _say(verdict)
    return found


def _row(verdict: Verdict) -> dict[str, object]:
    import msgspec

    row: dict[str, object] = msgspec.to_builtins({name: getattr(verdict, name) for name in verdict.__struct_fields__})
    return row


def _say(verdict: Verdict) -> None:
    told = ", ".join(verdict.differ)
    click.echo(f"{MARKS[verdict.status]} {verdict.step}  {verdict.status}{f': {told}' if told else ''}")
    for line in (*verdict.how, *verdict.why):
        click.echo(f"    {line}")


def _list(here: Opened, *, json_only: bool) -> None:
    """List what came of all samples, the newest last."""
    from steppe.lineage.sampled import audits
    from steppe.wording import table

    found = audits(here)
    if json_only:
        rows = [{"day": audit.day, "time": audit.time, "run": audit.run, **_row(audit.verdict)} for audit in found]
        click.echo(json.dumps({"audits": rows}))
        return
    if not found:
        click.echo("nothing was audited yet: `steppe verify --sample 1%` does so, best each day.")
        return
    lines = []
    for audit in found:
        verdict = audit.verdict
        told = ", ".join(verdict.differ) or "; ".join(verdict.why)
        lines.append((audit.day, f"{MARKS[verdict.status]} {verdict.status}", verdict.step, verdict.id[:14], told))
    click.echo(table(("day", "came out", "step", "step run", "what"), lines))
