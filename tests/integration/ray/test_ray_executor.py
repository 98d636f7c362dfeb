"""The executor `ray` against the suite that every executor passes."""

import os

import pytest

from steppe.executors.process.capacity import capacity
from steppe.executors.ray import RayExecutor
from steppe.testing import ExecutorSuite
from steppe.types import Resources


class TestRay(ExecutorSuite):
    another = "from steppe.executors.ray import RayExecutor\nexecutor = RayExecutor()"
    scarce = Resources(cpu=float(int(capacity(os.environ).cpu)))

    @pytest.fixture
    def executor(self, local):
        made = RayExecutor(grace=1.0)
        yield made
        made.close()
