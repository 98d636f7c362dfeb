"""Fan-outs that their cell does not wait for: what they see, how they come home, and how they are ended."""

import re
import shutil
import tempfile
import time
from pathlib import Path

import pytest

MAP = '%%step score on=process wait=false map="x in xs"\n'
WAITS = "import os, time\nwhile not os.path.exists(gate + str(x)):\n    time.sleep(0.02)\n"


@pytest.fixture
def gate():
    """What the names of files begin with that let elements go on; they count as no files of the project."""
    made = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield f"{made}/go-"
    shutil.rmtree(made)


def go(gate, *elements):
    for each in elements:
        Path(f"{gate}{each}").touch()


def until(there):
    end = time.monotonic() + 120
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


def said(shell):
    return re.sub(r"\x1b\[[0-9;]*m", "", shell.out + shell.err)


def elements(step):
    return step.elements["hits"], step.elements["ran"], step.elements["failed"]


def test_the_kernel_goes_on_and_a_read_waits_for_all_of_it(kernel, gate):
    shell = kernel()
    shell.run(f"xs = [1, 2, 3]\ngate = {gate!r}\nfactor = 10")
    assert shell.run(f"{MAP}{WAITS}y = x * factor\nprint('at', x)").success, shell.err
    step = shell.last
    assert step.state in ("queued", "running")
    shell.run("xs.append(99)\nfactor = 1\nbusy = 'no'")  # what later cells change is not seen
    assert shell["busy"] == "no"
    go(gate, 1, 2, 3)
    assert shell.run("total = sum(y)").success, shell.err
    assert (shell["total"], shell["y"], elements(step)) == (60, [10, 20, 30], (0, 3, 0))
    assert step.state == "succeeded"
    shell.run("xs = [1, 2, 3]\nfactor = 10")
    assert shell.run(f"{MAP}{WAITS}y = x * factor\nprint('at', x)").success
    assert (shell.last.state, elements(shell.last), shell["y"]) == ("hit", (3, 0, 0), [10, 20, 30])
    assert shell.out == "at 1\nat 2\nat 3\n"


def test_elements_are_those_of_the_cell_s_moment_though_later_cells_change_them(kernel, gate):
    shell = kernel()
    shell.run(f"import numpy as np\nxs = [[1], np.ones(3), {{'a': [2]}}]\ngate = {gate!r} + 'all'")
    body = "import os, time\nwhile not os.path.exists(gate):\n    time.sleep(0.02)\ny = repr(x)"
    assert shell.run(f"{MAP}{body}").success, shell.err
    shell.run("xs[0].append(7)\nxs[1][:] = 5\nxs[2]['a'].clear()\ndel gate")
    go(gate, "all")
    assert shell.run("y = list(y)").success, shell.err
    assert shell["y"] == ["[1]", "array([1., 1., 1.])", "{'a': [2]}"]


def test_wait_tells_and_a_grid_shows_its_table_and_a_failure_is_raised_where_it_is_read(kernel):
    shell = kernel()
    shell.run('%%step grid on=process wait=false sweep="a in [1, 2], b in [3, 0]" gather=q\nq = a + b')
    shell.run("%steppe wait grid")
    assert "grid: succeeded after" in shell.out
    assert re.search(r"a +b +q\n1 +3 +4\n1 +0 +1", said(shell)), said(shell)
    shell.run("xs = [2, 0, 4]")
    assert shell.run(f"{MAP}y = 8 // x").success
    result = shell.run("y[0]")
    assert "ZeroDivisionError" in str(result.error_in_exec or result.error_before_exec)
    assert "1 of 3 elements of `score` failed: 1 (0): ZeroDivisionError" in said(shell)
    shell.run("xs = [2, 4]")
    assert shell.run(f"{MAP}y = 8 // x").success
    assert (elements(shell.last), shell["y"]) == ((2, 0, 0), [4, 2])


def test_cancel_ends_what_runs_and_keeps_what_has_finished(kernel, gate):
    shell = kernel()
    shell.run(f"xs = [1, 2, 3, 4]\ngate = {gate!r}\ny = 'before'")
    assert shell.run(f"{MAP}{WAITS}y = x").success, shell.err
    step = shell.last
    go(gate, 2)
    until(lambda: step.elements["ran"])
    shell.run("%steppe cancel score")
    told = said(shell)
    shell.run("%steppe wait score")  # a busy machine may take longer than the first command waits
    told += said(shell)
    assert "score: cancelled" in told
    assert "`score` was cancelled after 1 of 4 elements: what has finished is kept" in told
    until(lambda: not shell.session.journeys)  # nothing of it runs on
    go(gate, 1, 3, 4)
    assert shell.run(f"{MAP}{WAITS}y = x").success
    again = shell.last
    assert shell.run("y = list(y)").success, shell.err
    assert (shell["y"], elements(again)) == ([1, 2, 3, 4], (1, 3, 0))


def test_in_the_kernel_it_can_not_be(kernel):
    shell = kernel()
    shell.run("xs = [1]")
    assert not shell.run('%%step score wait=false map="x in xs"\ny = x').success
    assert "the kernel is busy with what runs in it. Give on=process." in said(shell)
