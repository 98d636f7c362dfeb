"""`steppe rerun`: a past run, or a step of one, again, without its notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steppe.cli import completing
from steppe.cli.asking import as_json, parameters_of
from steppe.cli.outcome import end_with, lines_of
from steppe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from steppe.lineage.change import Change
    from steppe.lineage.opened import Opened
    from steppe.notebooks.again import Way
    from steppe.notebooks.events import Progress
    from steppe.notebooks.outcome import Outcome
    from steppe.types import StepRun


@click.command("rerun")
@click.argument("id_", metavar="RUN", shell_complete=completing.runs)
@click.option("--from", "start", default="", metavar="STEP", help="Run this step and all after it, hits or not.")
@click.option("--scratch", is_flag=True, help="Run every step, though nothing has changed.")
@click.option("--failed", is_flag=True, help="Run what has failed and what hangs on it, inside the same run.")
@click.option("-p", "--parameter", "pairs", nargs=2, multiple=True, metavar="NAME VALUE", help="Another value.")
@click.option("--code", "codes", multiple=True, metavar="STEP=FILE", help="Other code for a step's cell.")
@click.option("--anyway", is_flag=True, help="Run it although files or variables of the environment have changed.")
@click.option("--env", type=click.Choice(["lock"]), help="Only compare, with the packages that the run had.")
@click.option("--trust", is_flag=True, help="Run code that came in a bundle of somebody whom you have not trusted.")
@as_json
def command(
    id_: str,
    start: str,
    scratch: bool,
    failed: bool,
    pairs: tuple[tuple[str, str], ...],
    codes: tuple[str, ...],
    anyway: bool,
    env: str | None,
    trust: bool,
    json_only: bool,
) -> None:
    """Run RUN, a run or a step run, again, without its notebook: same code, same inputs.

    Its steps get the keys that a kernel gives them, so that what has not changed is a hit, and what runs is a hit for
    notebooks. What can't run again is refused with the reason, as `steppe show` says it.

    With --env lock, each step is executed in an environment with the packages of the run's lock, made by uv, and
    compared with what is kept, as `steppe verify` does: nothing is written down.

    Exit code 0: every step succeeded. 1: one failed. 2: nothing was run. 130: it was interrupted.
    """
    from steppe.lineage.change import Change
    from steppe.lineage.opened import opened

    if (start != "") + scratch + failed > 1:
        raise UsageError("--from, --scratch and --failed say what is run: give one of them.")
    parameters = parameters_of(pairs, ())
    if failed and parameters:
        raise UsageError("--failed goes on inside the run, with its parameters: without it, -p makes a new run.")
    change = Change(parameters=parameters, code=_code(codes), start=start, failed=failed, anyway=anyway)
    if env is not None:
        if change != Change() or scratch:
            raise UsageError("--env lock runs every step and compares: give nothing else beside it.")
        _in_lock(id_, trust=trust, json_only=json_only)
        return
    lines = lines_of(json_only=json_only)
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        try:
            outcome = _again(id_, change, here, None if lines is None else lines.show, scratch=scratch, trust=trust)
        finally:
            if lines is not None:
                lines.stop()
    end_with(outcome, lines)


def _in_lock(id_: str, *, trust: bool, json_only: bool) -> None:
    """Execute with the packages of the lock, and compare."""
    from steppe.cli.verify import compared, end
    from steppe.lineage.closeness import Tolerance
    from steppe.lineage.opened import opened

    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: `steppe run NOTEBOOK` makes the first run.")
        found = compared(id_, here, Tolerance(), in_lock=True, trust=trust, json_only=json_only)
    end(found, {}, json_only=json_only)


def _code(codes: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in codes:
        step, sign, file = each.partition("=")
        if not sign or not step or not file:
            raise UsageError(f"--code {each}: give a step and a file, such as --code train=train.py.")
        try:
            found[step] = Path(file).read_text("utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--code {step}: {file} can't be read ({error}).") from error
    return found


def _again(id_: str, change: Change, here: Opened, show: Progress | None, *, scratch: bool, trust: bool) -> Outcome:
    """Run what an id names again."""
    from steppe.lineage.living import settled, status_of
    from steppe.lineage.rerun import refusals
    from steppe.lineage.shown import named, steps_named
    from steppe.notebooks.again import Way, kept_document
    from steppe.sharing.origin import doubts

    what = named(here.catalog, id_)
    steps = settled(here.catalog, steps_named(what, here.catalog))
    run = here.catalog.runs.get(what.id if what.kind == "run" else steps[0].run)
    if run is None:
        raise UsageError(f"the run of {id_} is not known any more.")
    if what.kind == "step_run" and (change.start or change.failed):
        raise UsageError(f"{'--from' if change.start else '--failed'} is for runs, and {id_} is one step of one.")
    if status_of(run) == "running":
        raise UsageError(f"the run {run.id} still runs: wait for its end, or end it.")
    doubt: Callable[[str], str] = (lambda _: "") if trust else doubts(here.catalog)
    if what.kind == "step_run" and (reasons := refusals(steps[0], here, doubt, anyway=change.anyway)):
        raise UsageError(f"not rerunnable, because {'; '.join(reasons)}.")
    way = Way(run=run, project=here.project, parameters=change.parameters, repairs=change.failed)
    document = kept_document(run, here.project) if what.kind == "run" and not doubt(run.id) else None
    if document is not None:
        return _by_document(document, steps, change, way, here, show, scratch=scratch)
    return _by_steps(steps, change, way, here, show, scratch=scratch, doubt=doubt)


def _by_document(
    document: Any, steps: list[StepRun], change: Change, way: Way, here: Opened, show: Progress | None, *, scratch: bool
) -> Outcome:
    """Run the notebook that was kept with a headless run."""
    import msgspec

    from steppe.lineage.change import named
    from steppe.lineage.laying import FAILED
    from steppe.lineage.rerun import current
    from steppe.lineage.unlike import files_changed, packages_changed
    from steppe.notebooks.again import run_document

    cells = document.cells(here.project)
    names = list(dict.fromkeys(cell.name for cell in cells))
    named(change, names)
    recorded = current(steps)
    if change.failed and way.run.status == "succeeded" and not any(step.state in FAILED for step in recorded):
        raise UsageError("no step of it has failed: there is nothing to repair.")
    if not change.anyway and not change.failed and (reasons := files_changed(recorded, here)):
        raise UsageError(
            f"not rerunnable, because {'; and '.join(reasons)}. With --anyway it runs with what is there now."
        )
    refresh = ("*",) if scratch else tuple(names[names.index(change.start) :]) if change.start else ()
    if change.code:
        document = document.edited(change.code, here.project)
    outcome = run_document(document, msgspec.structs.replace(way, refresh=refresh), show)
    outcome.warnings += packages_changed(recorded)
    return outcome


def _by_steps(
    steps: list[StepRun],
    change: Change,
    way: Way,
    here: Opened,
    show: Progress | None,
    *,
    scratch: bool,
    doubt: Any,
) -> Outcome:
    """Run the steps alone, each in what it needed."""
    import msgspec

    from steppe.engine.restore import encode
    from steppe.lineage.rerun import plan
    from steppe.notebooks.again import Cell, run_cells

    planned = plan(steps, here, change, doubt)
    cells = [
        Cell(
            id=again.step.cell,
            source=again.source,
            told=again.metadata,
            restores=here.store.put([encode(again.restoring)]),
        )
        for again in planned.steps
    ]
    first = planned.steps[0]
    if scratch or change.start:
        way = msgspec.structs.replace(way, refresh=("*",))
    outcome = run_cells(cells, first.step.step.notebook, first.restoring.task.start, way, show)
    outcome.warnings += planned.warnings
    return outcome
