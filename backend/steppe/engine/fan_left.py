"""What a kernel that is gone has left of a fan-out: chunks still under way, and results that nobody entered."""

from __future__ import annotations

import time

import msgspec

from steppe.engine.holder import alive
from steppe.engine.lookup import DECODER, blobs_of
from steppe.engine.session import Session
from steppe.engine.step import Step
from steppe.states import LIVE
from steppe.types import Attempt, Digest, Entry, State, StepRun
from steppe.worker.task import AttemptRecord, ElementRecord, record_name


def take_over(step: Step) -> None:
    """Wait for the chunks of the step's last run whose kernel is gone, and enter what they have left."""
    session = step.session
    with session.forgiving("what an earlier kernel has left of a fan-out is not taken over"):
        before = session.catalog.step_runs.last(step.record().step, part=step.request.part)
        if before is None or before.id == step.id or not _is_left(session, before):
            return
        entries = []
        for attempt in session.catalog.attempts.of(before.id):
            _wait(step, attempt)
            data = session.store.read_record(record_name(attempt.id))
            if data is not None:
                records = msgspec.msgpack.decode(data, type=AttemptRecord).elements
                entries += [entry for record in records if (entry := _entry(step, record)) is not None]
        known = session.catalog.entries.among(entry.key for entry, _ in entries)
        fresh = [each for each in entries if each[0].key not in known]
        if fresh:
            session.catalog.entries.keep_each(fresh, step.record_as(State.RUNNING))


def _is_left(session: Session, before: StepRun) -> bool:
    """Tell whether a StepRun was still under way when its kernel ended."""
    if before.state not in LIVE and before.state is not State.LOST:
        return False
    run = session.catalog.runs.get(before.run)
    return run is not None and bool(run.holder) and alive(run.holder) is False


def _wait(step: Step, attempt: Attempt) -> None:
    if attempt.state not in LIVE or not attempt.handle:
        return
    flight = step.session.executor(attempt.executor).attach(attempt.handle)
    if flight is None:
        return
    step.wait_for("elements that a kernel which is gone had begun")
    while flight.follow(lambda _: None, timeout=1.0) is None:
        pass


def _entry(step: Step, record: ElementRecord) -> tuple[Entry, list[Digest]] | None:
    """Return what is to be entered of an element, where it may be a hit."""
    if record.key is None or record.blob is None or record.reasons:
        return None
    result = DECODER.decode(step.session.store.get(record.blob, start=record.start, stop=record.stop))
    expires, now = step.request.options.expires, time.time()
    entry = Entry(
        key=record.key,
        result=record.blob,
        trace=result.trace,
        seconds=result.seconds,
        created=now,
        expires=None if expires is None or expires == "never" else now + expires,
        step_run=step.id,
        size=sum(part.size for part in result.parts) + sum(file.size for file in result.files),
        start=record.start,
        stop=record.stop,
    )
    return entry, list(blobs_of(result))
