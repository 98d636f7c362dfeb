"""The behaviours of a step in a cluster, on the cluster that runs on this machine."""

import pytest

from tests.integration.kubernetes.behaviours import Behaviours


class TestFake(Behaviours):
    @pytest.fixture
    def cluster(self, fake):
        return fake

    @pytest.fixture
    def shared(self, tmp_path):
        return tmp_path
