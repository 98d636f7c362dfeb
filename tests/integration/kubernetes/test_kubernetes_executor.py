"""The executor `kubernetes` against the suite that every executor passes, on a cluster of this machine's own."""

import pytest

from steppe.executors.kubernetes import KubernetesExecutor
from steppe.testing import ExecutorSuite


class TestKubernetes(ExecutorSuite):
    another = "from steppe.executors.kubernetes import KubernetesExecutor\nexecutor = KubernetesExecutor()"

    @pytest.fixture
    def executor(self, fake, pod):
        fake.limit(requests__nvidia__com_gpu="8")
        made = KubernetesExecutor(pod)
        yield made
        made.close()
