"""What is asked of a StepRun when that part of its details is opened."""

from __future__ import annotations

from steppe_server.schemas.struct import Answer


class Sample(Answer, frozen=True, kw_only=True):
    """One look at a step: how many processors and GPUs were busy, and bytes of memory.

    `cpu` is null for the first look; `gpu` and `gpu_memory` are null where no GPU was used.
    """

    at: float
    cpu: float | None
    memory: float
    gpu: float | None
    gpu_memory: float | None


class Usage(Answer, frozen=True, kw_only=True):
    """What a step used over time, and the tasks of its Ray cluster by name and state; `live`: more may come."""

    samples: list[Sample]
    live: bool
    ray_tasks: dict[str, dict[str, int]]


class CodeVersion(Answer, frozen=True, kw_only=True):
    """An earlier version of a step's code: the latest StepRun that had it, and what in it differs from the code now."""

    step_run: str
    state: str
    started: float
    changed: list[str]


class CodeVersions(Answer, frozen=True, kw_only=True):
    """The earlier versions of a step's code, the latest first; `more` where there may be others before them."""

    versions: list[CodeVersion]
    more: bool


class Environment(Answer, frozen=True, kw_only=True):
    """What a step ran in.

    `packages` are those that are in its key, `installed` are all; `difference` is how tracked files differed from
    `commit`, as git tells it, without what looks like a secret.
    """

    python: str
    packages: dict[str, str]
    installed: dict[str, str]
    commit: str
    difference: str
    host: str
    machine: str
    image: str
