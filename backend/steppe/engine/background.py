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
from steppe.engine.flight import Journey, result_of
from steppe.engine.gather import gather
from steppe.engine.key import cache_key
from steppe.engine.outlet import Outlet
from steppe.engine.pending import MISSING, Pending, failed
from steppe.engine.remote import launch, settle
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


def start_background(step: Step, outlet: Outlet) -> Pending:
    """Start a step in the background; what it may bind or change is stood in for."""
    session = step.session
    jobs = session.headless.jobs if session.headless is not None else 0
    while jobs and len([other for other in session.pending if not other.done]) >= jobs:
        _wait_for_one(session)
    _wait_for_known_writers(step)
    if step.state is State.PENDING:
        step.become(State.QUEUED)
    journey = launch(step)
    pending = Pending(step, journey, outlet, _touched(step), lambda each: _settle(each, session))
    session.pending.append(pending)
    pending.begin(session.setting.namespace)
    return pending


def _wait_for_one(session: Session) -> None:
    while session.pending and not any(other.done for other in session.pending):
        session.pending[0].wait(0.2)
    collect(session)


def wait_for_same(session: Session, key: Digest) -> None:
    """Wait for a step of this session that does the same work already; its result is then a hit."""
    for other in list(session.pending):
        if other.step.key == key:
            other.wait()
            other.settle()


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
            other.wait()
            other.settle()


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


def wait_all(session: Session, timeout: float | None = None) -> None:
    """Wait for all background steps, and bind their results."""
    for pending in list(session.pending):
        if not pending.wait(timeout):
            return
        pending.settle()


def wait_for_what_matters(session: Session, cell: Cell, effect: Any) -> None:
    """Before a plain cell: wait for every step that its effects may not come before.

    What it reads is waited for by the names themselves; here it is files, the outside, ambient state, random numbers.
    """
    if not session.pending:
        return
    collect(session)
    source = cell.source
    acts = effect is not None or cell.names.unbounded_reads or _other_magics(cell) or WRITES.search(source)
    draws = session.randomness.seeded and RANDOM.search(source)
    if acts or draws:
        wait_all(session)


def _other_magics(cell: Cell) -> bool:
    """Tell whether a cell has a magic that is not our own: `%steppe` is asked about what still runs."""
    return any(magic.name != "steppe" for magic in cell.magics)


def _settle(pending: Pending, session: Session) -> None:
    """Bind a background step's result in the kernel's thread."""
    step, journey = pending.step, pending.journey
    bound: set[str] = set()
    if pending in session.pending:
        session.pending.remove(pending)
    try:
        if pending.stale or _read_what_was_written(pending, session):
            journey = _again(pending, session)
        error = _bind(pending, journey, session)
        if error is not None:
            pending.error = failed(step, error, _lines_of(journey))
        elif step.result is not None:
            bound = set(step.result.outputs) | set(step.result.modules)
            _mark_stale(step, session)
    finally:
        pending.put_back(bound)
        if step.key is not None:
            session.let_go(step.key)


def _bind(pending: Pending, journey: Journey, session: Session) -> BaseException | None:
    """Bind what it left, but for names that a later cell has bound or removed, or that a later step is to bind."""
    step, namespace = pending.step, session.setting.namespace
    later = {
        name: namespace[name]
        for name in pending.names
        if name in namespace and namespace[name] is not pending.stand_ins[name]
    }
    gone = [name for name in pending.names if name not in namespace]
    for name, value in pending.before.items():
        if value is MISSING:
            namespace.pop(name, None)
        else:
            namespace[name] = value
    try:
        error = settle(step, journey, pending.shower, pending.outlet)
        pending.left = {name: namespace[name] for name in pending.names if name in namespace}
        if error is not None:
            namespace.update(pending.stand_ins)
    finally:  # what later cells did stands, whatever becomes of this
        namespace.update(later)
        for name in gone:
            namespace.pop(name, None)
    return error


def _lines_of(journey: Journey) -> list[str]:
    record = journey.record
    return list(record.failure.traceback) if record is not None and record.failure is not None else []


def _mark_stale(step: Step, session: Session) -> None:
    """Steps that were started meanwhile have not seen the ambient state and the random state that this one left."""
    result = step.result
    assert result is not None
    step_id = StepId(notebook=session.notebook, name=step.request.name)
    session.writers.append((step_id, frozenset(file.path for file in result.files), time.time()))
    adapters = session.ambient.adapters
    if result.random or any(adapters[name].noticed for name in result.ambient):
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


def _again(pending: Pending, session: Session) -> Journey:
    """Run a step again that had not seen what a step before it did, with the inputs that it had."""
    step = pending.step
    assert step.gathered is not None
    namespace = dict(session.setting.namespace)
    namespace.update({name: root.value for name, root in step.gathered.walk.roots.items() if ":" not in name})
    again = gather(step.request.cell, step.request.options, namespace, session.around)
    again.ingredients += step.request.extra
    step.gathered = again
    if step.key is not None:
        session.let_go(step.key)
        step.key = cache_key(again.ingredients)
    journey = launch(step)
    journey.keep_task()
    for _ in journey.events():
        continue
    journey.done.wait()
    return journey
