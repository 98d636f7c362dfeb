"""The GPUs of this machine, by the names that CUDA_VISIBLE_DEVICES takes, and what each worker uses of them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from steppe.worker.devices import handles, opened

VARIABLES = ("STEPPE_GPUS", "CUDA_VISIBLE_DEVICES")
"""The variables of the environment that say which devices there are."""

DRIVER = Path("/proc/driver/nvidia/version")
"""Is there where the driver is loaded: without it, nothing of NVML is imported to measure a step."""


def devices(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the devices that this process may use: those of CUDA_VISIBLE_DEVICES where it is set, else all.

    STEPPE_GPUS=2 stands for a machine with two devices that are not there, for trying things out.
    """
    simulated = environ.get("STEPPE_GPUS")
    there = tuple(str(number) for number in range(int(simulated))) if simulated else tuple(_devices())
    visible = environ.get("CUDA_VISIBLE_DEVICES")
    return there if visible is None else tuple(_visible(visible, there))


def _visible(visible: str, there: tuple[str, ...]) -> Iterator[str]:
    """Yield the devices that the variable names, by index or by the beginning of their names, up to one it can't."""
    for word in map(str.strip, visible.split(",")):
        if word.isdigit() and int(word) < len(there):
            yield there[int(word)]
            continue
        found = [name for name in there if word and name.startswith(word)]
        if len(found) != 1:
            return
        yield found[0]


def gpu_use(pids: Collection[int]) -> dict[str, float]:
    """Return what processes use of the devices: `gpu`, how many are busy, and `gpu_memory`; nothing where none is used.

    A device that others use, too, is busy with all of them: NVML tells no more.
    """
    busy, memory, found = 0.0, 0, False
    with _nvml() as pynvml:
        for device in handles(pynvml) if pynvml is not None else ():
            with contextlib.suppress(pynvml.NVMLError):
                ours = [each for each in pynvml.nvmlDeviceGetComputeRunningProcesses(device) if each.pid in pids]
                memory += sum(each.usedGpuMemory or 0 for each in ours)
                found = found or bool(ours)
                if ours:
                    busy += pynvml.nvmlDeviceGetUtilizationRates(device).gpu / 100
    return {"gpu": busy, "gpu_memory": float(memory)} if found else {}


@contextlib.contextmanager
def _nvml() -> Iterator[Any]:
    """Yield NVML's module for a moment; None where there is no driver."""
    pynvml = opened()
    try:
        yield pynvml
    finally:
        if pynvml is not None:
            pynvml.nvmlShutdown()


def _devices() -> Iterator[str]:
    """Yield the UUIDs of the machine's devices; of the parts of one that is divided."""
    with _nvml() as pynvml:
        for device in handles(pynvml) if pynvml is not None else ():
            parts = list(_parts(pynvml, device))
            yield from parts or [_text(pynvml.nvmlDeviceGetUUID(device))]


def _parts(pynvml: Any, device: Any) -> Iterator[str]:
    try:
        if pynvml.nvmlDeviceGetMigMode(device)[0] != pynvml.NVML_DEVICE_MIG_ENABLE:
            return
        for number in range(pynvml.nvmlDeviceGetMaxMigDeviceCount(device)):
            try:
                part = pynvml.nvmlDeviceGetMigDeviceHandleByIndex(device, number)
            except pynvml.NVMLError:  # a place without a part
                continue
            yield _text(pynvml.nvmlDeviceGetUUID(part))
    except pynvml.NVMLError:  # a device that can't be divided
        return


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
