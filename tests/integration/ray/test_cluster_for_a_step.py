"""A Ray cluster that is raised for one step, with real processes, and taken down after, whatever happens."""

import json
import os
import signal
import threading
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from steppe.cli import show
from steppe.executors.process.capacity import capacity
from steppe.executors.process.folders import slots_folder
from steppe.executors.process.slots import Ledger
from steppe.types import Resources
from tests.integration.crash import kernels
from tests.integration.ray.clusters import gone, long, marked
from tests.integration.ray.conftest import until

BODY = """
import os
import time
import ray

@ray.remote
def doubled(n):
    return open("factor.txt").read(), n * 2, os.getpid()

@ray.remote
class Counter:
    def __init__(self):
        self.n = 0
    def add(self, n):
        self.n += plus(n)
        return self.n

ray.init()
began = sum("CPU" in node["Resources"] for node in ray.nodes())
open({noted!r}, "w").close()
while sum("CPU" in node["Resources"] for node in ray.nodes()) < 2:
    time.sleep(0.05)
counter = Counter.remote()
references = [doubled.remote(n) for n in range(4)]
found = ray.get(references)
total = ray.get([counter.add.remote(n) for n in range(4)])[-1]
workers = sorted(node["Resources"]["CPU"] for node in ray.nodes() if "CPU" in node["Resources"])
mark = os.environ["RAY_STEPPE_CLUSTER"]
time.sleep(0.5)  # until Ray has told of how all of them ended
"""


@pytest.fixture
def steps(kernel, project):
    (project / "factor.txt").write_text("two")
    shell = kernel()
    shell.run("def plus(n):\n    return n + 1")
    return shell


def ran(step):
    """Wait until `steppe show` knows a step, and return what it tells of its Ray tasks."""

    def shown():
        found = CliRunner().invoke(show.command, [step.id, "--json"])
        return found if found.exit_code == 0 else None

    return json.loads(until(shown).output)["ray tasks"]


def test_plain_ray_code_runs_on_a_cluster_that_grows_and_the_result_is_a_hit_for_any_size(steps, kernel, scratch):
    there, noted = capacity(os.environ), scratch / "noted"
    held = Ledger(slots_folder(os.environ), there).take(Resources(cpu=there.cpu - 0.5), "other", print)
    threading.Thread(target=lambda: until(noted.exists, 200) and held.release()).start()
    body = BODY.replace("{noted!r}", repr(str(noted)))
    assert steps.step("train", body, "on=ray cpu=0.5 workers=1-2 wait=true").success, steps.said
    assert steps["began"] == 1  # the other one had no room yet
    assert [(text, n) for text, n, _ in steps["found"]] == [("two", 0), ("two", 2), ("two", 4), ("two", 6)]
    assert (steps["total"], steps["workers"]) == (10, [1.0, 1.0])
    assert not {"counter", "references", "doubled", "Counter"} & steps.shell.user_ns.keys()  # they ended with it
    gone(steps["mark"])
    why = steps.last.why
    assert "it has not run before" in why
    assert len(why) == 1, why  # nothing that Ray does for itself counts as the world outside
    tasks = {"doubled": {"finished": 4}, "Counter.add": {"finished": 4}, "Counter.__init__": {"finished": 1}}
    assert ran(steps.last) == tasks

    steps = kernel()
    steps.run("def plus(n):\n    return n + 1")
    assert steps.step("train", body, "workers=1 wait=true").success  # it needs no on=
    assert steps.last.state == "hit", steps.last.why
    assert ran(steps.last) == tasks  # those of the execution
    seen = [item.name for item in steps.session.catalog.step_runs.get(steps.last.entry.step_run).trace]
    assert "factor.txt" in seen  # only the tasks read it


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("on=ray workers=1000", "room for"),
        ("on=ray workers=2 gpu=7", "2 workers with 7 GPUs each were asked for"),
        ("on=ray workers=1 memory=90000Gi", "1 worker with 90000.0 GiB each was asked for"),
        ("on=ray workers=0", "give a whole number of workers"),
        ("on=ray workers=4-2", "or a range such as 1-4"),
        ("on=process workers=2", "a Ray cluster is raised with on=ray only"),
        ("on=inline workers=2", "steppe.ray_cluster"),
        ("on=ray workers=2 nodes=2", "give one of the two"),
        ('workers=2 map="f in [1, 2]"', "each element would raise a cluster"),
    ],
)
def test_what_has_no_room_or_makes_no_sense_is_one_sentence(steps, options, said):
    before = marked()
    assert not steps.step("train", "x = 1", options).success
    assert said in steps.said
    assert len(steps.said.strip().splitlines()) == 1, steps.said
    assert marked().keys() == before.keys()


@long
def test_an_error_in_the_body_takes_the_cluster_down_and_is_shown_as_ever(steps):
    before = marked()
    source = "import ray, os\nray.init()\nos.environ['RAY_STEPPE_CLUSTER']\nvalue = 1 / 0"
    step = "on=ray workers=1 wait=true"
    assert isinstance(steps.step("fails", source, step).error_in_exec, ZeroDivisionError), steps.said
    assert "value = 1 / 0" in steps.said
    until(lambda: marked().keys() <= before.keys(), 60)


@long
def test_a_timeout_takes_the_cluster_down(steps):
    before = marked()
    assert not steps.step("long", "import time\ntime.sleep(600)", "on=ray workers=1 wait=true timeout=1s").success
    assert "longer than its timeout of 1 s" in steps.said
    until(lambda: marked().keys() <= before.keys(), 60)


WAITS = """%%step slow on=ray workers=1 wait=true
import os, subprocess, time, ray
@ray.remote
def endless():
    subprocess.run(["sleep", "600"])
ray.init()
reference = endless.remote()
open({noted!r}, "w").write(os.environ["RAY_STEPPE_CLUSTER"])
while not os.path.exists({go!r}):
    time.sleep(0.05)
value = 42
value
"""


def begun(noted):
    """Wait until a step has written the mark of its cluster."""
    return until(lambda: noted.exists() and noted.read_text(), 120)


@long
def test_a_step_that_is_cancelled_takes_its_cluster_along(steps, scratch):
    source = WAITS.format(noted=str(scratch / "noted"), go=str(scratch / "go")).partition("\n")[2]
    assert steps.step("slow", source, "on=ray workers=1 wait=false").success, steps.said
    mark = begun(scratch / "noted")
    assert steps.run("%steppe cancel slow").success
    gone(mark)
    steps.run("%steppe wait")
    assert steps.last.state == "cancelled"


ATTACHES = WAITS.replace('subprocess.run(["sleep", "600"])', "time.sleep(600)")
"""What starts a process is not cached, so that the next kernel runs it anew once it is over."""

READY = "1"
UNTIL = """
import os, time
while not os.path.exists({killed!r}):
    time.sleep(0.02)
"""


class Handed:
    """A step with a cluster of its own whose kernel is killed while another one is about to run the same cell."""

    def __init__(self, project, machine, scratch):
        self.noted, self.go = scratch / "noted", scratch / "go"
        self._killed = scratch / "killed"
        step = ATTACHES.format(noted=str(self.noted), go=str(self.go))
        first = kernels.Kernel(project, [step], STEPPE_MACHINE=str(machine))
        self.mark = begun(self.noted)
        cells = [READY, UNTIL.format(killed=str(self._killed)), step]
        self.next = kernels.Kernel(project, cells, STEPPE_MACHINE=str(machine))
        assert self.next.next()["value"] == 1
        (driver,) = marked_drivers(self.mark)
        first.kill()
        until(lambda: followers(driver) == 0)
        self.noted.unlink()
        self._killed.touch()
        until(lambda: followers(driver) == 1, 60)


def marked_drivers(mark):
    """Return the processes that own a cluster."""
    return [each for each in psutil.process_iter() if mark in said(each) and "ray.driver" in said(each)]


def followers(driver):
    """Return how many kernels are connected to a driver: it has a socket for each, and one that listens."""
    return sum("/ray-" in str(each.laddr) for each in driver.net_connections("unix")) - 1


def test_the_next_kernel_attaches_and_the_cluster_ends_once_nobody_has_for_a_lease(project, machine, scratch):
    (project / "pyproject.toml").write_text('[tool.steppe.profiles.ray]\nlease = "5s"\n')
    handed = Handed(project, machine, scratch)
    assert len(marked()[handed.mark]) > 5
    handed.next.kill()
    gone(handed.mark)
    assert not handed.noted.exists()  # it has not begun anew
    assert not list(Path("/tmp").glob(f"steppe-ray-*/{handed.mark}"))


@long
def test_the_next_kernel_that_attaches_within_the_lease_gets_the_value(project, machine, scratch):
    handed = Handed(project, machine, scratch)
    handed.go.touch()
    told = handed.next.rest()[-1]
    assert (told["states"], told["value"]) == (["hit"], 42), (told, kernels.said(project))
    assert not handed.noted.exists()  # it has not begun anew
    gone(handed.mark)


@long
def test_a_driver_that_is_killed_takes_the_cluster_along_and_the_step_is_tried_again(steps, scratch):
    noted, go = scratch / "noted", scratch / "go"
    source = WAITS.format(noted=str(noted), go=str(go)).partition("\n")[2]
    assert steps.step("slow", source, "on=ray workers=1 wait=false").success, steps.said
    mark = begun(noted)
    (driver,) = marked_drivers(mark)
    noted.unlink()
    os.kill(driver.pid, signal.SIGKILL)
    gone(mark)
    go.touch()
    again = begun(noted)
    assert again != mark
    assert steps.run("%steppe wait").success, steps.said
    assert steps["value"] == 42
    gone(again)


def said(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
