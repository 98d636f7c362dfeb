"""The cluster that KUBECONFIG names, where there is one to try."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.cluster.real import Real

IMAGE, FOLDER = "STEPPE_CLUSTER_IMAGE", "STEPPE_CLUSTER_FOLDER"


@pytest.fixture
def shared():
    """A folder that the nodes see at the same path."""
    with tempfile.TemporaryDirectory(dir=os.environ.get(FOLDER), ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    if not all(os.environ.get(name) for name in ("KUBECONFIG", IMAGE, FOLDER)):
        pytest.skip(
            f"no cluster to try: KUBECONFIG has to name one, {IMAGE} an image with Steppe that its nodes have, "
            f"{FOLDER} a folder that they see at the same path"
        )
    made = Real(os.environ[IMAGE], os.getuid(), os.getgid(), tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
    yield made
    made.close()
