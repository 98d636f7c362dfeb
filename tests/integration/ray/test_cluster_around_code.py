"""`steppe.ray_cluster`: a cluster for a block of code, with real processes."""

import subprocess
import sys

import pytest

import steppe
from steppe.errors import BadOption, UsageError
from tests.integration.ray.clusters import gone, long, marked
from tests.integration.ray.conftest import until

SCRIPT = """
import os, ray, steppe, time
with steppe.ray_cluster(workers=1) as address:
    print(ray.get(ray.remote(lambda: os.environ["RAY_STEPPE_CLUSTER"]).remote()), flush=True)
    assert ray.get_runtime_context().gcs_address == address
    time.sleep(600)
"""

STEP = """
import os, ray, steppe
def read():
    return open("factor.txt").read(), os.environ["RAY_STEPPE_CLUSTER"]
with steppe.ray_cluster(workers=1):
    text, mark = ray.get(ray.remote(read).remote())
there = "RAY_ADDRESS" in os.environ, ray.is_initialized()
"""


@long
def test_a_script_that_is_killed_leaves_no_cluster(machine, project):
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True) as script:
        mark = script.stdout.readline().strip()
        assert mark in marked()
        script.kill()
    gone(mark)


def test_the_body_of_a_step_raises_one_and_what_its_tasks_read_is_the_steps(kernel, project, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    (project / "factor.txt").write_text("two")
    shell = kernel()
    assert shell.step("train", STEP, "on=process").success, shell.said
    assert (shell["text"], shell["there"]) == ("two", (False, False))
    gone(shell["mark"])
    seen = [item.name for item in shell.session.catalog.step_runs.get(shell.last.id).trace]
    assert "factor.txt" in seen
    assert shell.last.why == ["it has not run before"]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"workers": 1000}, UsageError, "room for"),
        ({"workers": "x"}, BadOption, "give a whole number of workers"),
        ({"workers": 1, "gpu": 9}, UsageError, "1 worker with 9 GPUs each was asked for"),
    ],
)
def test_what_has_no_room_is_one_sentence(machine, asked, error, said):
    before = marked()
    with pytest.raises(error, match=said), steppe.ray_cluster(**asked):
        pass
    until(lambda: marked().keys() <= before.keys())
