"""The executor `process` against the suite that every executor passes."""

import pytest

from steppe.executors.process import ProcessExecutor
from steppe.testing import ExecutorSuite


class TestProcess(ExecutorSuite):
    another = "from steppe.executors.process import ProcessExecutor\nexecutor = ProcessExecutor()"

    @pytest.fixture
    def executor(self, tmp_path, monkeypatch):
        monkeypatch.setenv("STEPPE_MACHINE", str(tmp_path))
        monkeypatch.setenv("STEPPE_GPUS", "1")
        made = ProcessExecutor(grace=1.0)
        yield made
        made.close()
