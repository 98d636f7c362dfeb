"""What processes use of GPUs, as NVML tells it: here by one that is made up, for machines without a driver."""

import sys
import types
from typing import NamedTuple

import pytest

from steppe.executors.process.devices import gpu_use


class Process(NamedTuple):
    pid: int
    usedGpuMemory: int | None


@pytest.fixture
def two_devices(monkeypatch):
    """Two devices: processes 1 and 2 use the first, process 2 the second."""
    made = types.ModuleType("pynvml")
    made.NVMLError = type("NVMLError", (Exception,), {})
    made.open = 0
    made.running = {0: [Process(1, 100), Process(2, 10)], 1: [Process(2, None)]}

    def opened(by):
        made.open += by

    made.nvmlInit = lambda: opened(1)
    made.nvmlShutdown = lambda: opened(-1)
    made.nvmlDeviceGetCount = lambda: 2
    made.nvmlDeviceGetHandleByIndex = lambda index: index
    made.nvmlDeviceGetComputeRunningProcesses = made.running.__getitem__
    made.nvmlDeviceGetUtilizationRates = lambda device: types.SimpleNamespace(gpu=(80, 50)[device])
    monkeypatch.setitem(sys.modules, "pynvml", made)
    yield made
    assert made.open == 0, "NVML is let go of"


def test_memory_and_busy_devices_of_a_workers_processes_are_summed(two_devices):
    assert gpu_use({1}) == {"gpu": 0.8, "gpu_memory": 100.0}
    assert gpu_use({1, 2}) == {"gpu": 1.3, "gpu_memory": 110.0}


def test_processes_that_use_none_have_no_numbers(two_devices):
    assert gpu_use({3}) == {}


def test_a_device_that_does_not_tell_is_left_out(two_devices):
    def refuse(device):
        raise two_devices.NVMLError

    two_devices.nvmlDeviceGetComputeRunningProcesses = refuse
    assert gpu_use({1}) == {}
