"""One local Ray for the tests of a process, and kernels in projects of their own."""

import os
import time

import pytest

from steppe.executors.ray import RayExecutor
from tests.integration.ray.shells import Kernel


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """The folder in which this process's kernels meet, so that they share a driver, and with it a local Ray."""
    pytest.importorskip("ray")
    folder = tmp_path_factory.mktemp("machine")
    before = os.environ.get("STEPPE_MACHINE")
    os.environ["STEPPE_MACHINE"] = str(folder)
    keeps = RayExecutor()
    assert keeps._connection("").wait_ready() == ""
    yield folder
    keeps.close()
    until(lambda: not list(folder.glob("steppe-*/ray-*.socket")))
    os.environ.pop("STEPPE_MACHINE")
    if before is not None:
        os.environ["STEPPE_MACHINE"] = before


def until(there, seconds=30):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end, f"nothing after {seconds} seconds"
        time.sleep(0.02)
    return found


@pytest.fixture
def kernel(machine, tmp_path, monkeypatch):
    """Make kernels in one project, one at a time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    (tmp_path / ".git").mkdir()
    made = []

    def make():
        if made:
            made.pop().close()
        made.append(Kernel())
        return made[-1]

    yield make
    for each in made:
        each.close()
