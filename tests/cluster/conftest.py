"""The cluster that KUBECONFIG names, where there is one to try."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.cluster.real import Real
from tests.integration import postgres, s3

IMAGE, FOLDER = "STEPPE_CLUSTER_IMAGE", "STEPPE_CLUSTER_FOLDER"
HOST, BUILD = "STEPPE_CLUSTER_HOST", "STEPPE_CLUSTER_BUILD"


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


@pytest.fixture
def host():
    """An address of this machine that pods reach."""
    if not os.environ.get(HOST):
        pytest.skip(f"pods can't be given a server of this machine: {HOST} has to be an address of it that they reach")
    return os.environ[HOST]


@pytest.fixture
def objects(host, tmp_path):
    """An object store that pods reach, too."""
    with s3.running(tmp_path / "moto.log", host) as server:
        yield server


@pytest.fixture
def database(host):
    """A server of PostgreSQL that pods reach, too."""
    with postgres.running(host) as server:
        yield server


@pytest.fixture
def build():
    """What builds the image that a folder's Dockerfile says, under a name, and has the nodes know it."""
    if not os.environ.get(BUILD):
        pytest.skip(f"no image can be built: {BUILD} has to be a command that takes a folder and an image's name")
    return os.path.abspath(os.environ[BUILD])
