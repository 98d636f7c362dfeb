"""Faults at random: connections, watches, the API server, pods, memory, nodes, drivers.

Nothing is lost or doubled. `make faults` runs a hundred rounds.
"""

import itertools
import os
import random
import shutil
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.integration.crash import kernels

SETTINGS = """
[tool.steppe]
store = "{store}"

[tool.steppe.profiles.kubernetes]
image = "steps:1"
keep = "1s"
volumes = {{ "{store}" = "host:{store}", "{noted}" = "host:{noted}" }}
environment = {{ NOTED = "{noted}" }}
"""
STEP = """%%step {name} on=kubernetes wait=true
import os, time
mine = os.uname().nodename  # the pod's
file = os.open(os.environ['NOTED'] + '/{name}', os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for _ in range(12):
    os.write(file, mine.encode() + b'\\n')
    time.sleep(0.1)
os.close(file)
{name} = {before} + 1
del mine, file, _
{name}
"""
CELLS = ["start = 0", *(STEP.format(name=n, before=b) for n, b in (("one", "start"), ("two", "one"), ("three", "two")))]
ROUNDS = int(os.environ.get("STEPPE_CHAOS", "2"))
"""How many rounds to go, each with a seed of its own: more of them take longer, about 20 seconds each."""
LONG = 60.0
"""Seconds for which the server is down once in each tenth round."""


class Chaos:
    """Does something bad every now and then, until it is told to stop."""

    def __init__(self, fake, seed):
        self.fake = fake
        self.random = random.Random(seed)
        self.done = []
        self.driver = None
        self._stop = threading.Event()
        self._nodes = itertools.count(2)
        self._long = LONG if seed % 10 == 9 else 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        ways = [self._cut, self._cut, self._down, self._forget, self._delete, self._exhaust, self._lose, self._kill]
        while not self._stop.wait(self.random.uniform(0.2, 1.2)) and len(self.done) < 25:
            way = self.random.choice(ways)
            self.done.append(way.__name__)
            way()

    def _cut(self):
        self.fake.cut()

    def _down(self):
        seconds, self._long = self._long or self.random.uniform(0.1, 2.0), 0.0
        self.fake.shut()
        if seconds == LONG:
            self.done.append(f"for {LONG:g} s")
        time.sleep(seconds)
        self.fake.open()

    def _forget(self):
        self.fake.objects.compact()
        self.fake.cut()

    def _running(self):
        return [pod["metadata"] for pod in list(self.fake.pods) if pod["status"].get("phase") == "Running"][:1]

    def _delete(self):
        for pod in self._running():
            self.fake.kubelet.kill(pod["namespace"], pod["name"], forget=True)

    def _exhaust(self):
        """A pod uses more memory than it may."""
        for pod in self._running():
            container = self.fake.kubelet.container(pod["namespace"], pod["name"])
            container.too_much = True
            container.kill()

    def _lose(self):
        """A node is gone with its pods; another one has come."""
        self.fake.nodes[f"node-{next(self._nodes)}"] = dict(next(iter(self.fake.nodes.values())))
        self.fake.lose_node(next(iter(self.fake.nodes)))

    def _kill(self):
        if self.driver is not None and self.random.random() < 0.5:
            self.driver.kill()

    def stop(self):
        self._stop.set()
        self._thread.join()


@pytest.fixture
def noted():
    """A folder that is named like what libraries keep while they run: a step that writes elsewhere would be no hit."""
    made = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_finished_work_is_lost_and_none_is_done_twice_at_the_same_time(fake, tmp_path, noted, seed):
    project, store = tmp_path / "project", tmp_path / "store"
    project.mkdir()
    store.mkdir()
    (project / "pyproject.toml").write_text(SETTINGS.format(store=store, noted=noted))
    environ = {
        "KUBECONFIG": os.environ["KUBECONFIG"],
        "IPYTHONDIR": str(tmp_path / ".ipython"),
        "NOTED": str(noted),
        "NUMBER": "0",
    }
    chaos, finished, told, history = Chaos(fake, seed), set(), [], []
    try:
        for _ in range(40):
            chaos.driver = driver = kernels.Kernel(project, CELLS, **environ)
            told = driver.rest(timeout=LONG + 60)
            history.append([(cell["states"], cell["why"], cell["error"], cell["warned"]) for cell in told[1:]])
            for number, cell in enumerate(told[1:]):
                if number in finished:  # what was reported as done is never done again
                    assert cell["states"] == ["hit"], (number, history, chaos.done)
                if cell["states"] in (["hit"], ["succeeded"]):
                    finished.add(number)
            if len(told) == 4 and len(finished) == 3 and told[-1]["value"] == 3:
                break
    finally:
        chaos.stop()
    assert [cell["value"] for cell in told[1:]] == [1, 2, 3], (told, chaos.done)
    for name in ("one", "two", "three"):
        lines = (noted / name).read_text().split()
        runs = [line for line, before in zip(lines, ["", *lines], strict=False) if line != before]
        assert len(runs) == len(set(runs)), f"two workers at once: {runs} {chaos.done}"
        assert lines.count(runs[-1]) == 12
    until = time.monotonic() + 30
    while fake.jobs or fake.pods:
        assert time.monotonic() < until, [job["metadata"]["name"] for job in fake.jobs]
        time.sleep(0.05)
