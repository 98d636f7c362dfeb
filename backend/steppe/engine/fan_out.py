"""A fan-out resolved as one step: its elements run, what came back bound, what failed told."""

from __future__ import annotations

from steppe.analysis.effects import Act, Effect
from steppe.engine.background import wait_all
from steppe.engine.choose import INLINE, choose
from steppe.engine.fan import Fan
from steppe.engine.fan_elsewhere import FanElsewhere
from steppe.engine.fan_here import FanHere
from steppe.engine.outlet import Outlet
from steppe.engine.step import Step
from steppe.errors import StepFailed, UsageError
from steppe.types import State
from steppe.worker.trace import unseen

NAMED = 8
"""Failed elements that are named."""


def run_fan(step: Step, effect: Effect | None, outlet: Outlet) -> Step:
    """Run a cell's body for each element, and bind what comes back.

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
        step.executor = choose(request.options, session)
        fan = FanHere(step, outlet) if step.executor == INLINE else FanElsewhere(step, outlet)
    try:
        fan.run()
        fan.tell_progress(last=True)
        values = fan.collected.values() if not fan.failed else {}
    except KeyboardInterrupt as error:
        return _interrupted(step, fan, outlet, error)
    except StepFailed as error:
        return _failed(step, fan, outlet, error, [f"StepFailed: {error}"])
    finally:
        fan.claims.end()
    if fan.raised is not None:
        first, lines = fan.raised
        return _failed(step, fan, outlet, first, [*lines, _said(fan)])
    session.setting.namespace.update(values)
    if fan.grid is not None:
        outlet.show(fan.grid.shown())
        fan.record.shown(fan.grid.shown())
    fan.record.finish(values)
    return step


def _said(fan: Fan) -> str:
    """Say which elements failed, after the first one's error."""
    total, count = sum(fan.step.elements.values()), len(fan.failed)
    failed = [fan.failed[index] for index in sorted(fan.failed)]
    named = "; ".join(f"{element.index} ({element.said}): {why}" for element, why in failed[:NAMED])
    more = f"; and {count - NAMED:,} more" if count > NAMED else ""
    kept = total - count
    rest = f"The other {kept:,} are kept, and are hits next time." if kept else "None is kept."
    return f"{count:,} of {total:,} elements of `{fan.step.request.name}` failed: {named}{more}. {rest}"


def _failed(step: Step, fan: Fan, outlet: Outlet, error: BaseException, lines: list[str]) -> Step:
    step.why = fan.record.said()
    step.error = f"{type(error).__name__}: {error}".partition("\n")[0]
    step.begin()
    step.become(State.FAILED)
    step.session.note(step.record())
    outlet.show_error(type(error), error, lines)
    return step


def _interrupted(step: Step, fan: Fan, outlet: Outlet, error: BaseException) -> Step:
    step.why = fan.record.said()
    step.error = "KeyboardInterrupt"
    step.become(State.CANCELLED)
    step.session.note(step.record())
    done, total = step.elements["hits"] + step.elements["ran"], fan.each.total
    of = f"{done:,} of {total:,} elements" if total is not None else f"{done:,} element{'s'[: done != 1]}"
    said = f"`{step.request.name}` was interrupted after {of}: what has finished is kept, and is a hit next time."
    outlet.show_error(KeyboardInterrupt, error, ["KeyboardInterrupt", said])
    return step
