"""One local Ray for the tests of a process, and kernels in projects of their own."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from steppe.executors.ray import RayExecutor
from tests.integration.ray.shells import Kernel


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """The folder in which this process's kernels meet, so that they share a driver, and with it a local Ray."""
    folder = tmp_path_factory.mktemp("machine")
    before = os.environ.get("STEPPE_MACHINE")
    os.environ["STEPPE_MACHINE"] = str(folder)
    yield folder
    until(lambda: not list(folder.glob("steppe-*/ray-*.socket")))
    os.environ.pop("STEPPE_MACHINE")
    if before is not None:
        os.environ["STEPPE_MACHINE"] = before


@pytest.fixture(scope="session")
def local(machine):
    """A local Ray, kept while there are tests that use it."""
    keeps = RayExecutor()
    assert keeps._connection("").wait_ready() == ""
    yield keeps
    keeps.close()


def until(there, seconds=30):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end, f"nothing after {seconds} seconds"
        time.sleep(0.02)
    return found


@pytest.fixture
def project(machine, tmp_path, monkeypatch):
    """A project to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def scratch():
    """A folder whose files are no outputs of steps: named as what libraries keep while they run."""
    folder = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def kernel(project):
    """Make kernels in one project, one at a time."""
    made = []

    def make():
        if made:
            made.pop().close()
        made.append(Kernel())
        return made[-1]

    def close():
        for each in made:
            each.close()
        made.clear()

    make.close = close
    yield make
    close()


@pytest.fixture(scope="session")
def cluster(machine):
    """A cluster of Ray's with one node, as `ray start --head` makes it; tests may add others."""
    from ray.cluster_utils import Cluster

    for last in (False, False, True):
        try:
            made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
            break
        except Exception:  # Ray gives its own processes 30 seconds to start, on a machine that runs other tests
            if last:
                raise
    keeps = RayExecutor()
    assert keeps._connection(made.address).wait_ready() == ""
    yield made
    keeps.close()
    made.shutdown()


@pytest.fixture
def shell_there(cluster, kernel, monkeypatch):
    """Make kernels whose steps run on that cluster."""
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    return kernel
