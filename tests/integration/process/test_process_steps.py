"""Steps in local workers, through real IPython shells."""

import sys

import pytest


@pytest.mark.parametrize("again", [False, True])
def test_a_step_runs_in_another_process_and_is_a_hit_afterwards(kernel, again):
    shell = kernel()
    result = shell.step("first", "import os\npid = os.getpid()\nprint('hello')\nos.getpid()")
    assert result.success
    pid = shell["pid"]
    assert pid != shell.pid
    assert shell.out.startswith("hello\n")
    if again:
        other = kernel()
        assert other.step("first", "import os\npid = os.getpid()\nprint('hello')\nos.getpid()").success
        assert other.last.state == "hit"
        assert other["pid"] == pid


LIBRARY = """
count = 0
seen = {}

class Model:
    made = 0
    def __init__(self):
        Model.made += 1

def up():
    global count
    count += 1
    return count

def note(value, into=[]):
    seen[value] = len(seen)
    into.append(value)
    return len(into)
"""


@pytest.mark.parametrize("imported", [True, False])
def test_what_modules_of_the_project_hold_goes_along_and_comes_back(kernel, tmp_path, monkeypatch, imported):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "worker_lib.py").write_text(LIBRARY)
    work = "x = [worker_lib.up(), worker_lib.note('b'), worker_lib.Model().made]"
    look = "y = [worker_lib.count, worker_lib.seen, worker_lib.Model.made, worker_lib.note.__defaults__]"
    found = []
    for options in ("on=inline", "on=process", "on=process"):
        sys.modules.pop("worker_lib", None)
        shell = kernel()
        if imported:
            assert shell.run(
                "import worker_lib\nz = [worker_lib.up(), worker_lib.note('a'), worker_lib.Model()]"
            ).success
        assert shell.step("held", work if imported else f"import worker_lib\n{work}", f"{options} cache=true").success
        assert shell.run(look).success
        found.append((shell["x"], repr(shell["y"])))
        if options == "on=inline":
            shell.run("%steppe clear held")
    assert found[0] == found[1] == found[2]
    assert shell.last.state == "hit"
