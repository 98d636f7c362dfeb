"""Kernels, workers and fork servers that are killed while a step runs: the work is done once, and its end is told."""

import json
import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from tests.integration.crash import kernels

IMPORTS = "import os, time"
SLOW = """
file = os.open(os.environ['NOTED'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, b'began ' + str(os.getpid()).encode() + b'\\n')
print('shown before the kernel died', flush=True)
time.sleep(float(os.environ.get('SLEEPS', '1')))
os.write(file, b'ended\\n')
os.close(file)
value = 42
value
"""
STEP = f"%%step slow on=process\n{SLOW}"


@pytest.fixture
def place(tmp_path):
    """A project, a folder for the machine's slots, and a file outside of the project where steps note what they do.

    It is named like what libraries keep while they run: a step that writes elsewhere would be no hit.
    """
    project, machine = tmp_path / "project", tmp_path / "machine"
    (project / ".git").mkdir(parents=True)
    machine.mkdir()
    noted = Path(tempfile.mkdtemp(prefix="pymp-")) / "noted"
    environ = {
        "STEPPE_MACHINE": str(machine),
        "NOTED": str(noted),
        "IPYTHONDIR": str(tmp_path / ".ipython"),
    }
    yield Place(project, machine, noted, environ)
    shutil.rmtree(noted.parent)


class Place:
    """Where the kernels of a test meet."""

    def __init__(self, project, machine, noted, environ):
        self.project, self.machine, self.noted, self.environ = project, machine, noted, environ

    def kernel(self, *cells, **environ):
        return kernels.Kernel(self.project, [IMPORTS, *cells], **self.environ, **environ)

    def run(self, *cells, **environ):
        return kernels.run(self.project, [IMPORTS, *cells], **self.environ, **environ)[1:]

    @property
    def lines(self):
        return self.noted.read_text().splitlines() if self.noted.exists() else []

    def worker(self):
        """Wait until the step's code has begun, and return its process."""
        self.until(lambda: self.lines)
        return int(self.lines[-1].split()[1])

    def server(self):
        """Return the fork server of the attempt under way."""
        found = [json.loads(path.read_bytes())["pid"] for path in self.machine.glob("steppe-*/*/launch")]
        assert len(found) == 1
        return found[0]

    def until(self, there, seconds=30):
        end = time.monotonic() + seconds
        while not (found := there()):
            assert time.monotonic() < end, f"nothing after {seconds} seconds: {kernels.said(self.project)}"
            time.sleep(0.01)
        return found


def test_a_worker_outlives_its_kernel_and_the_next_kernel_takes_over_while_it_runs(place):
    first = place.kernel(STEP, SLEEPS="2.5")
    place.worker()
    first.kill()
    assert place.lines[-1] != "ended"
    (told,) = place.run(STEP, SLEEPS="2.5")
    assert told["states"] == ["hit"], (told, kernels.said(place.project))
    assert told["value"] == 42
    assert [line.split()[0] for line in place.lines] == ["began", "ended"]
    assert "shown before the kernel died" in kernels.said(place.project)


def test_what_a_worker_finished_after_its_kernel_died_is_there_for_the_next_kernel(place):
    first = place.kernel(STEP)
    worker = place.worker()
    first.kill()
    place.until(lambda: place.lines[-1] == "ended")
    place.until(lambda: not os.path.exists(f"/proc/{worker}"))
    (told,) = place.run(STEP)
    assert told["states"] == ["hit"], (told, kernels.said(place.project))
    assert told["value"] == 42
    assert len(place.lines) == 2


def test_a_kernel_that_waits_for_another_that_is_killed_takes_over(place):
    first = place.kernel(STEP, SLEEPS="2.5")
    place.worker()
    second = place.kernel(STEP, SLEEPS="2.5")
    time.sleep(0.5)
    first.kill()
    assert second.rest()[1]["states"] == ["hit"]
    assert len(place.lines) == 2


def test_a_killed_worker_is_reported_in_one_sentence_with_its_last_memory_reading(place):
    kernel = place.kernel(STEP, SLEEPS="60")
    worker = place.worker()
    time.sleep(1.2)
    os.kill(worker, signal.SIGKILL)
    told = kernel.rest()[1]
    assert told["states"] == ["failed"]
    sentence = r"WorkerDied: `slow`: its worker was killed by signal 9 \(SIGKILL\); last memory reading [\d.]+ MiB\."
    assert re.fullmatch(sentence, told["error"]), told["error"]


def test_a_killed_worker_s_step_is_tried_again_where_retries_says_so(place):
    kernel = place.kernel(STEP.replace("on=process", "on=process retries=1"), SLEEPS="1")
    os.kill(place.worker(), signal.SIGKILL)
    told = kernel.rest()[1]
    assert told["states"] == ["succeeded"], told
    assert [line.split()[0] for line in place.lines] == ["began", "began", "ended"]


def test_a_step_whose_server_is_killed_ends_as_it_would_have(place):
    kernel = place.kernel(STEP, "%%step after on=process\nafter = value + 1\nafter", SLEEPS="1")
    place.worker()
    os.kill(place.server(), signal.SIGKILL)
    told = kernel.rest()
    assert told[1]["states"] == ["succeeded"], told
    assert told[1]["value"] == 42
    assert told[2]["value"] == 43
    assert len(place.lines) == 2


def test_a_worker_and_its_server_killed_together_are_told_of(place):
    kernel = place.kernel(STEP, SLEEPS="60")
    worker = place.worker()
    os.kill(place.server(), signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    told = kernel.rest()[1]
    assert told["states"] == ["failed"]
    assert told["error"] == "WorkerDied: `slow`: its worker and what watched it were killed."


def test_a_kernel_and_its_server_killed_leave_a_worker_whose_work_is_taken_over(place):
    first = place.kernel(STEP, SLEEPS="2.5")
    place.worker()
    os.kill(place.server(), signal.SIGKILL)
    first.kill()
    (told,) = place.run(STEP, SLEEPS="2.5")
    assert told["states"] == ["hit"], (told, kernels.said(place.project))
    assert len(place.lines) == 2


def test_a_kernel_and_its_worker_killed_let_the_next_kernel_do_the_work(place):
    first = place.kernel(STEP)
    worker = place.worker()
    first.kill()
    os.kill(worker, signal.SIGKILL)
    (told,) = place.run(STEP)
    assert told["states"] == ["succeeded"]
    assert [line.split()[0] for line in place.lines] == ["began", "began", "ended"]


def test_an_idle_kernel_keeps_nobody_waiting_for_what_it_has_finished_in_the_background(place):
    idle = place.kernel(STEP.replace("on=process", "on=process wait=False"), "time.sleep(60)", SLEEPS="0.3")
    place.until(lambda: place.lines and place.lines[-1] == "ended")
    (told,) = place.run(STEP, SLEEPS="0.3")
    assert told["states"] == ["hit"], (told, kernels.said(place.project))
    idle.kill()
    assert [line.split()[0] for line in place.lines] == ["began", "ended"]


def test_an_idle_kernel_keeps_nobody_waiting_for_what_has_failed_in_the_background(place):
    failing = STEP.replace("value\n", "value\nif os.path.exists(os.environ['NOTED'] + '.bad'): raise OSError\n")
    bad = place.noted.with_name("noted.bad")
    bad.touch()
    idle = place.kernel(failing.replace("on=process", "on=process wait=False"), "time.sleep(60)", SLEEPS="0.3")
    place.until(lambda: place.lines and place.lines[-1] == "ended")
    bad.unlink()
    (told,) = place.run(failing, SLEEPS="0.3")
    assert told["states"] == ["succeeded"], (told, kernels.said(place.project))
    idle.kill()
