"""How much this machine has, as far as this process may use it: cores, memory, devices. Limits of cgroups count."""

from __future__ import annotations

import os
from collections.abc import Mapping

from steppe.types import Resources, Struct
from steppe.worker.cgroups import CGROUPS, own_cgroups, read, said

UNLIMITED = 1 << 60
"""More bytes than this as a limit mean that there is none."""


class Capacity(Struct, frozen=True, kw_only=True):
    """What steps may use together.

    Attributes:
        cpu: cores.
        memory: bytes.
        gpus: the devices, by the names that CUDA_VISIBLE_DEVICES takes.
    """

    cpu: float = 1.0
    memory: int = 0
    gpus: tuple[str, ...] = ()

    def missing(self, asked: Resources) -> str:
        """Return nothing where `asked` could ever be had, else what is missing, in words."""
        if asked.workers:
            return f"workers={asked.workers} was asked for, and a Ray cluster is raised with on=ray only"
        if asked.nodes > 1:
            return f"nodes={asked.nodes} was asked for, and this machine is one: several nodes need on=kubernetes"
        if asked.gpu > len(self.gpus):
            has = "no GPU" if not self.gpus else f"{len(self.gpus)} GPU{'s'[: len(self.gpus) > 1]}"
            return f"this machine has {has}, and gpu={asked.gpu} was asked for"
        if asked.cpu > self.cpu:
            return f"this machine has {self.cpu:g} cores to use, and cpu={asked.cpu:g} was asked for"
        if asked.memory is not None and asked.memory > self.memory:
            return f"this machine has {said(self.memory)} of memory to use, and {said(asked.memory)} was asked for"
        return ""


def capacity(environ: Mapping[str, str], cgroups: str = CGROUPS) -> Capacity:
    """Return what this process may use of the machine."""
    from steppe.executors.process.devices import devices

    return Capacity(cpu=cores(cgroups), memory=memory(cgroups), gpus=devices(environ))


def cores(cgroups: str = CGROUPS) -> float:
    """Return the cores that this process may use; never less than one, which is what a step asks for by itself."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = float(len(affinity(0)) if affinity is not None else os.cpu_count() or 1)
    for folder in own_cgroups("cpu", cgroups):
        words = read(f"{folder}/cpu.max").split()
        if len(words) == 2 and words[0] != "max":
            count = min(count, int(words[0]) / int(words[1]))
        quota, period = read(f"{folder}/cpu.cfs_quota_us"), read(f"{folder}/cpu.cfs_period_us")
        if quota and period and int(quota) > 0:
            count = min(count, int(quota) / int(period))
    return max(1.0, count)


def memory(cgroups: str = CGROUPS) -> int:
    """Return the bytes of memory that this process may use."""
    import psutil

    total = int(psutil.virtual_memory().total)
    for folder in own_cgroups("memory", cgroups):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = read(f"{folder}/{name}")
            if text and text != "max" and int(text) < UNLIMITED:
                total = min(total, int(text))
    return total
