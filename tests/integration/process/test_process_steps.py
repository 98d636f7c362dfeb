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


def test_a_step_whose_outputs_cannot_come_back_runs_in_the_kernel_where_nobody_asked_for_a_place(kernel):
    shell = kernel()
    assert shell.step("held", "numbers = (n for n in range(3))\nnext(numbers)", "retries=1").success
    assert (shell.last.state, shell.last.executor, shell.err) == ("succeeded", "inline", "")
    assert any("used up by being read" in why for why in shell.last.why)
    assert next(shell["numbers"]) == 1


def test_a_step_that_uses_the_kernel_itself_stays_there_where_nobody_asked_for_a_place(kernel):
    shell = kernel()
    assert shell.step("asks", "shell = get_ipython().execution_count", "retries=1").success
    assert shell.last.executor == "inline"
    assert "it uses get_ipython(), which is the kernel's own" in shell.last.why
    shell.run("40 + 2")
    assert shell.step("before", "x = _ + 1", "retries=1").success
    assert (shell["x"], shell.last.executor) == (43, "inline")


def test_setup_finds_the_modules_that_it_names_in_a_worker(kernel):
    shell = kernel()
    shell.run("import json as notation")
    assert shell.run("%%step mark setup=true\nnotation.marker = 7").success
    assert shell.step("asks", "import json\nmarker = json.marker").success
    assert (shell.last.executor, shell["marker"]) == ("process", 7)


def test_an_error_in_a_worker_is_the_last_one_of_the_kernel(kernel):
    import sys

    shell = kernel()
    assert not shell.step("fails", "1 / 0").success
    assert isinstance(sys.last_value, ZeroDivisionError)


def test_an_error_after_the_return_to_the_kernel_has_no_other_behind_it(kernel):
    shell = kernel()
    shell.run("numbers = iter([1])")
    assert not shell.step("fails", "next(numbers) / 0", "retries=1").success
    assert shell.last.executor == "inline"
    import sys

    assert sys.last_value.__context__ is None
