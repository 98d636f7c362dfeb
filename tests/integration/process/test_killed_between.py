"""Kernels and workers killed between a stored result and what is written of it: the work counts, and is done once."""

import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import pytest

from steppe.store import open_store
from tests.integration.crash import kernels
from tests.integration.process.late import SETTINGS, Late

NOTE = """
import os
file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, b'ran\\n')
os.close(file)
value = [42]
value
"""
STEP = f"%%step slow on=process\n{NOTE}"


class Place:
    """A project whose workers wait before they leave their record, and a file where its steps note that they run."""

    def __init__(self, folder, noted):
        self.project = folder / "project"
        (self.project / ".git").mkdir(parents=True)
        (self.project / "pyproject.toml").write_text(SETTINGS)
        (folder / "late").mkdir()
        self.late = Late(folder / "late")
        self.noted = noted
        self.cells = (f"import os, sys, time\nsys.path.insert(0, {str(self.late.folder)!r})",)
        self.environ = {"STEPPE_MACHINE": str(folder), "NOTED": str(noted), "IPYTHONDIR": str(folder / ".ipython")}

    def kernel(self, *cells):
        return kernels.Kernel(self.project, [*self.cells, *cells], **self.environ)

    def run(self, *cells):
        return kernels.run(self.project, [*self.cells, *cells], **self.environ)[1:]

    @property
    def runs(self):
        """How often the step's code has run."""
        return len(self.noted.read_text().splitlines()) if self.noted.exists() else 0

    def check(self):
        """All that has a name is whole."""
        store = open_store(str(self.project / ".steppe/store"), self.project / ".steppe/store")
        for blob in store.blobs():
            store.verify(blob.digest)

    def entries(self):
        with sqlite3.connect(self.project / ".steppe/catalog.db") as database:
            return database.execute("select count(*) from entries").fetchone()[0]


@pytest.fixture
def place(tmp_path):
    """It is named like what libraries keep while they run: a step that writes elsewhere would be no hit."""
    noted = Path(tempfile.mkdtemp(prefix="pymp-")) / "noted"
    yield Place(tmp_path, noted)
    shutil.rmtree(noted.parent)


def killed_before_it_could_enter(place):
    """Kill a kernel that has its worker's result and can't write to its catalog; the worker waits with its record."""
    kernel = place.kernel("%%step first on=process\none = 1", STEP)
    kernel.next()
    assert kernel.next()["states"] == ["succeeded"]
    first = place.late.worker()
    with sqlite3.connect(place.project / ".steppe/catalog.db", isolation_level=None, timeout=30) as held:
        until = time.monotonic() + 30
        while held.execute("select count(*) from attempts where ended is null").fetchone()[0] < 2:
            assert time.monotonic() < until
            time.sleep(0.002)
        held.execute("begin immediate")
        while place.late.worker() == first:
            assert time.monotonic() < until
            time.sleep(0.005)
        time.sleep(0.3)
        assert held.execute("select count(*) from entries").fetchone()[0] == 1
        kernel.kill()
        held.execute("rollback")
    held.close()
    return kernel


def test_a_kernel_killed_with_a_result_that_it_had_not_entered_leaves_it_to_the_next(place):
    killed_before_it_could_enter(place)
    other = place.kernel(STEP)
    other.next()
    time.sleep(0.5)  # it waits for the worker, which lives
    place.late.go_on()
    told = other.next()
    assert (told["states"], told["value"]) == (["hit"], [42]), (told, kernels.said(place.project))
    other.rest()
    assert place.runs == 1
    place.check()


def test_a_kernel_and_its_worker_killed_between_result_and_record_let_the_next_do_the_work(place):
    killed_before_it_could_enter(place)
    place.late.kill()
    place.late.go_on()
    assert place.entries() == 1
    (told,) = place.run(STEP)
    assert (told["states"], told["value"]) == (["succeeded"], [42]), (told, kernels.said(place.project))
    assert place.runs == 2
    (told,) = place.run(STEP)
    assert told["states"] == ["hit"]
    place.check()


def test_an_idle_kernel_whose_worker_was_killed_before_its_record_keeps_nobody_waiting(place):
    idle = place.kernel(STEP.replace("on=process", "on=process wait=False"), "time.sleep(60)")
    place.late.kill()
    place.late.go_on()
    (told,) = place.run(STEP)
    assert told["states"] == ["hit"], (told, kernels.said(place.project))
    idle.kill()
    assert place.runs == 1


def test_kernels_that_ask_at_once_execute_each_key_once(place):
    place.late.go_on()
    many = [place.kernel(STEP, "%%step next on=process\nthen = [*value, 1]\nthen") for _ in range(6)]
    found = [kernel.rest()[1:] for kernel in many]
    assert {str(told["value"]) for each in found for told in each} == {"[42]", "[42, 1]"}, found
    for number in range(2):
        states = [each[number]["states"][0] for each in found]
        assert states.count("hit") == len(many) - 1, (states, [each[number]["why"] for each in found])
    assert place.runs == 1
    place.check()
