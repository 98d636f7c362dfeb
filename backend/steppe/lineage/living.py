"""Whether what a run says of itself still holds: a kernel that was killed could not write down its end."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable

import msgspec

from steppe.catalog import Catalog
from steppe.engine.holder import alive
from steppe.states import LIVE
from steppe.types import Run, State, StepRun


def status_of(run: Run) -> str:
    """Return a run's status; `lost` where it should be running and its process is gone."""
    return "lost" if run.status == "running" and lives(run) is False else run.status


def lives(run: Run) -> bool | None:
    """Tell whether the process of a run that has not ended is there; None where that can't be seen from here."""
    if run.status != "running":
        return False
    if run.host != socket.gethostname() or not run.pid:
        return None
    if run.holder and alive(run.holder) is False:
        return False
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def settled(catalog: Catalog, steps: Iterable[StepRun]) -> list[StepRun]:
    """Return StepRuns as they stand: one that waits or runs by its record is `lost` where its run is over or gone.

    A kernel that was killed could not write down the ends of its steps.
    """
    found = list(steps)
    known: dict[str, bool] = {}
    for step in found:
        if step.state in LIVE and step.run not in known:
            run = catalog.runs.get(step.run)
            known[step.run] = run is not None and status_of(run) == "running"
    return [
        msgspec.structs.replace(step, state=State.LOST, why=GONE)
        if step.state in LIVE and not known[step.run]
        else step
        for step in found
    ]


GONE = "its kernel is gone, and has not told how it ended"
"""Why a step is lost."""
