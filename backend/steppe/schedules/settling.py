"""What is to be done with a due time as it stands: the one table of its states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from steppe.catalog import Due, Schedule

BEAT = 5.0
"""Seconds between a running process's signs of life."""

TTL = 60.0
"""Seconds without one after which it counts as dead, and after which a launch that led to nothing does."""

MOST_WAIT = 86400.0
"""Seconds to which the wait before a retry grows at most; one that begins longer stays as it is."""

LOSSES = 3
"""So often a due time whose process died without a word is tried again, whatever `retries` says."""

BUSY = ("started", "running")
GOING = ("waiting", *BUSY)
ENDED = ("succeeded", "failed", "skipped")


def startable(schedule: Schedule, dues: Sequence[Due], now: float) -> list[Due]:
    """Return the waiting due times that may start now, in their order; what is backfilled comes last.

    One at a time means in order, too: a due time that waits for its retry keeps those behind it waiting.
    """
    free = schedule.parallel - sum(due.state in BUSY for due in dues)
    waiting = sorted((d for d in dues if d.state == "waiting"), key=lambda due: (due.origin == "backfill", due.due))
    if schedule.parallel == 1:
        waiting = waiting[:1]
    ready = [due for due in waiting if due.after <= now]
    return ready[: max(free, 0)]


def given_up(due: Due, now: float, alive: Callable[[str], bool | None]) -> Due | None:
    """Return how a due time goes on whose launch led to nothing, or whose process has died; None where it is not so.

    A clock that jumped is no death: where the process can be seen, what is seen counts.
    """
    if due.state == "started":
        # A launch that has not been heard of within the TTL. One that comes yet finds another token.
        over = not now < due.expires <= now + 2 * TTL
        return _waiting(due, after=now) if over else None
    if due.state != "running":
        return None
    lives = alive(due.holder)
    if lives or (lives is None and now < due.expires <= now + 2 * TTL):
        return None
    if due.lost < LOSSES:
        return _waiting(due, after=now, lost=due.lost + 1)
    error = f"its process died {due.lost + 1} times without a word: it was killed, or the machine went down"
    return msgspec.structs.replace(due, state="failed", error=error, ended=now, token="", lost=due.lost + 1)


def retried(schedule: Schedule, due: Due, now: float) -> Due | None:
    """Return how a due time that failed is tried again; None where it has been tried often enough."""
    failures = due.tries - due.lost
    if due.state != "failed" or failures > schedule.retries or due.lost > LOSSES:
        return None
    return _waiting(due, after=now + _wait(schedule, failures))


def _wait(schedule: Schedule, failures: int) -> float:
    """Return the seconds before the next try: twice as many after each failure, and no number that overflows."""
    grown = schedule.retry_wait * 2.0 ** min(failures - 1, 60)
    return min(grown, max(MOST_WAIT, schedule.retry_wait))


def _waiting(due: Due, *, after: float, lost: int | None = None) -> Due:
    return msgspec.structs.replace(
        due,
        state="waiting",
        token="",
        after=after,
        expires=0.0,
        told=tuple(kind for kind in due.told if kind != "failed"),
        ended=0.0,
        lost=due.lost if lost is None else lost,
    )


def alert_for(schedule: Schedule, due: Due, latest: Sequence[Due], now: float) -> str:
    """Return the alert that is to be sent of a due time now: `late`, `failed`, `recovered`, or none.

    Args:
        schedule: its schedule.
        due: the due time.
        latest: the schedule's due times, the latest first.
        now: the time.
    """
    if due.state == "waiting" and not due.tries and due.origin == "cron" and "late" not in due.told:
        return "late" if now > max(due.due, due.after) + schedule.late else ""
    if due.state == "failed" and "failed" not in due.told:
        return "failed"
    if due.state == "succeeded" and "recovered" not in due.told:
        before = max(
            (d for d in latest if d.due != due.due and d.state in ("succeeded", "failed") and d.ended <= due.ended),
            key=lambda d: d.ended,
            default=None,
        )
        troubled = before is not None and before.state == "failed"
        return "recovered" if troubled or "late" in due.told else ""
    return ""
