"""What a pod's GPUs did is kept with its step: here as a made up driver tells, since no machine of CI has one."""

from tests.integration.kubernetes.test_kubernetes_steps import WAITED, kernel, project  # noqa: F401
from tests.integration.kubernetes.test_packages_elsewhere import set_environment

DRIVER = """
from pathlib import Path
from types import SimpleNamespace

class NVMLError(Exception):
    pass

def nvmlInit(): pass
def nvmlDeviceGetCount(): return 1
def nvmlDeviceGetHandleByIndex(index): return index
def nvmlDeviceGetUtilizationRates(device):
    asked = Path(__file__).with_name("asked")
    with asked.open("a") as told:
        told.write("x")
    if asked.stat().st_size > 2:
        raise NVMLError("it is lost")
    return SimpleNamespace(gpu=75)
def nvmlDeviceGetMemoryInfo(device): return SimpleNamespace(used=2 * 2**30)
"""
STEP = """
import time
from pathlib import Path
asked = Path({place!r})
while not asked.exists() or len(asked.read_text()) < 5:
    time.sleep(0.02)
x = 1
"""


def test_how_busy_its_gpu_was_and_what_it_held_is_sampled(kernel, project, fake, tmp_path):  # noqa: F811
    driver = tmp_path / "driver"
    driver.mkdir()
    (driver / "pynvml.py").write_text(DRIVER)
    settings = (project / "pyproject.toml").read_text()
    mounted = settings.replace("volumes = { ", f'volumes = {{ "{driver}" = "host:{driver}", ', 1)
    (project / "pyproject.toml").write_text(mounted)
    set_environment(project, PYTHONPATH=str(driver))
    one = kernel()
    one.step("train", STEP.format(place=str(driver / "asked")), f"{WAITED} gpu=1")
    assert one.last.state == "succeeded", (one.err, one.last.why)
    one.session.catalog.flush()
    kept = one.session.catalog.step_runs.get(one.last.id)
    assert (0.75, 2 * 2**30) in [row[3:] for row in kept.samples], kept.samples
    assert kept.used["gpu_memory"] == 2 * 2**30
    one.step("plain", "y = 2", WAITED)
    one.session.catalog.flush()
    assert "gpu" not in one.session.catalog.step_runs.get(one.last.id).used
