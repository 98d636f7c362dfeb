"""Background steps that bind the same names: in the end each name has what the last one gave it, as if run in turn."""

import pytest

from steppe.engine import background

WAITS = "import time\ntime.sleep(0.2)\n"
SEQUENCES = {
    "each binds": ["x = 1", "x = 2", "x = 3"],
    "a slow one first": [f"{WAITS}x = 1", "x = 2"],
    "one binds only sometimes": ["x = 1\ny = 1", "if not int('1'):\n    x = 2\ny = 2"],
    "one binds only sometimes, after a slow one": [f"{WAITS}x = 1", "if not int('1'):\n    x = 2\ny = 2"],
    "one reads what the one before binds": [f"{WAITS}x = 1", "x = x + 1", "x = x * 10"],
    "one binds before it reads": [f"{WAITS}x = 1", "x = 5\nx = x + 1"],
    "the same imports": [f"{WAITS}x = time.time() > 0", f"{WAITS}y = time.time() > 0"],
    "the same imports, there before": ["import time", f"{WAITS}x = time.time() > 0", "y = time.__name__"],
    "another module by the same name": ["import time", f"{WAITS}import json as time\nx = 1", "y = time.__name__"],
    "one changes what another binds": [f"{WAITS}x = [1]", "x.append(2)", "x = [*x, 3]"],
    "one removes what another binds": [f"{WAITS}x = 1\ny = 1", "del x"],
}


def left(kernel, cells, options):
    shell = kernel()
    shell.run("x = y = 'before'")
    for number, cell in enumerate(cells):
        assert shell.step(f"s{number}", cell, options).success
    shell.run("%steppe wait")
    assert shell.run("found = {name: globals().get(name) for name in ('x', 'y', 'time')}").success
    assert not shell.err
    return {name: str(value) for name, value in shell["found"].items()}


@pytest.mark.parametrize("what", SEQUENCES)
def test_the_last_one_to_bind_a_name_wins(kernel, what):
    plain = left(kernel, SEQUENCES[what], "on=inline cache=false")
    assert left(kernel, SEQUENCES[what], "on=process wait=false") == plain


def test_a_name_that_a_plain_cell_has_removed_meanwhile_stays_removed(kernel):
    shell = kernel()
    assert shell.step("slow", f"{WAITS}x = 1\ny = 2", "on=process wait=false").success
    assert shell.run("del x").success
    shell.run("%steppe wait")
    assert shell.run("found = 'x' in globals(), y").success
    assert shell["found"] == (False, 2)


def test_a_failed_step_names_its_error_where_a_name_of_its_is_read(kernel):
    shell = kernel()
    assert shell.step("good", f"{WAITS}x = 1", "on=process wait=false").success
    shell.step("bad", "x = 1 / 0", "on=process wait=false")
    shell.run("%steppe wait")
    result = shell.run("x + 1")
    assert "ZeroDivisionError" in str(result.error_before_exec or result.error_in_exec)


def test_what_a_later_cell_bound_stands_though_the_result_can_t_be_bound(kernel, monkeypatch):
    tried = []

    def broken(*_):
        tried.append(1)
        raise OSError("the disk is gone")

    shell = kernel()
    assert shell.step("slow", "import time\ntime.sleep(2)\nx = 1", "on=process wait=false").success
    shell.shell.user_ns["x"] = "later"  # as a cell or a widget's callback binds it meanwhile
    monkeypatch.setattr(background, "settle", broken)
    shell.run("%steppe wait")
    assert tried
    assert shell["x"] == "later"
