"""The process that runs one due time: `python -m steppe.schedules.due_run ROOT SCHEDULE DUE TOKEN`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from steppe.catalog import Catalog, Due, Schedule, open_catalog
from steppe.engine.holder import new_holder
from steppe.errors import CatalogError, SteppeError
from steppe.notebooks.marks import Steps
from steppe.notebooks.outcome import Outcome
from steppe.notebooks.run import run_notebook
from steppe.schedules.parameters import parameters_at
from steppe.schedules.settling import BEAT, TTL
from steppe.schedules.times import local
from steppe.settings import load_project


def main(root: str, schedule_id: str, due_time: str, token: str) -> int:
    """Run a due time if it is still this process's; return the exit code."""
    project = load_project(Path(root), os.environ)
    with open_catalog(project.settings.catalog or str(project.state / "catalog.db")) as catalog:
        schedule = catalog.schedules.get(schedule_id)
        due = begun(catalog, schedule_id, int(due_time), token, new_holder(os.getpid()))
        if schedule is None or due is None:
            sys.stdout.write("this start came too late: another has taken its place, or the schedule is gone.\n")
            return 0
        ended = _run(catalog, schedule, due)
        if not finished(catalog, due, ended):
            sys.stdout.write("this run was given up for dead before it ended, or its schedule was removed.\n")
            return 1
        sys.stdout.write(f"{ended.state} {ended.error}\n")
        return 0 if ended.state == "succeeded" else 1


def begun(catalog: Catalog, schedule: str, time: int, token: str, holder: str) -> Due | None:
    """Write down that a due time runs in this process; None where it is not this process's to run."""
    due = catalog.schedules.due(schedule, time)
    if due is None or due.state != "started" or due.token != token:
        return None
    running = msgspec.structs.replace(
        due,
        state="running",
        tries=due.tries + 1,
        expires=catalog.claims.now() + TTL,
        holder=holder,
        error="",
    )
    return running if catalog.schedules.move(due, running) else None


def finished(catalog: Catalog, due: Due, ended: Due) -> bool:
    """Write down how a due time that runs in this process has ended; False where it is another's by now."""
    now = catalog.schedules.due(due.schedule, due.due)  # a scheduler may have told meanwhile that it was late
    return now is not None and catalog.schedules.move(due, msgspec.structs.replace(ended, told=now.told))


def _run(catalog: Catalog, schedule: Schedule, due: Due) -> Due:
    over = threading.Event()
    beat = threading.Thread(target=_beat, args=(catalog, due, over), daemon=True)
    beat.start()
    try:
        outcome = _outcome(schedule, due)
        state, error, output = outcome.status, outcome.error, outcome.output
    except SteppeError as refused:
        state, error, output = "failed", str(refused), ""
    except Exception as broken:  # whatever it is, the row has to tell it
        state, error, output = "failed", f"{type(broken).__name__}: {broken}", ""
    finally:
        over.set()
        beat.join()
    if state == "cancelled":
        state, error = "failed", "it was interrupted"
    return msgspec.structs.replace(due, state=state, error=error, output=output, ended=catalog.claims.now())


def _outcome(schedule: Schedule, due: Due) -> Outcome:
    notebook = Path(schedule.root, schedule.notebook)
    # beside the notebook, as what JupyterLab runs: it opens nothing that lies in a hidden folder
    name = f"{local(due.due, schedule.zone):%Y-%m-%d-%H%M%S}-{due.run[-4:]}.ipynb"
    return run_notebook(
        notebook,
        notebook.parent / f"{notebook.stem}-runs" / name,
        parameters=parameters_at(schedule, due.due),
        steps=Steps(schedule.steps),
        on=schedule.on,
        jobs=schedule.jobs,
        kernel=schedule.kernel or None,
        run_id=due.run,
    )


def _beat(catalog: Catalog, due: Due, over: threading.Event) -> None:
    """Say that this process lives, until it is over or finds that its place is another's: then it ends the run."""
    while not over.wait(BEAT):
        try:
            now = catalog.schedules.due(due.schedule, due.due) or due
            mine = catalog.schedules.move(due, msgspec.structs.replace(now, expires=catalog.claims.now() + TTL))
        except CatalogError:
            continue  # out of reach for now: whether it is still ours is seen next time
        if not mine:
            os.kill(os.getpid(), signal.SIGINT)
            return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
