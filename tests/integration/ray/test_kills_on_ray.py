"""What is killed while a fan-out runs on Ray: nothing that has finished is lost or done again, and no Ray is left."""

import os
import random
import threading
import time

import psutil
import pytest

from steppe.engine.fan import Fan
from tests.integration.ray.conftest import until

KILLS = int(os.environ.get("STEPPE_KILLS", "8")) // 4
"""How many fan-outs, each with something of its Ray killed; STEPPE_KILLS=200 for `make crash`."""

ALL = KILLS >= 10
VICTIMS = ("worker", "node", "driver", "child") if ALL else ("worker", "child")
"""What is killed: Ray's worker, its node, the process that owns the Ray, Steppe's worker beside Ray's."""

MANY, AT_MOST = 24, 8
"""Elements, and how many of them are done at most when it is struck."""

BODY = """%%step score on=ray cpu=0.5 map="x in xs" gather=y
import os, time
file = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, f"{{x}}\\n".encode())
os.close(file)
time.sleep(0.1)
y = x * x
"""


@pytest.fixture
def place(request, tmp_path_factory, monkeypatch):
    """Where the Ray is that is to suffer: one of its own where whole ones die, else the one of all tests."""
    if not ALL:
        request.getfixturevalue("local")
        return request.getfixturevalue("machine")
    folder = tmp_path_factory.mktemp("kills")
    monkeypatch.setenv("STEPPE_MACHINE", str(folder))
    return folder


def drivers(place):
    """Return the processes that own a local Ray there."""
    found = [each for each in psutil.process_iter() if "executors.ray.driver" in line(each)]
    return [each for each in found if f'"socket":"{place}/' in line(each) and '"address":""' in line(each)]


def line(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def victim(kind, driver):
    """Return a process of that kind of a driver's Ray; None where there is none at the moment."""
    if kind == "driver":
        return driver
    try:
        for each in sorted(
            driver.children(recursive=True), key=psutil.Process.create_time
        ):  # a spare one is the youngest
            if kind == "node" and each.name() == "raylet":
                return each
            above = each if kind == "worker" else each.parent().parent() if kind == "child" else None
            if above is not None and line(above).startswith("ray::carry_out"):
                return each
    except (psutil.Error, AttributeError):  # it has ended meanwhile
        pass
    return None


class Strike(threading.Thread):
    """Kills something once so many elements are done.

    Attributes:
        over: set once nothing is left to be killed.
        struck: whether it has.
        finished: the elements that the kernel knew to be done then.
        known: those that had begun until then.
    """

    def __init__(self, kind, place, log, count, finished):
        super().__init__()
        self._kind, self._place, self._log, self._count, self._all = kind, place, log, count, finished
        self.over, self.struck = threading.Event(), False
        self.finished, self.known = frozenset(), []

    def run(self):
        found = []
        while not self.over.is_set():
            found = found or (drivers(self._place) if self._log.exists() else [])
            process = victim(self._kind, found[0]) if found and len(self._all) >= self._count else None
            if process is not None:
                self.finished, self.known = frozenset(self._all), self._log.read_text().split()
                process.kill()
                self.struck = True
                return
            time.sleep(0.01)


@pytest.fixture
def finished(monkeypatch):
    """The elements that the kernel has taken as done, in their order."""
    found, done = [], Fan.done

    def noted(self, element, result, **how):
        found.append(element.values["x"])
        return done(self, element, result, **how)

    monkeypatch.setattr(Fan, "done", noted)
    return found


def test_whatever_is_killed_no_finished_element_is_lost_or_done_again(place, kernel, scratch, finished):
    seed = int(os.environ.get("STEPPE_SEED", "0")) or random.randrange(10**6)
    print(f"STEPPE_SEED={seed}")
    rng = random.Random(seed)
    shell, struck, number = kernel(), 0, 0
    while struck < KILLS:
        kind, log = VICTIMS[struck % len(VICTIMS)], scratch / str(number)
        xs = list(range(number * MANY, (number + 1) * MANY))
        finished.clear()
        strike = Strike(kind, place, log, rng.randint(0, AT_MOST), finished)
        strike.start()
        shell.run(f"xs = {xs}")
        ran = shell.run(BODY.format(log=str(log)))
        strike.over.set()
        strike.join()
        assert ran.success, (number, kind, shell.said)
        assert shell["y"] == [x * x for x in xs]
        after = [int(x) for x in log.read_text().split()[len(strike.known) :]]
        assert not strike.finished & set(after), (number, kind, strike.finished, after)
        assert shell.run(BODY.format(log=str(log))).success
        assert shell.last.elements["hits"] == MANY, (number, kind)
        print(f"{kind}: {len(strike.finished)} of {MANY} were done, {len(after)} began after it", strike.struck)
        struck, number = struck + strike.struck, number + 1
        assert number < 4 * KILLS, "it is hardly ever struck"
    if ALL:
        kernel.close()
        until(lambda: not left(place), 120)


def left(place):
    """Return what is left of Rays that were started there."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("STEPPE_MACHINE") == str(place) and "ray" in line(process):
                found.append(line(process))
        except psutil.Error:
            continue
    return [each for each in found if "pytest" not in each]
