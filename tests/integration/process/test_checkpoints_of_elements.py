"""`steppe.checkpoint()` in a fan-out's body: each element's own, found by its next try, and gone once it is done."""

import shutil
import tempfile
from pathlib import Path

import pytest

from steppe.worker import saved

BODY = """
import steppe, os
mine = steppe.checkpoint()
state = mine.load({{"n": 0, "of": x}})
began, of = state["n"], state["of"]
for n in range(began, 4):
    steppe.log_metric("n", n, step=n)
    mine.save({{"n": n + 1, "of": x}}, step=n)
    flag = {flag!r} + str(x)
    if n == x and not os.path.exists(flag):
        open(flag, "w").close()
        {end}
found = (began, of, mine.step, mine.kept)
"""
RAISES, DIES = 'raise ValueError("no")', "os.kill(os.getpid(), 9)"
MAP = 'gather=found map="x in xs"'


@pytest.fixture
def flag():
    """What files begin with, in a folder that does not count as one that the step writes in."""
    made = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield f"{made}/died-"
    shutil.rmtree(made)


def records(shell):
    return list(saved.all_records(shell.session.store))


@pytest.mark.parametrize("where", ["on=inline", "on=process"])
def test_each_element_goes_on_from_its_own_when_the_cell_is_run_again(kernel, flag, where):
    shell, body = kernel(), BODY.format(flag=flag, end=RAISES)
    shell.run("xs = [0, 1, 2, 9]")
    assert not shell.step("fit", body, f"{where} {MAP}").success
    assert (shell.last.elements["failed"], shell.last.elements["ran"]) == (3, 1)
    assert len(records(shell)) == 3
    assert shell.step("fit", body, f"{where} {MAP}").success, shell.err
    assert shell["found"] == [(1, 0, 3, True), (2, 1, 3, True), (3, 2, 3, True), (0, 9, 3, True)]
    assert records(shell) == []


def test_a_retry_of_an_element_without_a_key_finds_it(kernel, flag):
    shell, body = kernel(), BODY.format(flag=flag, end=DIES)
    shell.run("xs = [1, 9]")
    assert shell.step("fit", body, f"on=process retries=1 cache=false {MAP}").success, shell.err
    assert shell["found"] == [(2, 1, 3, True), (0, 9, 3, True)]
    assert records(shell) == []


def test_refreshed_elements_begin_without_theirs(kernel, flag):
    shell, body = kernel(), BODY.format(flag=flag, end=RAISES)
    shell.run("xs = [1]")
    assert not shell.step("fit", body, f"on=process {MAP}").success
    shell.session.again.add("fit")
    assert shell.step("fit", body, f"on=process {MAP}").success, shell.err
    assert shell["found"] == [(0, 1, 3, True)]


def test_an_element_run_from_a_checkpoint_depends_on_what_was_read_before_it(kernel, flag):
    shell = kernel()
    reads = "text = open('a.txt').read() if not state['n'] else ''\nbegan, of ="
    body = BODY.format(flag=flag, end=RAISES).replace("began, of =", reads)
    shell.run("xs = [1]\nopen('a.txt', 'w').write('one')")
    assert not shell.step("fit", body, f"on=process {MAP}").success
    assert shell.step("fit", body, f"on=process {MAP}").success
    assert shell["found"][0][0] == 2
    shell.run("open('a.txt', 'w').write('two')")
    assert shell.step("fit", body, f"on=process {MAP}").success
    assert (shell.last.elements["hits"], shell["found"][0][0]) == (0, 0)
