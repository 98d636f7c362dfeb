"""A background step run again: by a worker, where one before it changed what it saw; in the kernel, where it must stay.

Both happen in the kernel's thread, after the steps that were started before it, with the inputs that it had.
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import Any

from steppe.engine.flight import Journey
from steppe.engine.gather import gather
from steppe.engine.key import cache_key
from steppe.engine.pending import MISSING, Pending, failed
from steppe.engine.remote import comes_back, launch, stays, try_anew
from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.errors import CannotMove, StepFailed, SteppeError, StoreError
from steppe.types import State
from steppe.worker import observed
from steppe.worker.execution import open_figures
from steppe.worker.native import watch_natives
from steppe.worker.probes import PROBES
from steppe.worker.trace import seen, tracing, unseen


def gather_again(step: Step, namespace: dict[str, Any]) -> None:
    """Find once more what a step depends on: what ran meanwhile may have changed it. A claim goes with its key."""
    session, request = step.session, step.request
    again = step.gathered = gather(request.cell, request.options, namespace, session.around)
    again.ingredients += request.extra
    if step.key is None:
        return
    key = cache_key(again.ingredients) if not again.reasons else None
    if key != step.key:
        session.let_go(step.key)
        step.key = key
        step.why += again.reasons


def run_again(pending: Pending) -> None:
    """Run a step again that had not seen what a step before it did; where it must, as one that stays in the kernel."""
    step = pending.step
    pending.shower.drop()
    gather_again(step, _as_it_began(pending))
    if (changed := _changed(pending)) is not None:
        pending.error = _refused(pending, f"it has not seen what a step before it changed, and {changed}")
        return
    if pending.fall_back is not None and stays(step):
        pending.returned = True
        return
    try_anew(step)
    try:
        journey = pending.journey = launch(step, returns=pending.fall_back is not None)
    except (CannotMove, StoreError) as error:
        if pending.fall_back is None:
            raise
        step.why.append(str(error))
        pending.returned = True
        return
    journey.keep_task()
    _follow(pending, journey)


def _follow(pending: Pending, journey: Journey) -> None:
    """Wait for it; what it shows is shown with its result where that was held back the first time."""
    for event in journey.events():
        if event.shown is not None and pending.fall_back is not None:
            pending.shower.show(event.shown)
    journey.done.wait()


def _as_it_began(pending: Pending) -> dict[str, Any]:
    namespace = dict(pending.step.session.setting.namespace)
    for name, value in pending.inputs.items():
        if value is MISSING:
            namespace.pop(name, None)
        else:
            namespace[name] = value
    return namespace


def falls_back(pending: Pending) -> bool:
    """Tell whether a step is to run in the kernel after all: what it leaves can't come back, and it may run there."""
    record = pending.journey.record
    return pending.fall_back is not None and (pending.returned or (record is not None and comes_back(record)))


def run_in_kernel(pending: Pending) -> None:
    """Run a step in the kernel after all, as if it had run there in its turn; its output and errors go to its cell."""
    step, record = pending.step, pending.journey.record
    reasons = list(record.reasons) if record is not None and not pending.returned else []
    step.why = [*reasons, *step.why]
    with pending.as_it_began(pending.inputs):
        try:
            with unseen():
                gather_again(step, step.session.setting.namespace)
            if (changed := _changed(pending)) is not None:
                why = "; ".join(reason.removesuffix(".") for reason in reasons) or "it stays in the kernel"
                pending.error = _refused(pending, f"what it made can't come back ({why}), and {changed}")
                return
            step.begin()
            step.become(State.RETRYING)
            pending.error = _run(pending)
        except SteppeError as error:  # the Store is out of reach, say
            pending.error = _refused(pending, str(error))


def _changed(pending: Pending) -> str | None:
    """Tell which input a later cell has changed in place: what runs now would not see what it saw in its turn."""
    assert pending.step.gathered is not None
    before, now = pending.versions, pending.step.gathered.versions
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return f"a later cell has changed its input `{changed[0]}` meanwhile" if changed else None


def _refused(pending: Pending, why: str) -> BaseException:
    """Fail a step that can't run again, with the reason in its cell."""
    step = pending.step
    error = CannotMove(f"`{step.request.name}` must run again: {why}. Keep it in the kernel with on=inline.")
    line = f"CannotMove: {error}"
    step.error = str(error)
    if step.state is State.RETRYING:
        step.become(State.QUEUED)
    step.become(State.FAILED)
    step.session.note(step.record())
    pending.outlet.show_error(CannotMove, error, [line])
    return failed(step, error, [line])


def _run(pending: Pending) -> BaseException | None:
    """Run it, and tell the steps after it where it has changed what they have seen; return what it failed with."""
    step, session = pending.step, pending.step.session
    assert pending.fall_back is not None
    before = _surroundings(session)
    with pending.outlet.current(), seen():
        if step.key is None:
            with tracing((*PROBES, watch_natives)) as trace:
                _through(pending.fall_back())
            step.files = tuple(observed.settle(trace, session.places, session.put, keep=False).files)
        else:
            _through(pending.fall_back())
    if step.state is State.FAILED:
        error = getattr(sys, "last_value", None) or StepFailed(f"`{step.request.name}` failed.")
        return failed(step, error, [])
    if _surroundings(session) != before:
        for other in session.pending:
            other.stale = True
    return None


def _surroundings(session: Session) -> Any:
    """Return what steps see of the kernel beside their inputs."""
    noticed = {name: now for name, now in session.ambient.read().items() if session.ambient.adapters[name].noticed}
    return noticed, session.seeded_states(), set(session.randomness.seeded), open_figures(), session.hooked


def _through(running: Coroutine[Any, Any, Step]) -> None:
    """Run what has no `await` of its own to its end: a step that has one stays in the kernel from the first."""
    try:
        running.send(None)
    except StopIteration:
        return
    running.close()
    raise CannotMove("it awaits something, and can't run in the kernel any more. Keep it there with on=inline.")
