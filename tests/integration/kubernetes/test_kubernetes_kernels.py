"""Kernels that are killed, and kernels that meet, while a step runs in the cluster: its work is done once."""

import os
import threading
import time

import pytest

from steppe.catalog import StepRunFilter, open_catalog
from steppe.types import State
from tests.integration.crash import kernels
from tests.integration.kubernetes.test_kubernetes_steps import SETTINGS

STEP = """%%step slow on=kubernetes wait=true
import time
print('shown before the kernel died', flush=True)
time.sleep({seconds})
value = 42
value
"""


@pytest.fixture
def project(tmp_path, fake):
    made, store = tmp_path / "project", tmp_path / "store"
    made.mkdir()
    store.mkdir()
    (made / "pyproject.toml").write_text(SETTINGS.format(store=store))
    return made


@pytest.fixture
def environ(tmp_path, fake):
    return {"KUBECONFIG": os.environ["KUBECONFIG"], "IPYTHONDIR": str(tmp_path / ".ipython")}


def wait_for(there, seconds=60):
    last = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < last, "it has not come"
        time.sleep(0.01)
    return found


def running(fake):
    return wait_for(lambda: [pod for pod in fake.pods if pod["status"].get("phase") == "Running"])


def test_a_job_that_ended_after_its_kernel_died_is_not_run_again(project, environ, fake):
    step = STEP.format(seconds=1)
    first = kernels.Kernel(project, [step], **environ)
    running(fake)
    first.kill()
    wait_for(lambda: all(job["status"].get("conditions") for job in fake.jobs))
    (told,) = kernels.run(project, [step], **environ)
    assert told["states"] == ["hit"], (told, kernels.said(project))
    assert len(fake.jobs) == 1


def test_a_second_kernel_waits_for_the_same_work_and_makes_no_second_job(project, environ, fake):
    step = STEP.format(seconds=2)
    first = kernels.Kernel(project, [step], **environ)
    running(fake)
    second = kernels.Kernel(project, [step], **environ)
    assert [told["states"] for told in first.rest()] == [["succeeded"]]
    (told,) = second.rest()
    assert told["states"] == ["hit"], told
    assert len(fake.jobs) == 1


def test_the_attempt_of_a_kernel_that_is_gone_is_that_of_the_step_that_enters_its_result(project, environ, fake):
    step = STEP.format(seconds=2)
    first = kernels.Kernel(project, [step], **environ)
    running(fake)
    first.kill()
    (told,) = kernels.run(project, [step], **environ)
    assert told["states"] == ["hit"], (told, kernels.said(project))
    with open_catalog(str(project / ".steppe" / "catalog.db")) as catalog:
        (entered,) = [each for each in catalog.step_runs.list(StepRunFilter()).items if each.state is State.SUCCEEDED]
        (attempt,) = catalog.attempts.of(entered.id)
        assert attempt.state is State.SUCCEEDED
        assert attempt.image.startswith("steps:1@sha256:")
        assert catalog.attempts.going() == []


def test_a_kernel_that_attaches_while_the_api_server_is_down_waits_for_it(project, environ, fake):
    step = STEP.format(seconds=3)
    first = kernels.Kernel(project, [step], **environ)
    running(fake)
    first.kill()
    fake.shut()
    threading.Timer(2.0, fake.open).start()
    (told,) = kernels.run(project, [step], **environ)
    assert told["states"] == ["hit"], (told, kernels.said(project))
    assert len(fake.jobs) == 1
