"""What made an artifact, and what was made from it."""

from __future__ import annotations

from typing import Literal

from steppe_server.schemas.struct import Answer


class Knot(Answer, frozen=True, kw_only=True):
    """An artifact (`id` is its version) or an execution of a step (`id` is its StepRun's) in a graph.

    `name` is the variable or the step. `path` is the contents path of a step's notebook, or null where it is out of
    reach; null for an artifact. `level` is 0 for what was asked for, below 0 for what led to it, above for what
    was made from it. The rest is empty where it is of the other kind.
    """

    kind: Literal["artifact", "step"]
    id: str
    name: str
    type: str
    preview: str
    bytes: int
    kept: bool
    part: int
    cell: str
    notebook: str
    path: str | None
    state: str
    started: float
    seconds: float
    level: int


class Edge(Answer, frozen=True, kw_only=True):
    """From what was first to what came of it, by ids, with the names of the variable."""

    source: str
    target: str
    names: list[str]


class Lineage(Answer, frozen=True, kw_only=True):
    """The graph around one artifact; `more`: there is more than was asked for."""

    nodes: list[Knot]
    edges: list[Edge]
    more: bool
