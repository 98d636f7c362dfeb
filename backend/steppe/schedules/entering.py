"""Which due times are entered when the clock is looked at, and as what. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import msgspec
from blake3 import blake3

from steppe.catalog import Due, Schedule
from steppe.schedules.times import due_times

CATCHUPS = ("latest", "all", "skip")

PUNCTUAL = 120.0
"""Seconds. A time that is entered later than this was missed: no scheduler ran, or the clock stood."""

AT_ONCE = 500
"""How many times of a schedule are entered in one transaction; a later look enters the next."""


def entered(schedule: Schedule, now: float) -> tuple[list[Due], Schedule]:
    """Return what is to be entered of the times that have passed, and the schedule with its cursor moved.

    The catch-up policy tells of the times that were missed: `all` of them run, the `latest` time that has passed does,
    or those more than `PUNCTUAL` late don't.
    """
    times = list(islice(due_times(schedule.cron, schedule.zone, schedule.cursor, now), AT_ONCE + 1))
    more = len(times) > AT_ONCE
    times = times[:AT_ONCE]
    found = [_entry(schedule, due, runs=_runs(schedule, due, now, last=due == times[-1] and not more)) for due in times]
    cursor = float(times[-1]) if more else max(now, schedule.cursor)
    return found, msgspec.structs.replace(schedule, cursor=cursor)


def _runs(schedule: Schedule, due: int, now: float, *, last: bool) -> bool:
    if schedule.catchup == "latest":
        return last
    return schedule.catchup == "all" or now - due <= PUNCTUAL


def _entry(schedule: Schedule, due: int, *, runs: bool) -> Due:
    if not runs:
        return Due(schedule=schedule.id, due=due, state="skipped", open=0)
    return Due(schedule=schedule.id, due=due, after=due + spread(schedule, due))


def backfilled(schedule: Schedule, since: float, until: float) -> Iterable[Due]:
    """Yield the times from `since` to `until`, both among them, as they are entered by hand."""
    for due in due_times(schedule.cron, schedule.zone, since - 1, until):
        yield Due(schedule=schedule.id, due=due, after=0.0, origin="backfill")


def spread(schedule: Schedule, due: int) -> float:
    """Return by how many seconds a start is put off: the same whenever it is asked, less than the jitter."""
    digest = blake3(f"{schedule.id} {due}".encode()).digest(length=6)
    return schedule.jitter * int.from_bytes(digest, "big") / 2**48
