"""What of the files, variables and packages that a past run read is not as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from steppe.lineage.opened import Opened
from steppe.lineage.rebuilt import changed
from steppe.lineage.repeated import Repeated, since
from steppe.lineage.results import result_of
from steppe.types import StepRun


def files_changed(steps: list[StepRun], here: Opened) -> list[str]:
    """Say which files and variables that a run read are not as they were; those that it wrote itself are left out."""
    said = []
    for number, step in enumerate(steps):
        found = Repeated(step, result_of(step, here.store), None, [])
        said += [f"`{step.step.name}`: {reason}" for reason in unlike(number, steps, found, here)]
    return said


def unlike(number: int, steps: list[StepRun], found: Repeated, here: Opened) -> list[str]:
    """Say which files and variables are not as they were; those that a step before it writes are left out."""
    written = {file.path for before in steps[:number] for file in (*before.written, *_files(before, here))}
    folders = {path.rpartition("/")[0] or "." for path in written}
    trace = [
        item
        for item in (found.result.trace if found.result is not None else found.run.trace)
        if item.name not in written
        and item.name.rstrip("/") not in folders
        and not (written and item.kind in ("tree", "glob"))
    ]
    run = msgspec.structs.replace(found.run, trace=tuple(trace))
    return since(Repeated(run, None, None, []), here.project)


def _files(step: StepRun, here: Opened) -> tuple[Any, ...]:
    result = result_of(step, here.store)
    return result.files if result is not None else ()


def packages_changed(steps: Iterable[StepRun]) -> list[str]:
    """Warn of packages that are here in another version than when the steps ran."""
    found = changed(steps)
    return [f"{'; '.join(found)}. `--env lock` compares with the packages that it had."] if found else []
