"""A cell that reads what a failed step in the background was to make fails as that step did, and binds nothing."""

from __future__ import annotations

import pytest

READERS = ["found = x", "%%step u\nfound = x", "print(x)", "def f():\n    return x\nfound = f()"]


@pytest.mark.parametrize("source", READERS)
def test_reading_a_name_of_a_failed_step_raises_its_error(kernel, caplog, source):
    one = kernel()
    one.step("s", "x = 1\nraise ValueError('no such luck')", "on=process wait=false")
    done = one.run(source)
    assert not done.success
    assert "no such luck" in str(done.error_in_exec or done.error_before_exec)
    assert "no such luck" in one.out
    assert "found" not in one.shell.user_ns
    assert "please report" not in caplog.text


def test_a_failed_step_does_not_keep_steppe_from_being_turned_off_and_on(kernel):
    one = kernel()
    one.step("s", "x = 1\nraise ValueError('no such luck')", "on=process wait=false")
    one.run("kept = 2")
    assert one.run("%unload_ext steppe").success, one.out
    assert (one["kept"], "x" in one.shell.user_ns) == (2, False)
    assert one.run("%load_ext steppe").success
    one.step("t", "y = kept + 1")
    assert str(one.last.state) == "succeeded"


def test_a_cell_that_may_read_anything_runs_beside_a_failed_step(kernel):
    one = kernel()
    one.step("s", "x = 1\nraise ValueError('no such luck')", "on=process wait=false")
    done = one.run("found = sorted(name for name in globals() if name == 'x')")
    assert done.success, one.out
    assert one["found"] == ["x"]
    assert not one.run("globals()['x'] + 1").success
    assert "no such luck" in one.out
