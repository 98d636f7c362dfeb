"""What a kernel that is gone has left of a fan-out: chunks still under way, and results that nobody entered."""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec

from steppe.engine.checkpoints import drop
from steppe.engine.lookup import DECODER, blobs_of
from steppe.engine.session import LEASE
from steppe.engine.step import Step
from steppe.types import Claim, Digest, Entry, State
from steppe.worker.task import AttemptRecord, ElementRecord, record_name


def take_over(step: Step, left: Iterable[Claim]) -> None:
    """Wait for chunks whose kernel is gone, and enter what they have left.

    Args:
        step: the fan-out that wants some of their elements.
        left: the claims of that kernel.
    """
    session = step.session
    entries, saved = [], list[str]()
    for claim in {claim.attempt: claim for claim in left if claim.attempt}.values():
        _wait(step, claim)
        data = session.store.read_record(record_name(claim.attempt))
        if data is not None:
            records = msgspec.msgpack.decode(data, type=AttemptRecord).elements
            entries += [entry for record in records if (entry := _entry(step, record)) is not None]
            saved += [name for record in records for name in record.checkpoints]
    known = session.catalog.entries.among(entry.key for entry, _ in entries)
    fresh = [each for each in entries if each[0].key not in known]
    if fresh:
        session.catalog.entries.keep_each(fresh, step.record_as(State.RUNNING))
    drop(session, saved)


def _wait(step: Step, claim: Claim) -> None:
    flight = step.session.executor(claim.executor).attach(claim.handle) if claim.handle else None
    if flight is None:
        return
    step.wait_for("elements that a kernel which is gone had begun")
    while flight.follow(lambda _: None, timeout=LEASE / 3) is None:
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
