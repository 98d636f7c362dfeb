"""Steps started in the background: when that may be, what waits for them, and how their results come home."""

from __future__ import annotations

import re
import sys
import time
import types
from collections.abc import Iterable
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.imports import bound_by, bound_otherwise
from steppe.catalog import Hazard
from steppe.engine.again import falls_back, run_again, run_in_kernel
from steppe.engine.flight import Journey, result_of
from steppe.engine.outlet import Outlet, Outlets
from steppe.engine.pending import FallBack, Pending, failed
from steppe.engine.remote import launch, may_return, settle, went_without
from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.types import Digest, State, StepId
from steppe.values.lazy import is_lazy
from steppe.values.walk import ATOMS

WAITED_FOR = frozenset({"inline", "process"})
"""Executors whose steps are waited for unless `wait=false` says otherwise."""

RANDOM = re.compile(r"rand|shuffle|sampl|choice|permut|seed|noise|split", re.IGNORECASE)
WRITES = re.compile(
    r"\b(open|to_\w+|save\w*|write\w*|dump\w*|connect|request\w*|urlopen|post|put|mkdir|remove|rename)\("
)


def in_background(step: Step) -> bool:
    """Tell whether a step that runs out of the kernel is not waited for."""
    asked = step.request.options.wait
    if asked is not None:
        return not asked
    headless = step.session.headless
    if headless is not None and headless.jobs > 1:
        return not _changes_surroundings(step)
    return step.executor not in WAITED_FOR


def _changes_surroundings(step: Step) -> bool:
    """Tell whether a cell's text says that it changes what steps beside it would see."""
    return bool(step.request.cell.names.unbounded_binds or step.request.cell.names.deletes)


def start_background(step: Step, outlet: Outlet, fall_back: FallBack) -> Pending:
    """Start a step in the background; what it may bind or change is stood in for.

    Args:
        step: the step.
        outlet: its cell.
        fall_back: runs it in the kernel: for a headless run, where nobody asked for the place.
    """
    session = step.session
    jobs = session.headless.jobs if session.headless is not None else 0
    while jobs and len([other for other in session.pending if not other.done]) >= jobs:
        _wait_for_one(session)
    _wait_for_known_writers(step)
    if step.state is State.PENDING:
        step.become(State.QUEUED)
    returns = session.headless is not None and may_return(step)
    journey = launch(step, returns=returns)
    pending = Pending(step, journey, outlet, _touched(step), _settle, fall_back if returns else None)
    session.pending.append(pending)
    pending.begin(session.setting.namespace)
    return pending


def go_on(step: Step, outlets: Outlets, journey: Journey) -> Pending:
    """Let a step that was waited for go on in the background.

    Args:
        step: the step.
        outlets: its cell's.
        journey: its way, which has begun.
    """
    pending = Pending(step, journey, outlets.later(), _touched(step), _settle)
    step.session.pending.append(pending)
    pending.begin(step.session.setting.namespace)
    return pending


def _wait_for_one(session: Session) -> None:
    while session.pending and not any(other.done for other in session.pending):
        session.pending[0].wait(0.2)
    collect(session)


def wait_for_same(session: Session, key: Digest) -> None:
    """Wait for a step of this session that does the same work already; its result is then a hit."""
    for other in list(session.pending):
        if other.step.key == key:
            other.settle_in_turn()


def _wait_for_known_writers(step: Step) -> None:
    """Wait for steps that were once seen writing what this one reads."""
    session = step.session
    if not session.pending:
        return
    known = {
        hazard.writer.name
        for hazard in session.catalog.hazards.of(session.notebook)
        if hazard.reader.name == step.request.name
    }
    for other in list(session.pending):
        if other.step.request.name in known:
            other.settle_in_turn()


def _touched(step: Step) -> Iterable[str]:
    """Return the names that a step may bind, remove, or whose values it may change in place."""
    names, namespace = step.request.cell.names, step.session.setting.namespace
    options = step.request.options
    bound = set(options.outputs) if options.outputs is not None else set(names.binds)
    changed = {
        name
        for name in step.request.cell.mutations.may
        if name in namespace and _can_change(namespace[name]) and step.gathered and name in step.gathered.names
    }
    touched = bound | set(names.deletes) | changed
    return touched if names.unbounded_binds else touched - _imported_again(step.request.cell, touched, namespace)


def _imported_again(cell: Cell, touched: Iterable[str], namespace: dict[str, Any]) -> set[str]:
    """Return the names that a cell does nothing to but import a module under them that they have already."""
    otherwise = set(bound_otherwise(cell.tree))
    made = [bound_by([each]) for each in cell.names.imports]
    found = set()
    for name in touched:
        value = namespace.get(name)
        if type(value) is types.ModuleType and name not in otherwise:
            paths = {each[name] for each in made if name in each}
            if paths == {f"{value.__name__}:"} and sys.modules.get(value.__name__) is value:
                found.add(name)
    return found


def _can_change(value: Any) -> bool:
    if is_lazy(value):
        return True
    return type(value) not in ATOMS and not isinstance(
        value, types.FunctionType | types.ModuleType | type | tuple | frozenset
    )


def collect(session: Session) -> None:
    """Bind the results of background steps that have ended, in the order in which they were started."""
    for pending in list(session.pending):
        if not pending.done:
            return
        pending.wait()
        pending.settle()


def collect_between_cells(session: Session) -> None:
    """Bind what has ended while no cell runs; what would have to run again first is left to the next cell."""
    for pending in list(session.pending):
        if not pending.done or pending.stale or falls_back(pending) or _read_what_was_written(pending, session):
            return
        pending.wait()
        if went_without(pending.step, pending.journey):
            pending.stale = True
            return
        pending.settle()


def wait_all(session: Session, timeout: float | None = None) -> None:
    """Wait for all background steps, and bind their results."""
    for pending in list(session.pending):
        if not pending.wait(timeout):
            return
        pending.settle()


def wait_for_what_matters(session: Session, cell: Cell, effect: Any) -> None:
    """Before a cell runs in the kernel: wait for every step that its effects may not come before.

    What it reads is waited for by the names themselves; here it is files, the outside, ambient state, random numbers,
    and what a step may yet have to read again, where it can't come back and runs in the kernel after all.
    """
    if not session.pending:
        return
    collect(session)
    source = cell.source
    acts = effect is not None or cell.names.unbounded_reads or _other_magics(cell) or WRITES.search(source)
    draws = session.randomness.seeded and RANDOM.search(source)
    if acts or draws or any(_may_change_inputs(cell, pending) for pending in session.pending):
        wait_all(session)


def _may_change_inputs(cell: Cell, pending: Pending) -> bool:
    """Tell whether a cell may change, in place, what a step that may run in the kernel after all was started with."""
    if pending.fall_back is None:
        return False
    return any(_can_change(pending.inputs[name]) for name in cell.mutations.may if name in pending.inputs)


def _other_magics(cell: Cell) -> bool:
    """Tell whether a cell has a magic that is not our own: `%steppe` is asked about what still runs."""
    return any(magic.name != "steppe" for magic in cell.magics)


def _settle(pending: Pending) -> None:
    """Bind a background step's result in the kernel's thread."""
    step, session = pending.step, pending.step.session
    bound: set[str] = set()
    if pending in session.pending:
        session.pending.remove(pending)
    try:
        if pending.stale or _read_what_was_written(pending, session):
            run_again(pending)
        while pending.error is None and not pending.returned and went_without(step, pending.journey):
            run_again(pending)
        if pending.error is None:
            run_in_kernel(pending) if falls_back(pending) else _bind(pending)
        if pending.error is None:
            bound = set(pending.left)
            _mark_stale(step, session)
    finally:
        pending.put_back(bound)
        if step.key is not None:
            session.let_go(step.key)


def _bind(pending: Pending) -> None:
    """Bind what it left, but for names that a later cell has bound or removed, or that a later step is to bind."""
    with pending.as_it_began({}):
        error = settle(pending.step, pending.journey, pending.shower, pending.outlet)
        if error is not None:
            pending.error = failed(pending.step, error, _lines_of(pending.journey))


def _lines_of(journey: Journey) -> list[str]:
    record = journey.record
    return list(record.failure.traceback) if record is not None and record.failure is not None else []


def _mark_stale(step: Step, session: Session) -> None:
    """Steps that were started meanwhile have not seen the ambient state and the random state that this one left."""
    result = step.result
    files = result.files if result is not None else step.files
    step_id = StepId(notebook=session.notebook, name=step.request.name)
    session.writers.append((step_id, frozenset(file.path for file in files), time.time()))
    adapters = session.ambient.adapters
    if result is not None and (result.random or any(adapters[name].noticed for name in result.ambient)):
        for other in session.pending:
            other.stale = True


def _read_what_was_written(pending: Pending, session: Session) -> bool:
    """Tell whether a step read a file that one before it was still writing; remember the edge."""
    record = pending.journey.record
    result = result_of(session, record) if record is not None else None
    if result is None:
        return False
    read = {item.name for item in result.trace}
    for writer, paths, ended in session.writers:
        if ended > pending.step.started and read & paths:
            reader = StepId(notebook=session.notebook, name=pending.step.request.name)
            session.catalog.hazards.remember(Hazard(reader=reader, writer=writer, path=min(read & paths)))
            return True
    return False
