"""A step run out of the kernel: its Task launched, what it shows shown, its result bound, its error raised here."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec

from steppe.engine.bind import Binding
from steppe.engine.checkpoints import drop
from steppe.engine.flight import Journey, new_attempt, result_of
from steppe.engine.inline import enter, intent_of, may_reach_outside, why_it_runs
from steppe.engine.interrupting import goes_on, how_to
from steppe.engine.luggage import lacked, pack
from steppe.engine.outlet import Outlet, Shower
from steppe.engine.session import LEASE, Session
from steppe.engine.setup_notes import note_imports
from steppe.engine.step import Step
from steppe.engine.tasks import TaskMaker, encode
from steppe.engine.tied import tied_to_kernel
from steppe.errors import CannotMove, StepCancelled, StepFailed, StoreError
from steppe.states import LIVE
from steppe.store.digest import digest_of
from steppe.types import Claim, Result, Shown, State
from steppe.worker.task import AttemptRecord, Failure, record_name
from steppe.worker.trace import unseen


def launch(step: Step, *, returns: bool = False) -> Journey:
    """Make a step's Task, and send it on its way.

    Args:
        step: the step.
        returns: whether it runs in the kernel instead where what it leaves can't come back.

    Raises:
        CannotMove: an input can't leave the kernel.
        UsageError: the executor can't run it.
    """
    session, request, gathered = step.session, step.request, step.gathered
    assert gathered is not None
    options = request.options
    executor, intent = session.executor(step.executor), intent_of(step)
    luggage = step.luggage = pack(step, intent, executor.whole(options.pod)) if executor.carries else None
    task = TaskMaker(session, gathered, step.executor).make(step, intent, returns=returns, luggage=luggage)
    timeout = options.timeout
    data = encode(task)
    handed = executor.hands_over and len(data) <= HANDED
    journey = Journey(
        session,
        executor,
        digest_of([data]) if handed else session.store.put([data]),
        body=data if handed else b"",
        step_run=step.id,
        key=step.key,
        attempt=step.attempt,
        label=request.name,
        pod=options.pod,
        owner=owner_of(step),
        resources=options.resources,
        retries=options.retries or 0,
        tell=step.tells,
        again=partial(_worth, request.again),
        timeout=float(timeout) if isinstance(timeout, float | int) else None,
    )
    journey.start()
    return journey


def _worth(again: Callable[[BaseException], bool] | None, record: AttemptRecord) -> bool:
    """Tell whether the error that an attempt has ended with is worth another one."""
    return again is None or record.failure is None or again(error_of(record.failure))


def owner_of(step: Step) -> dict[str, str]:
    """Return whose a step is, for labels in a cluster."""
    session = step.session
    return {
        "project": os.path.basename(session.places.root),
        "user": session.run.owner,
        "notebook": session.path or session.notebook,
        "step": step.request.name,
        "run": session.run.id,
    }


HANDED = 1 << 16
"""Bytes of a Task up to which it goes to the worker with the order, and is stored while it runs."""


async def run_remote(
    step: Step, outlet: Outlet, fall_back: Callable[[], Awaitable[Step]], leave: Callable[[Journey], object]
) -> Step:
    """Run a step out of the kernel, and wait for it.

    Args:
        step: the step; its key is claimed where it has one.
        outlet: the cell.
        fall_back: runs the step in the kernel: for one whose outputs can't come back, where nobody asked for the place.
        leave: lets the step go on in the background: for one that is interrupted, and left running.
    """
    with unseen():
        if not step.why:
            step.why = why_it_runs(step)
        journey = _launched(step)
    if journey is None:
        return await fall_back()
    headless = step.session.headless
    shower = Shower(outlet, hold=may_return(step) and headless is not None)
    try:
        if step.state is State.PENDING:
            step.become(State.QUEUED)
        with unseen():
            journey.keep_task()
        _follow(step, journey, shower)
    except KeyboardInterrupt as error:
        _interrupted(step, journey, shower, outlet, error, leave)
        return step
    if step.state in (State.QUEUED, State.RETRYING) and journey.error is None:
        step.begin()
    if journey.record is not None and comes_back(journey.record) and may_return(step):
        step.why = [*journey.record.reasons, *step.why]
        if headless is None:
            outlet.show(Shown(kind="clear"))  # it was shown as it came, and will be again
        step.become(State.RETRYING)
        return await fall_back()
    if went_without(step, journey):
        outlet.show(Shown(kind="clear"))
        step.become(State.RETRYING)
        try_anew(step)
        return await run_remote(step, outlet, fall_back, leave)
    settle(step, journey, shower, outlet)
    return step


def went_without(step: Step, journey: Journey) -> bool:
    """Tell whether a step is to run again since it asked for files that had not gone along; then they will.

    Where they can't, the journey ends with an error: it would have gone on as if they were not there.
    """
    if step.luggage is None or journey.record is None or journey.error is not None:
        return False
    result = result_of(step.session, journey.record)
    missing = lacked(step, result) if result is not None else set()
    if missing - step.missed:
        step.missed |= missing
        names = ", ".join(sorted(name for _, name in missing))
        step.why.append(f"it runs again with {names}, which it asked for and had not gone along")
        return True
    if missing:
        name = min(name for _, name in missing)
        journey.error = StepFailed(
            f"`{step.request.name}` saw something else at {name} on {step.executor} than is here: mount its folder "
            "there, with `volumes` in the step's profile."
        )
        journey.record = None
    return False


def try_anew(step: Step) -> None:
    """Give a step a new attempt, and write that down with its claim: the first one's record is not its own."""
    session = step.session
    step.attempt = new_attempt()
    if step.key is not None and session.has_claimed(step.key):
        handle = session.executor(step.executor).handle(step.attempt)
        claim = Claim(
            key=step.key,
            holder=session.holder,
            attempt=step.attempt,
            executor=step.executor,
            handle=handle,
            label=step.request.name,
        )
        session.catalog.claims.describe(claim)


def comes_back(record: AttemptRecord) -> bool:
    """Tell whether a step is to run in the kernel instead, as if it had never begun."""
    return record.status == "unmovable" and not record.left


def may_return(step: Step) -> bool:
    """Tell whether a step runs in the kernel where it can't move: nobody asked for this cell to run elsewhere."""
    options = step.request.options
    return options.on is None and options.resources.nodes == 1 and not options.resources.workers


def stays(step: Step) -> bool:
    """Tell whether a step is tied to the kernel, and nobody asked for another place; its `why` says so then."""
    tied = tied_to_kernel(step) if may_return(step) else ""
    if tied:
        step.why.append(tied)
    return bool(tied)


def _launched(step: Step) -> Journey | None:
    """Launch a step; None where it must stay in the kernel, and nobody asked for another place.

    Raises:
        CannotMove: it must stay, but somebody asked.
        StoreError: its inputs can't be stored, and somebody asked.
    """
    if stays(step):
        return None
    try:
        return launch(step, returns=may_return(step))
    except (CannotMove, StoreError) as error:
        if not may_return(step):
            raise
        step.why.append(str(error))
        return None


def _follow(step: Step, journey: Journey, shower: Shower) -> None:
    """Show what the step shows, until it has ended."""
    for event in journey.events():
        if event.shown is not None:
            shower.show(event.shown)
        else:
            step.hear(event)


def _interrupted(
    step: Step,
    journey: Journey,
    shower: Shower,
    outlet: Outlet,
    error: BaseException,
    leave: Callable[[Journey], object],
) -> None:
    """End a step that the user has interrupted, and show where it was; or leave it running, where it can go on.

    One more interrupt ends the waiting. What may still run elsewhere is followed on in the background all the same,
    and keeps its claim.
    """
    if goes_on(step):
        _leave(step, journey, outlet, error, leave)
        return
    journey.cancel()
    try:
        _follow(step, journey, shower)
        journey.done.wait()
    except KeyboardInterrupt:
        if step.session.executor(step.executor).carries:
            _leave(step, journey, outlet, error, leave)
            return
        step.become(State.CANCELLED)
        _write(step)
        outlet.show_error(KeyboardInterrupt, error, ["KeyboardInterrupt"])
    else:
        settle(step, journey, shower, outlet)


def _leave(
    step: Step, journey: Journey, outlet: Outlet, error: BaseException, leave: Callable[[Journey], object]
) -> None:
    """Let a step go on in the background; the cell ends as one that was interrupted, so that no later cell begins."""
    with unseen():
        leave(journey)
    if not journey.ending:
        outlet.show(Shown(kind="stream", name="stderr", text=how_to(step)))
    outlet.show_error(KeyboardInterrupt, error, ["KeyboardInterrupt"])


def settle(step: Step, journey: Journey, shower: Shower, outlet: Outlet) -> BaseException | None:
    """Keep and bind the result, and show the error that the user's code raised; return that error."""
    session, record = step.session, journey.record
    step.used = dict(journey.usage)
    if record is None:
        shower.release()
        return _without_result(step, journey, outlet)
    with unseen():
        result = result_of(session, record)
        value = bind(step, result) if result is not None else lambda: None
        if journey.error is None:
            keep(step, record, result)
        note_imports(session, step.request.cell)
    if result is not None and result.value:
        shower.expect()
    shower.finish(value())
    if journey.error is not None:
        return _without_result(step, journey, outlet)
    failure = None
    if record.status == "succeeded":
        step.become(State.SUCCEEDED)
    else:
        step.become(State.FAILED)
        failure = _raise_here(step, record, outlet)
    if step.entry is None:
        _write(step)
    return failure


def _without_result(step: Step, journey: Journey, outlet: Outlet) -> BaseException:
    """Show why a step was killed, cancelled or took too long, and the line that it was at where that is known."""
    error: BaseException = journey.error or StepFailed(f"`{step.request.name}` ended without a result.")
    cancelled = isinstance(error, StepCancelled)
    failure = journey.record.failure if journey.record is not None else None
    lines = list(failure.traceback) if failure is not None else []
    if cancelled and failure is not None:
        error = error_of(failure)
    else:
        lines.append(f"{type(error).__name__}: {error}")
    step.error = str(error) or type(error).__name__
    step.become(State.CANCELLED if cancelled else State.FAILED)
    _write(step)
    outlet.show_error(type(error), error, lines)
    return error


def bind(step: Step, result: Result) -> Callable[[], Any]:
    """Bind what a step left into the kernel's namespace; return a function that gives the cell's value."""
    session, gathered = step.session, step.gathered
    assert gathered is not None
    binding = Binding(session.setting, session.store, gathered.walk, session.is_ours)
    return binding.bind(result, files=session.executor(step.executor).carries)


def keep(step: Step, record: AttemptRecord, result: Result | None) -> None:
    """Enter a result into the Catalog where it may be a hit later; else say why not."""
    if record.status != "succeeded" or result is None or record.result is None:
        return
    _enter(step, record, result)
    drop(step.session, record.checkpoints)


def _enter(step: Step, record: AttemptRecord, result: Result) -> None:
    """Enter a result that is there, or say why not."""
    assert record.result is not None
    reasons = [reason for reason in record.reasons if not _is_outside(reason)]
    if not may_reach_outside(step.request.options):
        reasons = list(record.reasons)
    step.unkept = reasons
    if step.key is None or reasons:
        step.result, step.result_digest = result, record.result
        step.why = [*reasons, *step.why]
        return
    enter(step, result, record.result)


def _is_outside(reason: str) -> bool:
    return reason.startswith(("it connects", "it starts a process", "it listens", "it opens a connection"))


def _write(step: Step) -> None:
    step.session.note(step.record())


def _raise_here(step: Step, record: AttemptRecord, outlet: Outlet) -> BaseException:
    """Show the error of the user's code as if it had been raised in the kernel."""
    if record.failure is None:
        why = "; ".join(reason.removesuffix(".") for reason in record.reasons)
        text = f"`{step.request.name}` ran, but what it made can't come back: {why}."
        if not record.ran:
            text = f"`{step.request.name}` can't run on {step.executor}: {why}."
        if record.left:
            left = "; ".join(record.left)
            text += f" It is not run again in the kernel, since it changed what could not be put back: {left}."
        moved = CannotMove(f"{text} Keep it in the kernel with on=inline.")
        step.error = str(moved)
        outlet.show_error(CannotMove, moved, [f"CannotMove: {moved}"])
        return moved
    error = error_of(record.failure)
    step.error = f"{type(error).__name__}: {record.failure.text}".partition("\n")[0]
    outlet.show_error(type(error), error, list(record.failure.traceback))
    return error


def error_of(failure: Failure) -> BaseException:
    """Return the error that was raised elsewhere, or one of its name where it can't be made again here."""
    if failure.pickled is not None:
        try:
            error = pickle.loads(failure.pickled)
        except Exception:  # its class may not be there, or refuse
            error = None
        if isinstance(error, BaseException):
            return error
    kind = type(failure.kind.rpartition(".")[2], (StepFailed,), {})
    made: BaseException = kind(failure.text)
    return made


def adopt(step: Step, claim: Claim) -> bool:
    """Take over work of a kernel that is gone: wait for it where it still runs.

    Returns:
        Whether its record is in the Store, so that the work need not be done again.
    """
    if not claim.attempt or not claim.executor:
        return False
    session = step.session
    name = record_name(claim.attempt)
    if session.store.read_record(name) is None and claim.handle:
        flight = session.executor(claim.executor).attach(claim.handle)
        if flight is not None:
            while flight.follow(lambda _: None, timeout=LEASE / 3) is None:
                session.catalog.claims.renew(claim.key, session.holder, LEASE)
            if session.store.read_record(name) is not None:
                _take_over(step, claim, flight.image)
    return session.store.read_record(name) is not None


def _take_over(step: Step, claim: Claim, image: str) -> None:
    """Write the attempt of a kernel that is gone down as one of the step that enters its result."""
    attempts = step.session.catalog.attempts
    with step.session.forgiving("the attempts of steps are not written down"):
        known = attempts.get(claim.attempt)
        if known is not None and known.state in LIVE:
            now = time.time()
            attempts.record(
                msgspec.structs.replace(known, step_run=step.id, ended=now, state=State.SUCCEEDED, image=image)
            )


def has_ended(session: Session, claim: Claim) -> bool:
    """Tell whether the work that a claim is for is done, though its kernel has not come to enter it.

    A step in the background is entered before its kernel's next cell, and that kernel may stand idle for hours.
    """
    data = session.store.read_record(record_name(claim.attempt)) if claim.attempt else None
    return data is not None and msgspec.msgpack.decode(data, type=AttemptRecord).status == "succeeded"


def adopted(step: Step, attempt: str) -> bool:
    """Enter the result that an adopted attempt left; tell whether there is one that may be a hit."""
    data = step.session.store.read_record(record_name(attempt))
    if data is None:
        return False
    record = msgspec.msgpack.decode(data, type=AttemptRecord)
    result = result_of(step.session, record)
    keep(step, record, result)
    for measured in result.metrics if result is not None else ():
        step.measured(measured)
    return step.entry is not None
