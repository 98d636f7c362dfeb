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
