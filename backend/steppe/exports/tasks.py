"""A notebook's steps as tasks of a scheduler: one each, in an order in which each finds the earlier ones done."""

from __future__ import annotations

from dataclasses import dataclass

from steppe.analysis.options import Options
from steppe.errors import UsageError
from steppe.exports.asked import Asked
from steppe.notebooks.flows import Flows
from steppe.notebooks.planning import planned_cells
from steppe.types import Resources

AWAY = frozenset({"kubernetes", "ray"})
"""Executors that have the step's resources somewhere else than where its task is."""

SPARE = 600
"""Seconds that a task may take beyond its step's own: a kernel is started, plain cells run, hits are brought."""


@dataclass(frozen=True)
class Task:
    """One step, as a scheduler runs it.

    Attributes:
        name: the step's name.
        after: the tasks that come before it: the step before it in the notebook, and those whose variables it reads.
        resources: what its machine has to have; None where the step asks for nothing, or has it elsewhere.
        retries: how often it is tried again.
        timeout: seconds for one try of the task, with all tries of its step; None for no limit.
    """

    name: str
    after: tuple[str, ...]
    resources: Resources | None
    retries: int
    timeout: int | None


def tasks_of(asked: Asked) -> list[Task]:
    """Return a notebook's tasks, in its order.

    Each runs the notebook from its top to its step. Earlier steps are to be hits then: begun beside it, they would
    run in the wrong task, on what that one asked for. So each task comes after the step that stands before it.

    Raises:
        UsageError: it has no steps, or what one asks for can't be known without the kernel.
    """
    flows = Flows()
    found: dict[str, list[Options]] = {}
    for cell in planned_cells(asked.source, asked.project, asked.steps):
        is_task = cell.is_step and not (cell.options is not None and cell.options.setup)
        if cell.cell is None:
            raise UsageError(f"the cell {cell.name} of {asked.source.path} is no valid Python: correct it first.")
        if is_task:
            if cell.options is None:
                raise UsageError(f"`{cell.name}` can't be a task: {cell.problem}.")
            found.setdefault(cell.name, []).append(cell.options)
        flows.cell(cell.name if is_task else None, cell.cell)
    if not found:
        raise UsageError(f"{asked.source.path} has no steps: give --steps all for every cell to be one.")
    names = list(found)
    return [
        _task(name, tuple(each for each in names[:at] if each == names[at - 1] or (each, name) in flows.edges), options)
        for at, (name, options) in enumerate(found.items())
    ]


def _task(name: str, after: tuple[str, ...], parts: list[Options]) -> Task:
    """Return the task of a step: with what the most demanding of its cells asks for."""
    retries = max(part.retries or 0 for part in parts)
    timeouts = [part.timeout for part in parts]
    limits = [float(each) for each in timeouts if isinstance(each, int | float)]
    timeout = sum(limits) * (retries + 1) + SPARE if len(limits) == len(parts) else None
    here = [
        part.resources
        for part in parts
        if part.on not in AWAY and {"cpu", "memory", "gpu"} & set(part.given) and part.resources.nodes == 1
    ]
    resources = None
    if here:
        resources = Resources(
            cpu=max(each.cpu for each in here),
            memory=max((each.memory for each in here if each.memory is not None), default=None),
            gpu=max(each.gpu for each in here),
        )
    return Task(name, after, resources, retries, None if timeout is None else int(timeout))
