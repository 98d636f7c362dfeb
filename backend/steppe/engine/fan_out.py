"""A fan-out resolved as one step: its elements run, what came back bound, what failed told."""

from __future__ import annotations

import time

from steppe.analysis.effects import Act, Effect
from steppe.engine.background import wait_all
from steppe.engine.choose import INLINE, Place, choose
from steppe.engine.fan import Fan
from steppe.engine.fan_behind import FanBehind, FanJourney
from steppe.engine.fan_elsewhere import FanElsewhere
from steppe.engine.fan_here import FanHere
from steppe.engine.outlet import Outlet, Outlets
from steppe.engine.pending import Pending, failed
from steppe.engine.step import Step
from steppe.errors import StepCancelled, StepFailed, UsageError
from steppe.types import State, StepId
from steppe.worker.trace import unseen

NAMED = 8
"""Failed elements that are named."""

Failure = tuple[BaseException, list[str]]
"""An error, and the lines of its traceback."""


def run_fan(step: Step, effect: Effect | None, outlets: Outlets) -> Step:
    """Run a cell's body for each element, and bind what comes back; or have that done in the background.

    Raises:
        UsageError: it can't run where it was told to, or acts elsewhere than on its own variables.
        CannotMove: an input can't leave the kernel; or the body changes what other elements see.
    """
    session, request = step.session, step.request
    option = "map" if request.options.map is not None else "sweep"
    if effect is not None and effect.act is Act.SETUP:
        raise UsageError(
            f"%%step {option}=: the body sets something up ({effect.what}), which every element would do again. "
            "Do that in a cell before."
        )
    if session.pending:
        wait_all(session)
    with unseen():
        place = choose(request.options, session)
        step.executor = place.name
        if step.executor == INLINE and request.options.wait is False:
            raise UsageError(f"%%step {option}= wait=false: the kernel is busy with what runs in it. Give on=process.")
        fan = _made(step, outlets.now, place)
    behind = False
    try:
        if isinstance(fan, FanBehind) and fan.take_up():
            place.insist()
            behind = True
            return _start(step, fan, outlets.later())
        fan.run()
        fan.tell_progress(last=True)
    except KeyboardInterrupt as error:
        _interrupted(step, fan, outlets.now, error)
        return step
    except StepFailed as error:
        _failed(step, fan, outlets.now, error, [f"StepFailed: {error}"])
        return step
    finally:
        if not behind:
            fan.claims.end()
    _finish(step, fan, outlets.now)
    return step


def _made(step: Step, outlet: Outlet, place: Place) -> Fan:
    if step.executor == INLINE:
        return FanHere(step, outlet, place)
    return (FanBehind if step.request.options.wait is False else FanElsewhere)(step, outlet, place)


def _start(step: Step, fan: FanBehind, outlet: Outlet) -> Step:
    """Let what is left of a fan-out run in the background; what comes back is stood in for."""
    session, fan.outlet = step.session, outlet
    if step.state is State.PENDING:
        step.become(State.QUEUED)
    journey = FanJourney(fan)
    pending = Pending(step, journey, outlet, [each.name for each in fan.each.gather], _settle)
    session.pending.append(pending)
    journey.start()
    pending.begin(session.setting.namespace)
    return step


def _settle(pending: Pending) -> None:
    """Bind what a fan-out in the background brings back, in the kernel's thread."""
    step, session = pending.step, pending.step.session
    fan, ended = pending.journey.fan, pending.journey.error
    bound: set[str] = set()
    if pending in session.pending:
        session.pending.remove(pending)
    try:
        with pending.as_it_began({}):
            error = _end(step, fan, pending.outlet, ended)
            if error is not None:
                pending.error = failed(step, error[0], error[1])
        if pending.error is None:
            bound = set(pending.left)
            if fan.files:
                me = StepId(notebook=session.notebook, name=step.request.name)
                session.writers.append((me, frozenset(fan.files), time.time()))
    finally:
        pending.put_back(bound)


def _end(step: Step, fan: FanBehind, outlet: Outlet, ended: BaseException | None) -> Failure | None:
    if isinstance(ended, StepCancelled):
        return _interrupted(step, fan, outlet, ended)
    if ended is not None:
        return _failed(step, fan, outlet, ended, [f"{type(ended).__name__}: {ended}"])
    fan.bring_home()
    return _finish(step, fan, outlet)


def _finish(step: Step, fan: Fan, outlet: Outlet) -> Failure | None:
    """Bind what comes back, or tell what failed; return that."""
    if fan.raised is not None:
        first, lines = fan.raised
        return _failed(step, fan, outlet, first, [*lines, _said(fan)])
    try:
        values = fan.collected.values()
    except StepFailed as error:
        return _failed(step, fan, outlet, error, [f"StepFailed: {error}"])
    step.session.setting.namespace.update(values)
    if fan.grid is not None:
        outlet.show(fan.grid.shown())
        fan.record.shown(fan.grid.shown())
    fan.record.finish(values)
    return None


def _said(fan: Fan) -> str:
    """Say which elements failed, after the first one's error."""
    total, count = sum(fan.step.elements.values()), len(fan.failed)
    failed = [fan.failed[index] for index in sorted(fan.failed)]
    named = "; ".join(f"{element.index} ({element.said}): {why}" for element, why in failed[:NAMED])
    more = f"; and {count - NAMED:,} more" if count > NAMED else ""
    kept = total - count
    rest = f"The other {kept:,} are kept, and are hits next time." if kept else "None is kept."
    return f"{count:,} of {total:,} elements of `{fan.step.request.name}` failed: {named}{more}. {rest}"


def _failed(step: Step, fan: Fan, outlet: Outlet, error: BaseException, lines: list[str]) -> Failure:
    step.why = fan.record.said()
    step.error = f"{type(error).__name__}: {error}".partition("\n")[0]
    step.begin()
    step.become(State.FAILED)
    step.session.note(step.record())
    outlet.show_error(type(error), error, lines)
    return error, lines


def _interrupted(step: Step, fan: Fan, outlet: Outlet, error: BaseException) -> Failure:
    """End a fan-out that a person has interrupted or cancelled."""
    kind = type(error).__name__
    step.why = fan.record.said()
    step.error = kind
    step.become(State.CANCELLED)
    step.session.note(step.record())
    done, total = step.elements["hits"] + step.elements["ran"], fan.each.total
    of = f"{done:,} of {total:,} elements" if total is not None else f"{done:,} element{'s'[: done != 1]}"
    how = "interrupted" if isinstance(error, KeyboardInterrupt) else "cancelled"
    said = f"`{step.request.name}` was {how} after {of}: what has finished is kept, and is a hit next time."
    lines = [kind, said]
    outlet.show_error(type(error), error, lines)
    return error, lines
