"""A training whose node is lost, or whose pod and driver are, goes on from its last checkpoint in another pod."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from steppe.store import open_store
from steppe.worker import saved
from tests.integration.crash import kernels
from tests.integration.kubernetes.test_kubernetes_chaos import SETTINGS
from tests.integration.kubernetes.test_kubernetes_kernels import wait_for
from tests.integration.kubernetes.test_kubernetes_users import SETTINGS as S3

EPOCHS = 8
TRAIN = f"""%%step train on=kubernetes wait=true
import os, time
import numpy as np
import steppe
saved = steppe.checkpoint()
state = saved.load({{"epoch": 0, "w": np.zeros(3), "random": np.random.RandomState(7)}})
w, random = state["w"], state["random"]
for epoch in range(state["epoch"], {EPOCHS}):
    file = os.open(os.environ["NOTED"] + "/epochs", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{{os.uname().nodename}} {{epoch}}\\n".encode())
    os.close(file)
    for _ in range(5):
        x = random.normal(size=(20, 3))
        w = w - 0.05 * x.T @ (x @ w - x @ [1.0, 2.0, 3.0]) / len(x)
        time.sleep(0.02)
    saved.save({{"epoch": epoch + 1, "w": w, "random": random}}, step=epoch)
loss = float(((w - [1.0, 2.0, 3.0]) ** 2).sum())
del file, x, _
loss
"""


@pytest.fixture
def noted():
    made = Path(tempfile.mkdtemp(prefix="pymp-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def place(fake, tmp_path, noted):
    """Return what a kernel needs, and a function that gives the pod and the number of each epoch begun so far."""
    project, store = tmp_path / "project", tmp_path / "store"
    project.mkdir()
    store.mkdir()
    (project / "pyproject.toml").write_text(SETTINGS.format(store=store, noted=noted))
    environ = {"KUBECONFIG": os.environ["KUBECONFIG"], "IPYTHONDIR": str(tmp_path / ".ipython"), "NOTED": str(noted)}

    def epochs():
        file = noted / "epochs"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(pod, int(epoch)) for pod, epoch in map(str.split, lines)]

    return project, environ, epochs


@pytest.fixture
def far(place, fake, s3, monkeypatch):
    """The same with a store in S3, which knows nothing of this machine's disk."""
    project, environ, epochs = place
    fake.secrets["s3"] = {"id": "test", "secret": "test"}
    url, noted = f"s3://{s3.new_bucket()}/steppe", environ["NOTED"]
    text = S3.format(bucket=url.split("/")[2], endpoint=s3.options["endpoint"])
    volumes = f'image = "steps:1"\nvolumes = {{ "{noted}" = "host:{noted}" }}'
    text = text.replace('image = "steps:1"', volumes).rstrip() + f'\nNOTED = "{noted}"\n'
    (project / "pyproject.toml").write_text(text)
    here = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    here |= {"AWS_ENDPOINT_URL": s3.options["endpoint"], "AWS_ALLOW_HTTP": "true"}
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    return (project, environ | here, epochs), url


def check(place, told, pods, url=None):
    """Each epoch was begun once, but for the one that was under way when a pod was gone."""
    project, environ, epochs = place
    assert told["states"] in (["succeeded"], ["retrying"]), (told, kernels.said(project))
    assert len({pod for pod, _ in epochs()}) == pods
    numbers = [epoch for _, epoch in epochs()]
    assert sorted(set(numbers)) == list(range(EPOCHS))
    assert len(numbers) <= EPOCHS + pods - 1
    url = url or str(project.parent / "store")
    store = open_store(url, project.parent / "store")
    assert list(saved.all_records(store)) == []
    (again,) = kernels.run(project, [TRAIN], **environ)
    assert (again["states"], again["value"]) == (["hit"], told["value"])


def test_a_node_lost_in_the_midst_of_an_epoch_costs_one_checkpoint_interval_at_most(place, fake):
    project, environ, epochs = place
    driver = kernels.Kernel(project, [TRAIN], **environ)
    for gone in (1, 2):
        at = wait_for(lambda gone=gone: [pod for pod, epoch in epochs() if epoch >= 3 * gone - 1])[-1]
        (pod,) = [pod for pod in fake.pods if pod["metadata"]["name"] == at]
        fake.nodes[f"node-{gone + 1}"] = dict(fake.nodes[pod["spec"]["nodeName"]])
        fake.lose_node(pod["spec"]["nodeName"])
    (told,) = driver.rest()
    check(place, told, pods=3)
    known = len(epochs())
    (straight,) = kernels.run(project, [TRAIN.replace("w, random =", "assert True\nw, random =")], **environ)
    assert len(epochs()) == known + EPOCHS  # other code, so from the beginning
    assert straight["value"] == told["value"]


def test_the_pod_and_the_driver_killed_the_next_driver_goes_on(place, fake):
    project, environ, epochs = place
    driver = kernels.Kernel(project, [TRAIN], **environ)
    at = wait_for(lambda: [pod for pod, epoch in epochs() if epoch >= 3])[-1]
    driver.kill()
    fake.kubelet.kill("research", at, forget=True)
    (told,) = kernels.run(project, [TRAIN], **environ)
    check(place, told, pods=2)


def test_a_pod_killed_finds_its_last_checkpoint_in_object_storage(far, fake):
    place, url = far
    project, environ, epochs = place
    driver = kernels.Kernel(project, [TRAIN.replace("wait=true", "wait=true retries=1", 1)], **environ)
    at = wait_for(lambda: [pod for pod, epoch in epochs() if epoch >= 3])[-1]
    assert list(saved.all_records(open_store(url, project.parent / "tier")))
    fake.kubelet.kill("research", at)
    (told,) = driver.rest()
    check(place, told, 2, url)
