"""What steps do is in the Catalog while they do it: another process sees it within 200 ms."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from steppe.catalog import RunFilter, StepRunFilter, open_catalog
from steppe.lineage.living import settled
from steppe.threads import OurThread

WATCH = """
import sys, time
from steppe.catalog import open_catalog
with open_catalog(sys.argv[1]) as catalog:
    catalog.step_runs.list(limit=5)  # imports what makes lists
    print('ready', flush=True)
    seen = set()
    while True:
        for step in catalog.step_runs.list(limit=5).items:
            told = (step.step.name, str(step.state), step.why)
            if told not in seen:
                seen.add(told)
                print(time.time(), *told[:2], step.executor, step.ended is None, step.why, sep='|', flush=True)
        time.sleep(0.01)
"""
LATE = 0.2


class Watcher:
    """Another process that tells of each state that it sees."""

    def __init__(self, catalog):
        words = [sys.executable, "-c", WATCH, str(catalog)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.lines = []
        self._thread = threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")))
        self._thread.start()

    def end(self):
        time.sleep(0.4)
        self.process.kill()
        self.process.wait()
        self._thread.join()
        found = [line.rstrip("\n").split("|", 5) for line in self.lines]
        return [
            (float(at), name, state, executor, live == "True", why) for at, name, state, executor, live, why in found
        ]


@pytest.fixture
def begun(kernel, tmp_path):
    shell = kernel()
    shell.run("%%step first\nn = 1")
    shell.run("import time")
    shell.session.catalog.flush()
    return shell


@pytest.mark.parametrize("place", ["inline", "process"])
def test_another_process_sees_a_step_run_and_end(begun, tmp_path, place):
    watcher = Watcher(tmp_path / ".steppe/catalog.db")
    source = f"%%step slow on={place}\nimport time\nbegan = time.time()\ntime.sleep(0.7)\nended = time.time()"
    assert begun.run(source).success
    done = time.time()
    seen = {state: (at, executor, live) for at, name, state, executor, live, _ in watcher.end() if name == "slow"}
    at, executor, live = seen["running"]
    assert at - begun["began"] < LATE
    assert (executor, live) == (place, True)
    at, _, live = seen["succeeded"]
    assert at - done < LATE
    assert not live


def test_a_step_that_fails_or_is_interrupted_does_not_go_on_running(begun):
    begun.run("%%step bad\ntime.sleep(0.3)\n1 / 0")
    begun.run("%%step stopped\ntime.sleep(0.3)\nraise KeyboardInterrupt")
    runs = {run.step.name: run for run in begun.session.catalog.step_runs.list().items}
    found = {name: str(run.state) for name, run in runs.items()}
    assert found == {"first": "succeeded", "bad": "failed", "stopped": "cancelled"}
    assert runs["bad"].error == "ZeroDivisionError: division by zero"


def test_a_step_without_a_key_is_seen_running_too(begun, tmp_path):
    watcher = Watcher(tmp_path / ".steppe/catalog.db")
    begun.run("%%step open cache=false\ntime.sleep(0.4)")
    assert {"running", "succeeded"} <= {state for _, name, state, *_ in watcher.end() if name == "open"}


def test_a_step_that_waits_for_an_input_says_which(begun, tmp_path):
    watcher = Watcher(tmp_path / ".steppe/catalog.db")
    begun.run("%%step make on=process wait=false\nimport time\ntime.sleep(0.7)\nmade = 1")
    begun.run("%%step use\nused = made + 1")
    whys = [why for _, name, state, *_, why in watcher.end() if (name, state) == ("use", "queued")]
    assert whys == ["`made`, which `make` is making"]
    assert begun.last.state == "succeeded"


def test_a_step_that_waits_for_a_slot_says_so(begun, tmp_path):
    watcher = Watcher(tmp_path / ".steppe/catalog.db")
    cores = os.cpu_count()
    begun.run(f"%%step one on=process wait=false cpu={cores}\ntime.sleep(2)\na = 1")
    begun.run(f"%%step two on=process wait=false cpu={cores}\nb = 1")
    begun.shell.steppe_cells.wait_all()
    whys = [why for _, name, state, *_, why in watcher.end() if (name, state) == ("two", "queued")]
    assert any(whys), whys
    assert begun.last.state == "succeeded"


def test_a_step_between_two_attempts_is_retrying(begun, tmp_path):
    watcher = Watcher(tmp_path / ".steppe/catalog.db")
    begun.run("%%step flaky on=process retries=1\nimport time\ntime.sleep(0.3)\nraise ValueError")
    states = [(state, why) for _, name, state, *_, why in watcher.end() if name == "flaky"]
    assert ("retrying", "attempt 2 of 2 follows") in states
    assert states[-1][0] == "failed"


KILLED = """
from IPython.core.interactiveshell import InteractiveShell
import os
shell = InteractiveShell.instance()
shell.run_cell('%load_ext steppe')
shell.run_cell('%%step hung\\nimport os, time\\ntime.sleep(0.5)\\nos.kill(os.getpid(), 9)')
"""


def test_what_a_killed_kernel_left_running_is_lost(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, check=False)
    with open_catalog(str(tmp_path / ".steppe/catalog.db")) as catalog:
        (left,) = catalog.step_runs.list(StepRunFilter()).items
        assert left.state == "running"
        (told,) = settled(catalog, [left])
        assert (told.state, told.why) == ("lost", "its kernel is gone, and has not told how it ended")
        (run,) = catalog.runs.list(RunFilter()).items
        assert run.id == left.run


def test_a_quick_step_is_written_once(begun, monkeypatch):
    """What ends within a moment is never announced: it costs no transaction."""
    written = []
    monkeypatch.setattr(begun.session.catalog.step_runs, "stand", written.append)
    begun.run("%%step quick\nq = n + 1")
    time.sleep(0.3)
    assert begun.last.state == "succeeded"
    assert not written
    begun.run("%%step slow\ntime.sleep(0.3)")
    assert [str(one.state) for one in written] == ["running"]


def test_each_thread_beside_a_step_is_one_that_debuggers_leave_alone(begun):
    before = threading.enumerate()
    begun.run("%%step slow\ntime.sleep(0.5)")
    begun.run("%%step far on=process wait=false\nimport time\ntime.sleep(0.3)\nmade = 1")
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("steppe-") and thread not in before]
    assert ours
    assert all(isinstance(thread, OurThread) for thread in ours), ours
    begun.run("made")
