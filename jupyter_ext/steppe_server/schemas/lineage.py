"""What made an artifact, and what was made from it."""

from __future__ import annotations

from typing import Literal

from steppe_server.schemas.struct import Answer


class Knot(Answer, frozen=True, kw_only=True):
    """An artifact (`id` is its version) or an execution of a step (`id` is its StepRun's) in a graph.

    `name` is the variable or the step; `detail` an artifact's type, or the notebook of a step. `level` is 0 for what
    was asked for, negative above it (what made it), positive below it. `more`: there is more beyond.
    """

    kind: Literal["artifact", "step"]
    id: str
    name: str
    detail: str
    bytes: int
    state: str
    time: float
    level: int
    more: bool


class Edge(Answer, frozen=True, kw_only=True):
    """From what was first to what came of it, by ids."""

    source: str
    target: str
    name: str


class Lineage(Answer, frozen=True, kw_only=True):
    """The graph around one artifact."""

    nodes: list[Knot]
    edges: list[Edge]
