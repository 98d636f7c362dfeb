"""Jitter: starts are spread, a due time's always by the same amount, and the due time itself stays what it is."""

from __future__ import annotations

from clocked import HOUR, START, Clocked

JITTER = 600.0
HOURS = 8


def day(folder, *, jitter: float, restarts: bool = False) -> dict[tuple[str, float], float]:
    """By how many seconds each hour's starts of two schedules are put off."""
    with Clocked(folder) as clocked:
        for name in ("a", "b"):
            clocked.add(name, jitter=jitter, late=1.0)
        for hour in range(1, HOURS + 1):
            clocked.at(hour * HOUR)
            for start in sorted({due.after - START for due in clocked.catalog.schedules.open(("a", "b"))}):
                if restarts:
                    clocked.restart()
                before = len(clocked.starts)
                if start - 0.5 > clocked.time:
                    clocked.at(start - 0.5)
                    assert len(clocked.starts) == before
                clocked.at(start)
            for name, time in list(clocked.on):
                clocked.end(time, name=name)
            clocked.at(clocked.time + 1)
        assert clocked.told == []  # what starts by its jitter is not late
        assert clocked.rows("a") == clocked.rows("b") == {hour * HOUR: "succeeded" for hour in range(1, HOURS + 1)}
        assert len(clocked.starts) == 2 * HOURS
        return {(name, due): begun - due for name, due, begun in clocked.starts}


def test_starts_are_spread_over_the_jitter_and_due_times_stay(tmp_path):
    found = day(tmp_path, jitter=JITTER)
    assert set(found) == {(name, hour * HOUR) for name in "ab" for hour in range(1, HOURS + 1)}
    assert all(0 <= put_off < JITTER for put_off in found.values())
    assert len({round(put_off, 3) for put_off in found.values()}) == 2 * HOURS  # by the schedule, and by the due time
    assert min(found.values()) < JITTER / 4
    assert max(found.values()) > JITTER * 3 / 4


def test_another_scheduler_puts_each_start_off_by_the_same(tmp_path):
    assert day(tmp_path / "one", jitter=JITTER) == day(tmp_path / "other", jitter=JITTER, restarts=True)


def test_without_jitter_a_run_starts_when_it_is_due(tmp_path):
    assert set(day(tmp_path, jitter=0.0).values()) == {0.0}
