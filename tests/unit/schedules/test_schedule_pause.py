"""A pause: no time of it is due, neither while it lasts nor after."""

from __future__ import annotations

import pytest
from clocked import HOUR, ROOT, START, Clocked

from steppe.catalog.schedules import NOBODY
from steppe.schedules.making import backfill, pause, resume


@pytest.fixture
def clocked(tmp_path):
    with Clocked(tmp_path) as made:
        yield made


def hours(*numbers: int, state: str = "succeeded") -> dict[float, str]:
    return {number * HOUR: state for number in numbers}


@pytest.mark.parametrize("catchup", ["all", "latest", "skip"])
def test_no_time_is_due_while_it_is_paused_and_none_of_them_is_caught_up(clocked, catchup):
    clocked.add("s", catchup=catchup)
    clocked.add("other", catchup=catchup)
    clocked.live(2.5 * HOUR)
    pause(clocked.catalog, ROOT, "s")
    clocked.live(4.5 * HOUR)
    assert clocked.rows() == hours(1, 2)
    clocked.restart()  # a scheduler that was not there when it began
    clocked.live(6.5 * HOUR)
    resume(clocked.catalog, ROOT, "s")
    clocked.at(clocked.time)
    assert clocked.rows() == hours(1, 2)
    clocked.live(8.5 * HOUR)
    assert clocked.rows() == hours(1, 2, 7, 8)
    starts = [(due, begun) for name, due, begun in clocked.starts if name == "s"]
    assert starts == [(hour * HOUR, hour * HOUR) for hour in (1, 2, 7, 8)]
    assert clocked.rows("other") == hours(*range(1, 9))


def test_what_waits_and_what_runs_goes_on(clocked):
    clocked.add("s", catchup="all")
    clocked.at(1 * HOUR)
    clocked.at(2 * HOUR)
    assert clocked.rows() == {1 * HOUR: "running", 2 * HOUR: "waiting"}
    pause(clocked.catalog, ROOT, "s")
    clocked.at(2.5 * HOUR)
    clocked.end(1 * HOUR)
    clocked.live(5.5 * HOUR)
    assert clocked.rows() == hours(1, 2)


def test_a_pause_holds_though_a_scheduler_was_about_to_enter_a_time(clocked, monkeypatch):
    clocked.add("s", catchup="all")
    change = clocked.catalog.schedules.change
    overtaken = []

    def late(before, after, dues=(), *, by=NOBODY):
        if by != NOBODY and not overtaken:
            overtaken.append(before)
            pause(clocked.catalog, ROOT, "s")
        return change(before, after, dues, by=by)

    monkeypatch.setattr(clocked.catalog.schedules, "change", late)
    clocked.at(1 * HOUR)
    clocked.live(3 * HOUR)
    assert len(overtaken) == 1
    assert clocked.rows() == {}


def test_what_comes_after_it_is_caught_up_though_nothing_ran_then(clocked):
    clocked.add("s", catchup="all")
    pause(clocked.catalog, ROOT, "s")
    clocked.time = 2.5 * HOUR
    resume(clocked.catalog, ROOT, "s")
    clocked.time = 4.5 * HOUR
    resume(clocked.catalog, ROOT, "s")  # which is not paused any more: what has passed since is not forgotten
    clocked.live(6.5 * HOUR)
    assert clocked.rows() == hours(3, 4, 5, 6)


def test_what_it_left_out_can_be_backfilled(clocked):
    schedule = clocked.add("s")
    pause(clocked.catalog, ROOT, "s")
    clocked.live(3.5 * HOUR)
    assert len(backfill(clocked.catalog, schedule, START + 1 * HOUR, START + 2 * HOUR)) == 2
    clocked.live(4.5 * HOUR)  # paused as it is: a backfill is asked for by hand
    assert clocked.rows() == hours(1, 2)
