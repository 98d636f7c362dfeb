"""As many runs of a schedule go on at once as it allows: no more, and no fewer where enough are due."""

from __future__ import annotations

import pytest
from clocked import HOUR, Clocked

TIMES = 5


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_so_many_go_on_at_once_and_in_their_order(tmp_path, parallel):
    with Clocked(tmp_path) as clocked:
        clocked.add("s", catchup="all", parallel=parallel)
        clocked.add("other", catchup="skip")  # which takes none of its places
        clocked.time = (TIMES - 1) * HOUR
        clocked.at(TIMES * HOUR)
        for ended in range(TIMES):
            on = [due for name, due, _ in clocked.starts if (name, due) in clocked.on and name == "s"]
            assert on == [(ended + 1 + number) * HOUR for number in range(min(parallel, TIMES - ended))]
            clocked.at(clocked.time + 1)
            clocked.restart()
            clocked.at(clocked.time + 1)
            assert sum(state == "running" for state in clocked.rows().values()) == len(on)
            clocked.end(on[0])
            clocked.at(clocked.time + 1)
        assert clocked.rows() == {number * HOUR: "succeeded" for number in range(1, TIMES + 1)}
        assert ("other", TIMES * HOUR) in clocked.on
