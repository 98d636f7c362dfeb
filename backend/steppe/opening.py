"""`steppe open` and `steppe.inputs_of`: what a past step needed, put into a kernel, to look at it or to go on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from steppe.analysis.transform import split_step
from steppe.engine.current import current
from steppe.engine.restore import Restoring, restore
from steppe.errors import StoreError, UsageError
from steppe.lineage.opened import Opened, opened
from steppe.lineage.repeated import Repeated, repeated, since
from steppe.lineage.rerun import CALL, is_call
from steppe.lineage.shown import named, steps_named
from steppe.sharing.origin import doubts
from steppe.store.store import Store
from steppe.types import State, StepRun
from steppe.values import families as families  # registers the encoders
from steppe.values.codes import CodeTable
from steppe.values.unpack import Anchors, Unpacking, in_order
from steppe.values.walk import Walk
from steppe.worker.sources import Sources
from steppe.worker.task import AttemptRecord, Task, record_name


class Past:
    """A past step that can be opened.

    Attributes:
        step: the StepRun.
        task: all that it needed.
        source: its code, without its `%%step` line.
        traceback: where it failed: how; else empty.
        warnings: what is not as it was, a sentence each.
    """

    def __init__(self, step: StepRun, found: Repeated, task: Task, here: Opened) -> None:
        self.step = step
        self.task = task
        split = split_step(step.source)
        self.source = (split[1] if split else step.source).strip("\n")
        self.traceback = _traceback(found.run, here) if step.state is State.FAILED else ""
        self.warnings = [f"{reason}." for reason in since(found, here.project)]


def past(what: str, here: Opened, *, trust: bool = False) -> Past:
    """Return a past step by its id.

    Args:
        what: the StepRun's id, or its beginning.
        here: the project.
        trust: whether code from a bundle of anybody may be used.

    Raises:
        UsageError: it is no step run, or something that it needs is not kept.
    """
    name = named(here.catalog, what)
    if name.kind != "step_run":
        raise UsageError(f"{what} is no step run: `steppe show RUN` lists those of a run.")
    (step,) = steps_named(name, here.catalog)
    if is_call(step):
        raise UsageError(f"`{step.step.name}` can't be opened, because {CALL}.")
    doubt = (lambda _: "") if trust else doubts(here.catalog)
    found = repeated(step, here.catalog, here.store, here.project, doubt=doubt)
    if found.task is None:
        raise UsageError(f"`{step.step.name}` can't be opened, because {'; '.join(found.missing)}.")
    return Past(step, found, found.task, here)


def inputs_of(what: str, *, trust: bool) -> dict[str, Any]:
    """See `steppe.inputs_of`."""
    with _here() as here:
        found = past(what, here, trust=trust)
        session = current()
        if session is not None and session.pid == os.getpid():
            if os.path.isdir(found.task.start):
                os.chdir(found.task.start)
            labels = tuple(name for item in found.step.ingredients if item.name == "import" for name in item.detail)
            what_was = Restoring(task=found.task, imports=labels, imported=dict(found.step.imported))
            names = restore(session, what_was)
            return {name: session.setting.namespace[name] for name in names}
        return _read(found.task, here.store)


def _read(task: Task, store: Store) -> dict[str, Any]:
    """Read the inputs of a Task where there is no kernel around them."""
    sources = Sources()
    unpacking = Unpacking(store.get, CodeTable(sources.locate), Anchors(list(task.inputs)), lambda: Walk(sources))
    found: dict[str, Any] = {}
    for name, module in task.modules.items():
        __import__(module)
        found[name] = sys.modules[module]
    for part in in_order(task.inputs):
        found |= {name: value for name, value in unpacking.values(part).items() if ":" not in name}
    return dict(sorted(found.items()))


@contextmanager
def _here() -> Iterator[Opened]:
    session = current()
    if session is not None and session.pid == os.getpid():
        yield Opened(session.project, session.catalog, session.store)
        return
    with opened(Path.cwd()) as here:
        if here is None:
            raise UsageError("nothing is kept here yet: no step has run in this project.")
        yield here


def _traceback(run: StepRun, here: Opened) -> str:
    """Return the traceback of a step that failed; its error's first line where no more is kept."""
    for attempt in reversed(here.catalog.attempts.of(run.id)):
        if attempt.traceback:
            return attempt.traceback
        try:
            data = here.store.read_record(record_name(attempt.id))
            record = msgspec.msgpack.decode(data, type=AttemptRecord) if data is not None else None
        except (StoreError, msgspec.MsgspecError):
            continue
        if record is not None and record.failure is not None:
            return "\n".join(record.failure.traceback)
    return run.error
