"""What the GPUs of a pod do, as drivers tell it: made up ones, for machines without."""

import sys
import types

import pytest

from steppe.worker.devices import Attached


@pytest.fixture
def nvidia(monkeypatch):
    """Two devices, and one that is divided, which tells nothing."""
    made = types.ModuleType("pynvml")
    made.NVMLError = type("NVMLError", (Exception,), {})
    made.begun = 0

    def init():
        made.begun += 1

    def rates(device):
        if device == 2:
            raise made.NVMLError
        return types.SimpleNamespace(gpu=(80, 50)[device])

    made.nvmlInit = init
    made.nvmlDeviceGetCount = lambda: 3
    made.nvmlDeviceGetHandleByIndex = lambda index: index
    made.nvmlDeviceGetUtilizationRates = rates
    made.nvmlDeviceGetMemoryInfo = lambda device: types.SimpleNamespace(used=(1000, 20)[device])
    monkeypatch.setitem(sys.modules, "pynvml", made)
    return made


@pytest.fixture
def no_nvidia(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)


@pytest.fixture
def amd(tmp_path):
    """What the kernel shows of two cards of AMD's and one of another vendor; the second may not be opened here."""
    nodes = tmp_path / "dri"
    nodes.mkdir()
    for name, vendor, busy in (("renderD128", "0x1002", 25), ("renderD129", "0x1002", 99), ("renderD130", "0x8086", 7)):
        device = tmp_path / "drm" / name / "device"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        (device / "gpu_busy_percent").write_text(f"{busy}\n")
        (device / "mem_info_vram_used").write_text("4096\n")
    for name in ("renderD128", "renderD130", "card0"):
        (nodes / name).touch()
    return Attached(tmp_path / "drm", nodes)


def test_all_that_nvidia_s_driver_shows_are_summed_and_it_is_kept_open(nvidia, tmp_path):
    devices = Attached(tmp_path, tmp_path / "none")
    assert devices.use() == {"gpu": 1.3, "gpu_memory": 1020.0}
    assert devices.use() == {"gpu": 1.3, "gpu_memory": 1020.0}
    assert nvidia.begun == 1


def test_of_amd_s_cards_those_that_may_be_opened_here_count(no_nvidia, amd):
    assert amd.use() == {"gpu": 0.25, "gpu_memory": 4096.0}


def test_without_a_driver_there_are_no_numbers(no_nvidia, tmp_path):
    assert Attached(tmp_path, tmp_path / "none").use() == {}


def test_a_driver_that_fails_ends_nothing(nvidia, tmp_path):
    def lost():
        raise nvidia.NVMLError

    nvidia.nvmlDeviceGetCount = lost
    devices = Attached(tmp_path, tmp_path / "none")
    assert devices.latest() == {}
    devices._asking.join()
    assert devices.latest() == {}
