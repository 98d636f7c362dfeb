"""What a step used over time: processor and memory, sampled each second while it ran."""

from __future__ import annotations

from pathlib import Path

from steppe.catalog import Catalog
from steppe.errors import UsageError
from steppe.lineage.logs import told
from steppe.states import LIVE
from steppe.types import Struct


class Sample(Struct, frozen=True, kw_only=True):
    """One look at a step: when (seconds since 1970), bytes resident, processor seconds so far."""

    at: float
    memory: float
    cpu_seconds: float


def resources(catalog: Catalog, state: Path, step_run: str) -> list[Sample]:
    """Return the samples of a step, while it runs too; of a hit, those of the execution whose result it returned.

    Args:
        catalog: the project's.
        state: the project's folder of Steppe's own files.
        step_run: the StepRun's id.

    Raises:
        UsageError: there is no such StepRun.
    """
    step = catalog.step_runs.get(step_run)
    if step is not None and step.entry:
        step = catalog.step_runs.get(step.entry) or step
    if step is None:
        raise UsageError(f"there is no step run `{step_run}`.")
    if step.state in LIVE:
        usages = [(event.at, event.usage) for event in told(state, step.id) if event.kind == "usage"]
        rows = [(at, use.get("memory", 0.0), use.get("cpu_seconds", 0.0)) for at, use in usages]
    else:
        rows = list(step.samples)
    return [Sample(at=at, memory=memory, cpu_seconds=cpu) for at, memory, cpu in rows]
