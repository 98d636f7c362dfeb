"""Made-up keys, runs and entries for the suite. All that it makes is the same each time."""

from __future__ import annotations

from typing import Any

from blake3 import blake3

from steppe.ids import new_id
from steppe.types import Artifact, Digest, Entry, Observation, Part, Run, State, StepId, StepRun

AWKWARD = (
    "",
    " ",
    "'; DROP TABLE entries; --",
    'a "b" `c` %s %(x)s :y ? {z}',
    "\\ \\u0041 \\udcff \\i7",
    "größer 数 🦔 e\u0301",
    "line\nline\r\ttab",
    "".join(f"{number} 🦔 " for number in range(10_000)),
)
"""Text that comes back as it was."""

UNSTORABLE = ("nul \x00 inside", "no UTF-8: caf\udce9.csv", "\ud800")
"""Text that not every database can hold as it is."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float) -> None:
        """Begin at `now`, in seconds since 1970."""
        self.now = now

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def digest(*words: object) -> Digest:
    """Return a digest that is always the same for the same words."""
    return f"b3:{blake3(repr(words).encode()).hexdigest()}"


def identity(second: float, salt: int = 0) -> str:
    """Return an id made at a second."""
    return new_id(second, lambda _: salt)


def run(second: float = 1, **fields: Any) -> Run:
    """Return a run that began at a second."""
    return Run(**{"id": identity(second), "notebook": "notebook", "started": float(second), **fields})


def step_run(second: float = 2, name: str = "train", notebook: str = "notebook", **fields: Any) -> StepRun:
    """Return an execution that was begun at a second and has succeeded."""
    usual = {
        "id": identity(second),
        "run": identity(1),
        "step": StepId(notebook=notebook, name=name),
        "state": State.SUCCEEDED,
        "key": digest("key", second),
        "started": float(second),
    }
    return StepRun(**{**usual, **fields})


def hit(second: float, of: StepRun, **fields: Any) -> StepRun:
    """Return a hit on an execution."""
    usual = {"state": State.HIT, "entry": of.id, "key": of.key, "inputs": of.inputs, "outputs": of.outputs}
    return step_run(second, **{"name": of.step.name, **usual, **fields})


def entry(of: StepRun, **fields: Any) -> Entry:
    """Return the entry of an execution."""
    usual = {
        "key": of.key,
        "result": digest("result", of.id),
        "trace": of.trace,
        "created": of.started,
        "seconds": 1.5,
        "step_run": of.id,
        "size": 100,
    }
    return Entry(**{**usual, **fields})


def artifact(version: Digest, name: str = "model", **fields: Any) -> Artifact:
    """Return an artifact whose bytes are a blob of their own."""
    part = Part(names=(name,), format="npy", blob=digest("blob", version), size=90)
    return Artifact(
        **{"version": version, "type": "numpy.ndarray", "size": 90, "preview": "3 by 4", "part": part, **fields}
    )


def file(name: str, version: object = 1, kind: str = "file") -> Observation:
    """Return the observation of a file's content."""
    return Observation(kind=kind, name=name, version=digest(name, version))
