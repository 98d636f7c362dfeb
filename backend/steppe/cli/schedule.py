"""`steppe schedule`: notebooks that run at set times."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError
from steppe.notebooks.marks import Steps

if TYPE_CHECKING:
    from steppe.catalog import Catalog, Schedule


class _Group(click.Group):
    """A group whose first word may be a notebook: that makes a schedule."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Have `schedule NB …` mean `schedule make NB …`."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group("schedule", cls=_Group)
def command() -> None:
    """Run a notebook at set times: `steppe schedule NOTEBOOK --cron "0 6 * * 1"` makes a schedule.

    `steppe scheduler` runs what schedules say.
    """


@contextmanager
def _catalog(start: Path) -> Iterator[tuple[Catalog, str]]:
    from steppe.catalog import open_catalog
    from steppe.settings import load_project, make_state

    project = load_project(start, os.environ)
    with open_catalog(project.settings.catalog or str(make_state(project) / "catalog.db")) as catalog:
        yield catalog, project.root


def _seconds(option: str, text: str) -> float:
    from steppe.analysis.quantities import duration

    found = 0.0 if text.strip() in ("0", "0s") else duration(text)
    if not isinstance(found, int | float):
        raise UsageError(f"{option} {text}: give a length of time such as 90s, 15m or 2h.")
    return float(found)


@command.command("make")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--cron", required=True, metavar="LINE", help='When: "0 6 * * 1" is Mondays at 6.')
@click.option("--tz", "zone", default=None, metavar="ZONE", help="The time zone of --cron.  [default: this machine's]")
@click.option("--name", default="", metavar="NAME", help="What to call it.  [default: the notebook's]")
@click.option(
    "-p", "--parameter", "pairs", multiple=True, metavar="NAME=VALUE", help="A parameter; {scheduled} is the due time."
)
@click.option(
    "--catch-up",
    type=click.Choice(["latest", "all", "skip"]),
    default="latest",
    show_default=True,
    help="Which of the times run that were missed while no scheduler ran.",
)
@click.option(
    "--parallel", type=click.IntRange(min=1), default=1, show_default=True, help="Runs that may go on at once."
)
@click.option("--jitter", default="0s", metavar="TIME", help="Spread starts over this long.")
@click.option(
    "--retries", type=click.IntRange(min=0), default=0, show_default=True, help="Tries after one that failed."
)
@click.option(
    "--retry-wait",
    default="1m",
    show_default=True,
    metavar="TIME",
    help="Before the first retry; it doubles, up to a day.",
)
@click.option("--late", default="15m", show_default=True, metavar="TIME", help="What has not begun by then is late.")
@click.option("--webhook", "webhooks", multiple=True, metavar="URL", help="Tell failures, lateness, recovery there.")
@click.option("--slack", multiple=True, metavar="URL", help="Likewise, to an incoming webhook of Slack.")
@click.option(
    "--steps", type=click.Choice([steps.value for steps in Steps]), default=Steps.TAGGED.value, help="See `steppe run`."
)
@click.option("--on", default="", metavar="EXECUTOR", help="Where steps run that name none; kubernetes: a CronJob.")
@click.option("--profile", default="", metavar="NAME", help="With --on kubernetes: what the driver's pod is like.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="How many steps may run side by side.")
@click.option("--kernel", default="", metavar="NAME", help="The kernel's name, instead of the notebook's own.")
@click.option("--replace", is_flag=True, help="Change the schedule of that name.")
@as_json
def make_schedule(
    notebook: Path,
    zone: str | None,
    name: str,
    pairs: tuple[str, ...],
    catch_up: str,
    jitter: str,
    retry_wait: str,
    late: str,
    on: str,
    profile: str,
    replace: bool,
    json_only: bool,
    **others: Any,
) -> None:
    """Have NOTEBOOK run at the times that --cron says, as `steppe run` runs it.

    With --on kubernetes, a CronJob of the cluster runs it, in a copy of the project as it is now.
    """
    from steppe.catalog import Schedule
    from steppe.notebooks.source import read
    from steppe.schedules.making import make
    from steppe.schedules.parameters import parsed
    from steppe.schedules.there import make_there
    from steppe.schedules.times import machine_zone

    read(notebook)  # what is no notebook is refused before a catalog is made for it
    with _catalog(notebook.parent) as (catalog, root):
        schedule = Schedule(
            id="",
            name=name or notebook.stem,
            root=root,
            notebook=str(notebook),
            zone=zone or machine_zone(),
            parameters=parsed(pairs),
            catchup=catch_up,
            jitter=_seconds("--jitter", jitter),
            retry_wait=_seconds("--retry-wait", retry_wait),
            late=_seconds("--late", late),
            on="" if on == "kubernetes" else on,
            where="kubernetes" if on == "kubernetes" else "",
            **others,
        )
        if profile and not schedule.where:
            raise UsageError("--profile is for --on kubernetes: it tells of the pod that drives the run.")
        made = make_there(catalog, root, schedule, profile, replace=replace) if schedule.where else None
        made = made or make(catalog, root, schedule, replace=replace)
        if json_only:
            click.echo(json.dumps(_document(catalog, made)))
        else:
            _print(catalog, made)
            _say_who_runs(catalog, root, made)


@command.command("list")
@as_json
def list_schedules(json_only: bool) -> None:
    """List the schedules of the project around the working directory."""
    from steppe.schedules.there import settled
    from steppe.wording import table

    with _catalog(Path.cwd()) as (catalog, root):
        _warn(settled(catalog, root))
        found = [_document(catalog, schedule, dues=1) for schedule in catalog.schedules.all(root)]
    if json_only:
        click.echo(json.dumps({"schedules": found}))
        return
    if not found:
        click.echo('no schedules yet: `steppe schedule NOTEBOOK --cron "0 6 * * 1"` makes one.')
        return
    rows = [
        (s["name"], s["notebook"], s["cron"], s["zone"], "paused" if s["paused"] else s["next"][0], _last(s))
        for s in found
    ]
    click.echo(table(("name", "notebook", "cron", "zone", "next", "last"), rows))


def _last(document: dict[str, Any]) -> str:
    return f"{document['dues'][0]['state']} {document['dues'][0]['due']}" if document["dues"] else ""


@command.command("show")
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many past times to show.")
@as_json
def show_schedule(name: str, limit: int, json_only: bool) -> None:
    """Show a schedule: its next times, what became of the last ones, and where their notebooks are."""
    from steppe.schedules.making import named
    from steppe.schedules.there import settled

    with _catalog(Path.cwd()) as (catalog, root):
        schedule = named(catalog, root, name)
        _warn(settled(catalog, root, name))
        if json_only:
            click.echo(json.dumps(_document(catalog, schedule, dues=limit)))
        else:
            _print(catalog, schedule, dues=limit)
            _say_who_runs(catalog, root, schedule)


@command.command("pause")
@click.argument("name")
@as_json
def pause_schedule(name: str, json_only: bool) -> None:
    """Have a schedule not be due any more; what runs goes on."""
    from steppe.schedules.making import named, pause
    from steppe.schedules.there import suspended

    with _catalog(Path.cwd()) as (catalog, root):
        suspended(named(catalog, root, name), over=True)
        pause(catalog, root, name)
        if json_only:
            click.echo(json.dumps(_document(catalog, named(catalog, root, name))))


@command.command("resume")
@click.argument("name")
@as_json
def resume_schedule(name: str, json_only: bool) -> None:
    """Have a paused schedule be due again, from now on; `backfill` runs what it left out."""
    from steppe.schedules.making import named, resume
    from steppe.schedules.there import suspended

    with _catalog(Path.cwd()) as (catalog, root):
        suspended(named(catalog, root, name), over=False)
        resume(catalog, root, name)
        if json_only:
            click.echo(json.dumps(_document(catalog, named(catalog, root, name))))


@command.command("remove")
@click.argument("name")
@as_json
def remove_schedule(name: str, json_only: bool) -> None:
    """Remove a schedule; a run of it that goes on is interrupted, and those that ended stay in `steppe runs`."""
    from steppe.schedules.making import named
    from steppe.schedules.there import removed

    with _catalog(Path.cwd()) as (catalog, root):
        schedule = named(catalog, root, name)
        removed(catalog, schedule)
        catalog.schedules.remove(schedule.id)
    if json_only:
        click.echo(json.dumps({"removed": name}))


@command.command("run")
@click.argument("name")
@as_json
def run_schedule(name: str, json_only: bool) -> None:
    """Have a schedule run now, beside its own times."""
    from steppe.schedules.making import named, run_now
    from steppe.schedules.there import run_there
    from steppe.schedules.times import shown

    with _catalog(Path.cwd()) as (catalog, root):
        schedule = named(catalog, root, name)
        due = run_there(catalog, schedule) or run_now(catalog, schedule)
        if json_only:
            click.echo(json.dumps({"due": due.due}))
        else:
            click.echo(f"due {shown(due.due, schedule.zone)}")
            _say_who_runs(catalog, root, schedule)


@command.command("backfill")
@click.argument("name")
@click.option("--from", "since", required=True, metavar="TIME", help="From this date or time on, in its time zone.")
@click.option("--to", "until", required=True, metavar="TIME", help="To this one; a date means to its end.")
@click.option("--again", is_flag=True, help="Run those once more that have succeeded.")
@as_json
def backfill_schedule(name: str, since: str, until: str, again: bool, json_only: bool) -> None:
    """Run a schedule's times in a range of the past; {scheduled} is each of those times."""
    from steppe.schedules.making import backfill, named
    from steppe.schedules.times import shown

    with _catalog(Path.cwd()) as (catalog, root):
        schedule = named(catalog, root, name)
        if schedule.where:
            raise UsageError(f"{name} is a CronJob, which has no backfill: run its notebook with `steppe run -p`.")
        first, last = _moment("--from", since, schedule.zone), _moment("--to", until, schedule.zone, end=True)
        if last < first:
            raise UsageError(f"--to {until} is before --from {since}.")
        found = backfill(catalog, schedule, first, last, again=again)
        if json_only:
            click.echo(json.dumps({"dues": [due.due for due in found]}))
            return
        for due in found:
            click.echo(f"due {shown(due.due, schedule.zone)}")
        if not found:
            click.echo("nothing to do: no time of it is in that range, or all have succeeded (--again runs them).")
        _say_who_runs(catalog, root)


def _moment(option: str, text: str, zone: str, *, end: bool = False) -> float:
    from steppe.schedules.times import moment_of

    try:
        return moment_of(text, zone, end=end)
    except ValueError as error:
        raise UsageError(f"{option} {text}: give a date or a time such as 2026-05-03 or 2026-05-03T06:00.") from error


def _document(catalog: Catalog, schedule: Schedule, dues: int = 0) -> dict[str, Any]:
    from steppe.schedules.shown import schedule_document

    return schedule_document(catalog, schedule, dues=dues)


def _print(catalog: Catalog, schedule: Schedule, dues: int = 0) -> None:
    from steppe.wording import table

    told = _document(catalog, schedule, dues=dues)
    there = f" by a CronJob in {schedule.namespace}" if schedule.where else ""
    click.echo(f"{told['name']}: {told['notebook']} at {told['cron']!r} ({told['zone']}){there}")
    for name, text in told["parameters"].items():
        click.echo(f"  {name} = {text}")
    click.echo("paused" if told["paused"] else "next: " + ", ".join(islice(told["next"], 3)))
    if told["dues"]:
        rows = [(d["due"], d["state"], d["run"][:14], d["output"] or d["error"]) for d in told["dues"]]
        click.echo(table(("due", "state", "run", "notebook or error"), rows))


def _warn(problems: list[str]) -> None:
    for problem in problems:
        click.echo(f"the cluster can't be asked, this is what was known last: {problem}", err=True)


def _say_who_runs(catalog: Catalog, root: str, schedule: Schedule | None = None) -> None:
    if schedule is not None and schedule.where:
        return
    from steppe.engine.holder import alive
    from steppe.schedules.lease import runs

    if not runs(catalog, root, alive):
        click.echo("no scheduler runs for this project: start one with `steppe scheduler`.", err=True)
