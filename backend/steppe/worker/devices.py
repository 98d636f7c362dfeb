"""The GPUs that a worker has to itself, as in a pod, and what they do: as NVIDIA's and AMD's drivers tell it.

Who takes several workers at one device apart does that by their processes, which have other numbers inside a container.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CLASSES = Path("/sys/class/drm")
"""Where the kernel shows devices, those of the whole machine."""

NODES = Path("/dev/dri")
"""Where those are that this container may open."""

AMD = "0x1002"


class Attached:
    """The GPUs that this process may open."""

    def __init__(self, classes: Path = CLASSES, nodes: Path = NODES) -> None:
        """Prepare; drivers are asked when it is first told what there is.

        Args:
            classes: where the kernel shows devices.
            nodes: where those are that may be opened.
        """
        self._classes, self._nodes = classes, nodes
        self._nvml: Any = None
        self._tried = False
        self._latest: dict[str, float] = {}
        self._asking: threading.Thread | None = None

    def latest(self) -> dict[str, float]:
        """Return what was told last, and have it asked again meanwhile: a driver that nobody has open takes seconds."""
        if self._asking is None or not self._asking.is_alive():
            self._asking = threading.Thread(target=self._ask, name="steppe-devices", daemon=True)
            self._asking.start()
        return self._latest

    def _ask(self) -> None:
        with contextlib.suppress(Exception):  # a driver that fails tells nothing: the work goes on
            self._latest = self.use()

    def use(self) -> dict[str, float]:
        """Return `gpu`, how many are busy, and `gpu_memory`, the bytes in use; nothing where no driver tells of any."""
        found = [*self._of_nvidia(), *self._of_amd()]
        if not found:
            return {}
        return {"gpu": sum(busy for busy, _ in found), "gpu_memory": float(sum(memory for _, memory in found))}

    def _of_nvidia(self) -> Iterator[tuple[float, int]]:
        if not self._tried:
            self._tried, self._nvml = True, opened()
        nvml = self._nvml
        if nvml is None:
            return
        for device in handles(nvml):
            with contextlib.suppress(nvml.NVMLError):  # a divided one, which tells nothing, or one that is lost
                busy = nvml.nvmlDeviceGetUtilizationRates(device).gpu / 100
                yield busy, nvml.nvmlDeviceGetMemoryInfo(device).used

    def _of_amd(self) -> Iterator[tuple[float, int]]:
        with contextlib.suppress(OSError):
            for name in os.listdir(self._nodes):
                device = self._classes / name / "device"
                with contextlib.suppress(OSError, ValueError):  # a card's own node, or one of another vendor
                    if name.startswith("renderD") and (device / "vendor").read_text().strip() == AMD:
                        busy = int((device / "gpu_busy_percent").read_text()) / 100
                        yield busy, int((device / "mem_info_vram_used").read_text())


def opened() -> Any:
    """Return NVML's module, ready to be asked, and shut down by who has no more questions; None without a driver."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # the module is not there, or finds no driver: no device
        return None
    return pynvml


def handles(nvml: Any) -> Iterator[Any]:
    """Yield NVML's handles of the devices that it sees."""
    for index in range(nvml.nvmlDeviceGetCount()):
        yield nvml.nvmlDeviceGetHandleByIndex(index)
