"""Retries: the wait grows with each failure, whoever looks at the clock; their end is told once."""

from __future__ import annotations

import pytest
from clocked import DAY, HOUR, MINUTE, Clocked

from steppe.catalog import Due, Schedule
from steppe.schedules.settling import LOSSES, retried


@pytest.fixture
def clocked(tmp_path):
    with Clocked(tmp_path) as made:
        yield made


def started(clocked: Clocked) -> list[float]:
    return [due for _, due, _ in clocked.starts]


@pytest.mark.parametrize("restarts", [False, True], ids=["one scheduler", "another each time"])
def test_the_wait_doubles_and_the_last_failure_is_told_once(clocked, restarts):
    clocked.add(cron="0 0 * * *", retries=4, retry_wait=MINUTE)
    clocked.at(DAY)
    for number, wait in enumerate((1 * MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE), 1):
        clocked.time += 7
        clocked.end(DAY, "failed")
        clocked.at(clocked.time + 1)
        ready = clocked.time + wait
        if restarts:
            clocked.restart()
        clocked.at(ready - 0.5)
        assert len(clocked.starts) == number
        assert clocked.due(DAY).state == "waiting"
        clocked.at(ready)
        assert len(clocked.starts) == number + 1
        assert clocked.told == []
    clocked.end(DAY, "failed")
    clocked.live(DAY + 20 * HOUR)
    assert len(clocked.starts) == 5
    found = clocked.due(DAY)
    assert (found.state, found.tries, found.open, found.error) == ("failed", 5, 0, "boom")
    assert clocked.told == [("failed", DAY)]
    clocked.at(2 * DAY)
    clocked.live(2 * DAY + HOUR)
    assert clocked.told == [("failed", DAY), ("recovered", 2 * DAY)]


def test_a_success_ends_them_and_nothing_is_told(clocked):
    clocked.add(cron="0 0 * * *", retries=3)
    clocked.at(DAY)
    clocked.end(DAY, "failed")
    clocked.at(DAY + 1)
    clocked.at(DAY + 1 + MINUTE)
    clocked.end(DAY)
    clocked.live(1.9 * DAY)
    assert started(clocked) == [DAY, DAY]
    assert (clocked.due(DAY).state, clocked.due(DAY).open) == ("succeeded", 0)
    assert clocked.told == []


def test_without_retries_a_failure_is_the_end(clocked):
    clocked.add(cron="0 0 * * *")
    clocked.at(DAY)
    clocked.end(DAY, "failed")
    clocked.live(1.9 * DAY)
    assert started(clocked) == [DAY]
    assert clocked.told == [("failed", DAY)]


def test_what_waits_for_its_retry_keeps_those_behind_it_waiting(clocked):
    clocked.add(retries=1, retry_wait=30 * MINUTE)
    clocked.at(1 * HOUR)
    clocked.at(2 * HOUR)
    clocked.end(1 * HOUR, "failed")
    clocked.at(2.1 * HOUR)
    clocked.at(2.2 * HOUR)
    assert started(clocked) == [1 * HOUR]
    clocked.at(2.7 * HOUR)
    assert started(clocked) == [1 * HOUR, 1 * HOUR]
    clocked.end(1 * HOUR, "failed")  # for good
    clocked.at(2.8 * HOUR)
    clocked.at(2.9 * HOUR)
    assert started(clocked) == [1 * HOUR, 1 * HOUR, 2 * HOUR]


def test_processes_that_died_are_tried_again_at_once_and_count_for_no_failure(clocked):
    clocked.add(cron="0 0 * * *", retries=1, retry_wait=MINUTE)
    clocked.at(DAY)
    for _ in range(LOSSES):
        clocked.die(DAY)
        clocked.at(clocked.time + 1)
        clocked.at(clocked.time + 1)
    assert len(clocked.starts) == 1 + LOSSES
    clocked.end(DAY, "failed")
    clocked.at(clocked.time + 1)
    clocked.at(clocked.time + MINUTE)
    assert len(clocked.starts) == 2 + LOSSES
    clocked.die(DAY)
    clocked.live(1.9 * DAY)
    assert len(clocked.starts) == 2 + LOSSES
    assert clocked.due(DAY).state == "failed"
    assert f"died {LOSSES + 1} times without a word" in clocked.due(DAY).error
    assert clocked.told == [("failed", DAY)]


def test_a_wait_grows_to_a_day_and_no_further():
    def waits(wait: float, *tries: int) -> list[float]:
        schedule = Schedule(id="s", name="s", root="/p", retries=10_000, retry_wait=wait)
        failed = [Due(schedule="s", due=0, state="failed", tries=number) for number in tries]
        found = [retried(schedule, due, 1000.0) for due in failed]
        return [due.after - 1000 for due in found]

    assert waits(MINUTE, 1, 2, 11, 12, 5000) == [MINUTE, 2 * MINUTE, 1024 * MINUTE, DAY, DAY]
    assert waits(2 * DAY, 1, 2, 5000) == [2 * DAY] * 3
    assert waits(0.0, 1, 5000) == [0.0, 0.0]
