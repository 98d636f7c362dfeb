"""A cluster of its own for each test, and a kubeconfig that names it."""

import pytest

from steppe.executors.kubernetes import KubernetesExecutor
from tests.integration.kubernetes.fake import Fake
from tests.integration.kubernetes.sandbox import possible


@pytest.fixture
def fake(tmp_path, tmp_path_factory, monkeypatch):
    if not possible():
        pytest.skip("pods of the fake cluster need root and `unshare`: mounts, host names and process ids of their own")
    made = Fake(tmp_path_factory.mktemp("cluster"))
    monkeypatch.setenv("KUBECONFIG", str(made.write_config(tmp_path / "kubeconfig")))
    yield made
    made.close()


@pytest.fixture
def pod(tmp_path):
    """What every step of a test asks of the cluster: the folder of the store, mounted at its own path."""
    return {"image": "steps:1", "volumes": {str(tmp_path): f"host:{tmp_path}"}}


@pytest.fixture
def executor(fake, pod):
    made = KubernetesExecutor(pod)
    yield made
    made.close()
