"""A year with restarts at any moment, failures, changes to summer time, clocks that stand and jump: each time once."""

from __future__ import annotations

import os
import shutil
import tempfile
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from simulated import RETRIES, RETRY_WAIT, World

from steppe.catalog import Due, Schedule
from steppe.schedules.entering import PUNCTUAL
from steppe.schedules.settling import LOSSES

YEARS = int(os.environ.get("STEPPE_YEARS", "0"))
"""How many whole years are simulated; none means the weeks of the year in which clocks change."""

START = datetime(2026, 1, 1, tzinfo=UTC)
PERIODS = [(START, datetime(2027, 1, 1, tzinfo=UTC), seed) for seed in range(YEARS)] or [
    (datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 4, 8, tzinfo=UTC), 1),
    (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC), 2),
]

BERLIN, NEW_YORK, LORD_HOWE, SYDNEY = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Australia/Sydney"


def daily(zone: str, hour: int, minute: int) -> list[int]:
    """Each date's time, once: the first of two, or the first moment after the gap that it falls into."""
    found = []
    day = date(2025, 12, 31)
    while day <= date(2027, 1, 2):
        wall = datetime(day.year, day.month, day.day, hour, minute)
        while (there := wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC).astimezone(ZoneInfo(zone)) != there:
            wall += timedelta(minutes=1)
        found.append(int(there.timestamp()))
        day += timedelta(days=1)
    return found


def every(hours: int, minute: int) -> list[int]:
    """Each so many hours of real time, in UTC."""
    return [int(START.timestamp()) + 3600 * hours * n + 60 * minute for n in range(24 // hours * 366)]


PLANS = {
    "spring": ("30 2 * * *", BERLIN, "all", 1, daily(BERLIN, 2, 30)),
    "autumn": ("30 1 * * *", NEW_YORK, "all", 1, daily(NEW_YORK, 1, 30)),
    "half": ("15 2 * * *", LORD_HOWE, "latest", 1, daily(LORD_HOWE, 2, 15)),
    "noon": ("0 12 * * *", SYDNEY, "skip", 1, daily(SYDNEY, 12, 0)),
    "often": ("10 */6 * * *", "UTC", "all", 3, every(6, 10)),
    "latest": ("40 */8 * * *", "UTC", "latest", 1, every(8, 40)),
    "skip": ("50 */8 * * *", "UTC", "skip", 2, every(8, 50)),
}

HAPPENED = ("before", "after", "sleep", "never", "too late", "died", "given up", "stopped", "jumped",
            "back over a due time", "stood", "retried", "retried over a kill")  # fmt: skip
"""What has to have happened in a time that is to show something: see `World.seen`."""


@pytest.fixture
def folder(tmp_path):
    """A folder in memory where there is one: a year has 100,000 writes, which a disk would confirm one by one."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(dir="/dev/shm", prefix="steppe-year-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(("start", "end", "seed"), PERIODS)
def test_each_due_time_of_a_year_is_run_or_left_out_exactly_once(folder, start, end, seed, caplog):
    caplog.set_level("ERROR", "steppe.scheduler")
    world = World(str(folder / "catalog.db"), seed, start.timestamp())
    with world.catalog:
        for name, (cron, zone, catchup, parallel, _) in PLANS.items():
            world.catalog.schedules.add(Schedule(id=name, name=name, root=world.root, cron=cron, zone=zone, jitter=20,
                                                 catchup=catchup, parallel=parallel, retries=RETRIES,
                                                 retry_wait=RETRY_WAIT, cursor=world.now))  # fmt: skip
        marks = sorted({time for *_, times in PLANS.values() for time in times})
        while world.now < end.timestamp():
            _live(world, marks)
        until = world.now
        world.settle()
        for name, (_, _, catchup, parallel, times) in PLANS.items():
            expected = [time for time in times if start.timestamp() < time <= until]
            _check(world, name, catchup, parallel, expected)
    assert all(world.seen[what] for what in HAPPENED), world.seen
    assert world.most["often"] == 3  # so many are due after a stop of days
    assert world.waits
    assert all(wait > RETRY_WAIT * 2 ** (failures - 1) - 0.001 for _, failures, wait in world.waits)


def _live(world: World, marks: list[int]) -> None:
    """Let a little time pass, or a lot of it, or none."""
    chance = world.random.random()
    if chance < 0.004:  # nothing runs for days, or the clock jumps over them
        world.now += world.random.uniform(1, 4) * 86400
        world.seen["stopped" if chance < 0.002 else "jumped"] += 1
        if chance < 0.002:
            world.kill(0)
            world.kill(1)
    elif chance < 0.01:  # the clock is put back, and passes the same times again
        before = world.now
        world.put_back(world.random.uniform(60, 20_000))
        world.seen["back over a due time"] += bisect_left(marks, world.now) < bisect_left(marks, before)
    elif chance < 0.02:  # the clock stands
        world.seen["stood"] += 1
    else:
        next_mark = marks[bisect_left(marks, world.now + 0.001)]
        busy = bool(world.processes) or world.now < world.retrying or chance < 0.1
        world.now = min(world.now + world.random.uniform(10, 60), next_mark + 1.0) if busy else next_mark + 1.0
    world.tick(0)
    if chance > 0.9:
        world.tick(1)
    world.work()


def _check(world: World, name: str, catchup: str, parallel: int, expected: list[int]) -> None:
    found = {due.due: due for due in world.catalog.schedules.dues(name, 100_000)}
    rows = sorted(time for time in found if time <= expected[-1])
    assert rows == expected, (name, sorted(set(rows) ^ set(expected))[:5])
    ran = {time for time, due in found.items() if due.state == "succeeded"}
    skipped = {time for time, due in found.items() if due.state == "skipped"}
    failed = {time for time, due in found.items() if due.state == "failed"}
    assert ran | skipped | failed == set(found), name
    assert all(world.completed[name, time] == (time in ran) for time in found), name
    _check_tries(world, name, found, failed)
    assert bool(skipped) == (catchup != "all"), name
    following = dict(zip(expected, [*expected[1:], expected[-1]], strict=True))
    led = sorted(world.led)
    for time in skipped & set(expected):
        end = time + PUNCTUAL if catchup == "skip" else following[time]
        at = bisect_left(led, time)
        assert at == len(led) or led[at] >= end, (name, time, led[at])
    assert world.most[name] <= parallel, name
    assert parallel > 1 or world.ends[name] == sorted(world.ends[name]), name


def _check_tries(world: World, name: str, found: dict[int, Due], failed: set[int]) -> None:
    """Each failure is tried again so often as is said, over all restarts, and what failed for good is told."""
    for time, due in found.items():
        failures = world.failed[name, time]
        assert failures == due.tries - due.lost - (due.state == "succeeded"), (name, due)
        if due.state == "failed":
            assert failures == RETRIES + 1 or due.lost > LOSSES, (name, due)
        else:
            assert failures <= RETRIES, (name, due)
    assert {time for schedule, time, kind in world.alerts if (schedule, kind) == (name, "failed")} == failed, name
