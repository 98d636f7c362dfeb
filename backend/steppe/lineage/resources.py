"""What a step used over time: processors, memory and GPUs, sampled while it ran."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from steppe.catalog import Catalog
from steppe.engine.sampling import row
from steppe.errors import UsageError
from steppe.lineage.logs import told
from steppe.states import LIVE
from steppe.types import StepRun, Struct


class Sample(Struct, frozen=True, kw_only=True):
    """One look at a step.

    Attributes:
        at: when, in seconds since 1970.
        memory: bytes resident.
        cpu_seconds: processor seconds so far.
        cpu: how many processors were busy since the sample before; None for the first.
        gpu: how many GPUs were busy; None where it used none.
        gpu_memory: bytes of their memory; likewise.
    """

    at: float
    memory: float
    cpu_seconds: float
    cpu: float | None = None
    gpu: float | None = None
    gpu_memory: float | None = None


def resources(catalog: Catalog, state: Path, step_run: str) -> list[Sample]:
    """Return the samples of a step, while it runs too; of a hit, those of the execution whose result it returned.

    Args:
        catalog: the project's.
        state: the project's folder of Steppe's own files.
        step_run: the StepRun's id.

    Raises:
        UsageError: there is no such StepRun.
    """
    step = _executed(catalog, step_run)
    if step.state in LIVE:
        return samples(row(event.at, event.usage) for event in told(state, step.id) if event.kind == "usage")
    return samples(step.samples)


def ray_tasks(catalog: Catalog, state: Path, step_run: str) -> dict[str, dict[str, int]]:
    """Return what a step's code has run on a Ray cluster of its own, while it runs too: see `StepRun.tasks`.

    Raises:
        UsageError: there is no such StepRun.
    """
    step = _executed(catalog, step_run)
    found = step.tasks
    for event in told(state, step.id) if step.state in LIVE else ():
        if event.kind == "tasks":
            found = event.data["tasks"]
    return found


def _executed(catalog: Catalog, step_run: str) -> StepRun:
    """Return a step; of a hit, the execution whose result it returned."""
    step = catalog.step_runs.get(step_run)
    if step is None:
        raise UsageError(f"there is no step run `{step_run}`.")
    return (catalog.step_runs.get(step.entry) if step.entry else None) or step


def samples(rows: Iterable[tuple[float, ...]]) -> list[Sample]:
    """Return samples from the rows that a StepRun keeps of them."""
    found: list[Sample] = []
    for at, memory, cpu_seconds, *devices in rows:
        before = found[-1] if found else None
        cpu = None
        if before is not None and at > before.at:
            cpu = max(cpu_seconds - before.cpu_seconds, 0.0) / (at - before.at)
        gpu, gpu_memory = devices or (None, None)
        found.append(Sample(at=at, memory=memory, cpu_seconds=cpu_seconds, cpu=cpu, gpu=gpu, gpu_memory=gpu_memory))
    return found
