"""One step, resolved: a hit is bound and shown, or the cell runs somewhere and what it leaves is kept."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import msgspec

from steppe.analysis.effects import Act, Effect
from steppe.analysis.options import Options
from steppe.engine import uncached
from steppe.engine.again import gather_again
from steppe.engine.background import (
    go_on,
    in_background,
    start_background,
    wait_all,
    wait_for_same,
    wait_for_what_matters,
)
from steppe.engine.bind import Binding, note_code
from steppe.engine.choose import INLINE, choose
from steppe.engine.fan_out import run_fan
from steppe.engine.flight import new_attempt
from steppe.engine.gather import gather
from steppe.engine.holder import alive
from steppe.engine.inline import run_inline
from steppe.engine.key import cache_key
from steppe.engine.lookup import Hit, find_hit
from steppe.engine.materialise import materialise
from steppe.engine.outlet import Outlets
from steppe.engine.remote import adopt, adopted, has_ended, may_return, run_remote, stays
from steppe.engine.session import LEASE, Session
from steppe.engine.setup_notes import look, note_imports, note_retold, note_setup
from steppe.engine.setup_rules import effect_of
from steppe.engine.step import Request, RunBody, Step
from steppe.engine.watched import called
from steppe.errors import CannotMove, CatalogError, HalfBound, StoreError
from steppe.types import State
from steppe.worker.metrics import listening
from steppe.worker.progress import following
from steppe.worker.running import RUNNING
from steppe.worker.shown import Recording, recording, replay
from steppe.worker.trace import unseen


async def resolve(session: Session, request: Request, run: RunBody, outlets: Outlets) -> Step:
    """Resolve a cell as a step.

    Args:
        session: the kernel's session.
        request: the cell.
        run: runs its code in the kernel.
        outlets: where its output goes.

    Raises:
        UsageError: it can't run where it was told to.
        CannotMove: an input can't leave the kernel, and was told to.
    """
    step = Step(session, request)
    try:
        return await _resolve(step, listened(step, run), outlets)
    except BaseException as error:
        step.abandon(error)
        raise


async def _resolve(step: Step, run: RunBody, outlets: Outlets) -> Step:
    session, request = step.session, step.request
    with unseen():
        if session.pending:
            _wait_for_inputs(step)
        effect = effect_of(request.cell, session)
        if effect is None or effect.act is Act.AMBIENT:
            effect = called(session, request.cell) or effect
        step.refreshed = request.each is not None and _refreshed(session, request)
    if request.each is not None:
        return run_fan(step, effect, outlets)
    if is_setup(request.options, effect):
        return await _run_setup(step, effect, run)
    with unseen():
        place = choose(request.options, session)
        step.executor = place.name
        if step.executor == INLINE:
            wait_for_what_matters(session, request.cell, effect)
        gathered = step.gathered = gather(request.cell, request.options, session.setting.namespace, session.around)
        gathered.ingredients += request.extra
        note_code(session.setting, gathered.walk)
        step.why += [*gathered.reasons, *uncached.reasons(request.cell, request.options, gathered, session)]
        if not step.why:
            step.key = cache_key(gathered.ingredients)
    if step.key is None:
        place.insist()
        return await _run(step, run, outlets)
    try:
        hit = await find_or_claim(step)
    except (CatalogError, StoreError) as error:
        place.insist()
        step.key, step.why = None, [f"no result can be looked up or kept: {error}"]
        session.warn_once("steps run without being kept", error)
        return await _run(step, run, outlets)
    if hit is not None:
        bind_hit(step, hit)
        return step
    try:
        place.insist()
        return await _run(step, run, outlets)
    finally:
        if all(pending.step is not step for pending in session.pending):
            session.let_go(step.key)


def _wait_for_inputs(step: Step) -> None:
    """Say so where a step reads what a step in the background is still to bind: it is about to be waited for."""
    reads = step.request.cell.names.reads
    makers = [each for each in step.session.pending if not each.done and each.names & reads]
    if makers:
        names = sorted(makers[0].names & reads)
        step.wait_for(f"{', '.join(f'`{name}`' for name in names)}, which `{makers[0].step.request.name}` is making")


def listened(step: Step, run: RunBody) -> RunBody:
    """Return `run` with the numbers that the cell's code logs kept for the step."""

    async def listened() -> tuple[BaseException | None, bool, Any]:
        with listening(step.measured), following(step.tells):
            before = RUNNING.set(step)
            try:
                return await run()
            finally:
                RUNNING.reset(before)

    return listened


async def _run(step: Step, run: RunBody, outlets: Outlets) -> Step:
    """Run a step where it was decided that it runs."""
    if step.executor == INLINE:
        return await _run_here(step, run)
    if not in_background(step):
        leave = partial(go_on, step, outlets)
        return await run_remote(step, outlets.now, lambda: _run_in_turn(step, run), leave)
    if stays(step) or not _started(step, run, outlets):
        return await _run_in_turn(step, run)
    return step


def _started(step: Step, run: RunBody, outlets: Outlets) -> bool:
    """Start a step in the background; tell whether it could be, where it may run in the kernel instead.

    Raises:
        CannotMove: it must stay, but somebody asked for the place.
        StoreError: its inputs can't be stored, and somebody asked.
    """
    try:
        with unseen():
            start_background(step, outlets.later(), lambda: _run_here(step, run))
    except (CannotMove, StoreError) as error:
        if not may_return(step):
            raise
        step.why.append(str(error))
        return False
    return True


async def _run_in_turn(step: Step, run: RunBody) -> Step:
    """Run a step in the kernel that was to run elsewhere: after all those before it, and with what they have left."""
    if step.session.pending:
        wait_all(step.session)
        with unseen():
            gather_again(step, step.session.setting.namespace)
    return await _run_here(step, run)


async def _run_here(step: Step, run: RunBody) -> Step:
    """Run a step in the kernel; one without a key plainly, as if Steppe were not there."""
    step.executor = INLINE
    if step.key is None:
        return await _run_uncached(step, run)
    return await run_inline(step, run)


def _refreshed(session: Session, request: Request) -> bool:
    """Tell whether a step is to run although it would hit: it was asked for, for this run or once."""
    if request.name in session.again:
        session.again.discard(request.name)
        return True
    headless = session.headless
    return headless is not None and ("*" in headless.refresh or request.name in headless.refresh)


def is_setup(options: Options, effect: Effect | None) -> bool:
    """Tell whether a cell always runs: the user says so, or its code acts elsewhere than on its own variables."""
    if options.setup is not None:
        return options.setup
    if options.map is not None or options.sweep is not None:
        return False
    if options.resources.nodes > 1 or options.resources.workers:
        return False  # `init_process_group()` or `ray.init()` alone is no reason to run it in the kernel
    return effect is not None and effect.act in (Act.SETUP, Act.IMPORTS)


async def _run_setup(step: Step, effect: Effect | None, run: RunBody) -> Step:
    """Run a setup cell, and note it for the keys of later steps."""
    session, cell = step.session, step.request.cell
    with unseen():
        if effect is None or effect.act is not Act.IMPORTS:
            wait_for_what_matters(session, cell, effect)
        materialise(None if cell.names.unbounded_reads else cell.names.reads - cell.streamed, session.setting.namespace)
    raised, _, _ = await run()
    if effect is None or effect.act is Act.AMBIENT:
        effect = Effect(act=Act.SETUP, what=f"`{step.request.name}`", path=step.request.name)
    step.why = [f"setup: {effect.what}" if effect.act is Act.SETUP else "setup: imports alone"]
    if raised is None:
        step.become(State.SETUP)
    else:
        step.fail(raised)
    with unseen():
        if raised is None:
            note_imports(session, cell)
            if effect.act is Act.SETUP:
                note_setup(session, cell, effect)
    session.note(step.record())
    return step


async def find_or_claim(step: Step) -> Hit | None:
    """Find a result, or claim the key; whoever else has it is waited for."""
    with unseen():
        step.refreshed = _refreshed(step.session, step.request)
        hit = None if step.refreshed else _look_up(step)
    return await _claim(step) if hit is None else hit


def _look_up(step: Step) -> Hit | None:
    session = step.session
    assert step.key is not None
    hit, reasons = find_hit(step.key, session.catalog.entries, session.store, session.world(), time.time())
    if hit is not None and (trouble := _read(step, hit)):
        hit, reasons = None, [f"its stored result can't be used: {trouble}"]
    step.why = step.why or reasons
    return hit


def _read(step: Step, hit: Hit) -> str:
    """Load a result for `bind_hit`; say why it can't be, or nothing: the cell then runs, and nothing was touched."""
    session = step.session
    assert step.gathered is not None
    step.binding = Binding(session.setting, session.store, step.gathered.walk, session.is_ours)
    try:
        step.binding.read(hit.result)
    except Exception as error:  # a stored value's own code, or that of a library that has changed, may raise anything
        return f"{type(error).__name__}: {error}"
    return ""


async def _claim(step: Step) -> Hit | None:
    """Claim the key; while somebody else has it, wait for their result."""
    session, key = step.session, step.key
    assert key is not None
    label = f"{step.request.name} in {session.path or 'a kernel'}"
    pause = 0.02
    with unseen():
        wait_for_same(session, key)
        mine = _attempt(step)
        claim = session.catalog.claims.acquire(key, session.holder, LEASE, label=label, **mine)
    while claim.holder != session.holder:
        with unseen():
            lives = alive(claim.holder)
            dead = lives is False or has_ended(session, claim)
            if dead or (not lives and claim.expires <= session.catalog.claims.now()):
                left = claim
                its = {"attempt": left.attempt, "executor": left.executor, "handle": left.handle}
                claim = session.catalog.claims.steal(left, session.holder, LEASE, dead=dead, label=label, **its)
                if claim.holder == session.holder:
                    if adopt(step, left):
                        adopted(step, left.attempt)
                    session.catalog.claims.describe(msgspec.structs.replace(claim, **mine))
                continue
        step.wait_for(f"{claim.label or 'another kernel'}, where the same work is under way")
        await _pause(pause, step.request.cell.names.awaits)
        pause = min(pause * 1.5, 0.5)
        with unseen():
            claim = session.catalog.claims.acquire(key, session.holder, LEASE, label=label, **mine)
    session.hold(key)
    with unseen():
        hit = None if step.refreshed else _look_up(step)
    if hit is not None:
        session.let_go(key)
    return hit


def _attempt(step: Step) -> dict[str, str]:
    """Return what a claim says of the attempt that is about to be launched, so that others can find it."""
    if step.executor == INLINE:
        return {"attempt": "", "executor": "", "handle": ""}
    step.attempt = new_attempt()
    handle = step.session.executor(step.executor).handle(step.attempt)
    return {"attempt": step.attempt, "executor": step.executor, "handle": handle}


async def _pause(seconds: float, awaits: bool) -> None:
    """Wait; on the event loop where the cell runs on it, else in the thread, where an interrupt ends it at once."""
    if awaits:
        import asyncio

        await asyncio.sleep(seconds)
    else:
        time.sleep(seconds)  # noqa: ASYNC251  # IPython runs a cell without `await` outside of the loop


def bind_hit(step: Step, hit: Hit) -> None:
    """Bind a result, show what it showed, and write down that it was a hit."""
    session = step.session
    binding = step.binding
    try:
        with unseen():
            value = binding.bind(hit.result)
    except Exception as error:
        raise HalfBound(step.request.name, error) from error
    replay(session.setting.shell, hit.result.shown, value)
    step.entry, step.result, step.result_digest = hit.entry, hit.result, hit.entry.result
    step.why = ["nothing that it depends on has changed", *binding.written.notes]
    for note in binding.written.notes:
        session.warn(f"`{step.request.name}`: {note}")
    step.become(State.HIT)
    with unseen():
        note_imports(session, step.request.cell)
    session.note(step.record())
    with unseen(), session.forgiving("when results were last used is not written down"):
        session.catalog.entries.touch(hit.entry, time.time())
        if hit.result.metrics:
            session.catalog.metrics.repeat(step.id, hit.result.metrics)


async def _run_uncached(step: Step, run: RunBody) -> Step:
    """Run a cell that has no key: plainly, as if Steppe were not there."""
    step.begin()
    session, cell = step.session, step.request.cell
    names = cell.names
    with unseen():
        materialise(None if names.unbounded_reads else names.reads - cell.streamed, session.setting.namespace)
        before = look(session, cell)
    with recording(session.setting.shell, Recording(step.shows, keep=False)):
        raised, _, _ = await run()
    if raised is None:
        step.become(State.SUCCEEDED)
    else:
        step.fail(raised)
    with unseen():
        note_retold(session, step.request.cell, before, failed=raised is not None)
        note_imports(session, step.request.cell)
    session.note(step.record())
    return step
