"""The lineage of a value as a graph: what made it, what was made from it, level by level. Only reads the Catalog."""

from __future__ import annotations

from collections.abc import Iterable

from steppe.catalog import Catalog, Edge
from steppe.types import Artifact, Digest, StepRun, Struct

USERS = 20
"""How many of a value's latest users are looked at; of several executions of one cell, only the latest is told."""


class Node(Struct, frozen=True, kw_only=True):
    """A value, or the execution of a step that made or read one.

    Attributes:
        id: the value's version, or the StepRun's id.
        kind: `artifact` or `step`.
        level: how many steps away from what was asked: below 0 for what led to it, above for what was made from it.
        name: the variable that holds the value, by the step that made it (else by one that read it); the step's name.
        type: of a value: its class.
        size: of a value: its bytes as stored.
        preview: of a value: a short text.
        kept: of a value: whether its bytes are in the Store.
        part: of a step: which of its cells.
        cell: of a step: the cell's id.
        notebook: of a step: the notebook's id.
        run: of a step: the Run's id.
        state: of a step: see `states.py`.
        executor: of a step: where it ran.
        started: of a step: seconds since 1970.
        ended: of a step: likewise, or None.
        seconds: of a step: how long it ran.
    """

    id: str
    kind: str
    level: int
    name: str
    type: str = ""
    size: int = 0
    preview: str = ""
    kept: bool = False
    part: int = 0
    cell: str = ""
    notebook: str = ""
    run: str = ""
    state: str = ""
    executor: str = ""
    started: float = 0.0
    ended: float | None = None
    seconds: float = 0.0


class Flow(Struct, frozen=True, kw_only=True):
    """A value's way into a step, or out of one: the ids of two nodes, and the variable's names."""

    source: str
    target: str
    names: tuple[str, ...]


class Graph(Struct, frozen=True, kw_only=True):
    """A part of the lineage.

    Attributes:
        root: the version that was asked for.
        nodes: what it holds; the root first, then what led to it by levels, then what was made from it.
        edges: between them.
        more: whether there is more than was asked for.
    """

    root: Digest
    nodes: tuple[Node, ...]
    edges: tuple[Flow, ...]
    more: bool = False


def graph(catalog: Catalog, version: Digest, *, up: int = 5, down: int = 2, limit: int = 200) -> Graph:
    """Return the lineage of a value.

    Each level takes a few statements, whatever the number of its steps. A value that many executions bound is traced to
    the first; of the executions that read it, each cell's latest is told.

    Args:
        catalog: the project's.
        version: the value's data version.
        up: steps to go back from it.
        down: steps to go on from it.
        limit: nodes at most; the nearest are told.
    """
    search = _Search(catalog, version, max(1, limit))
    search.go_up(up)
    search.go_down(down)
    return search.graph()


class _Search:
    """What was found so far."""

    def __init__(self, catalog: Catalog, version: Digest, limit: int) -> None:
        self._catalog = catalog
        self._root = version
        self._limit = limit
        self._values: dict[Digest, int] = {version: 0}
        self._steps: dict[str, int] = {}
        self._runs: dict[str, StepRun] = {}
        self._edges: dict[tuple[str, str, bool], list[str]] = {}
        self._more = False

    def go_up(self, levels: int) -> None:
        """Follow values to the executions that made them first, and these to what they read."""
        frontier = [self._root]
        for level in range(1, levels + 1):
            origins = self._catalog.lineage.origins(frontier)
            steps = self._take(origins.values(), -level)
            self._out_of(steps, set(frontier))
            read = self._catalog.lineage.inputs(steps)
            frontier = self._meet((edge.version for edge in read), -level)
            self._into(read)
            if not frontier:
                return
        self._more = self._more or bool(self._catalog.lineage.origins(frontier))

    def go_down(self, levels: int) -> None:
        """Follow values to the executions that read them, and these to what they bound."""
        frontier = [self._root]
        for level in range(1, levels + 1):
            users = self._catalog.lineage.latest_users(frontier, USERS)
            found = self._latest_of_each_cell(step for steps in users.values() for step in steps)
            steps = self._take(found, level)
            self._into([edge for edge in self._catalog.lineage.inputs(steps) if edge.version in self._values])
            bound = self._catalog.lineage.outputs(steps)
            frontier = self._meet((edge.version for edge in bound), level)
            self._out_of(steps, {edge.version for edge in bound})
            if not frontier:
                return
        self._more = self._more or any(self._catalog.lineage.latest_users(frontier, 1).values())

    def _take(self, ids: Iterable[str], level: int) -> list[str]:
        """Note executions that are new, as far as there is room."""
        fresh = []
        for id_ in dict.fromkeys(ids):
            if id_ in self._steps:
                continue
            if self._full():
                break
            self._steps[id_] = level
            fresh.append(id_)
        missing = [id_ for id_ in fresh if id_ not in self._runs]
        self._runs |= self._catalog.step_runs.among(missing) if missing else {}
        return fresh

    def _meet(self, versions: Iterable[Digest], level: int) -> list[Digest]:
        """Note values that are new, as far as there is room."""
        fresh = []
        for version in dict.fromkeys(versions):
            if version in self._values:
                continue
            if self._full():
                break
            self._values[version] = level
            fresh.append(version)
        return fresh

    def _full(self) -> bool:
        full = len(self._values) + len(self._steps) >= self._limit
        self._more = self._more or full
        return full

    def _latest_of_each_cell(self, ids: Iterable[str]) -> list[str]:
        known = [id_ for id_ in dict.fromkeys(ids) if id_ not in self._steps]
        self._runs |= self._catalog.step_runs.among(known)
        latest: dict[tuple[str, str, int], str] = {}
        for id_ in sorted(known, reverse=True):
            run = self._runs.get(id_)
            if run is not None:
                latest.setdefault((run.step.notebook, run.step.name, run.part), id_)
        return list(latest.values())

    def _into(self, edges: list[Edge]) -> None:
        for edge in edges:
            self._edges.setdefault((edge.version, edge.step_run, True), []).append(edge.name)

    def _out_of(self, steps: list[str], versions: set[Digest]) -> None:
        for edge in self._catalog.lineage.outputs(steps):
            if edge.version in versions:
                self._edges.setdefault((edge.step_run, edge.version, False), []).append(edge.name)

    def graph(self) -> Graph:
        """Return what was found."""
        artifacts = self._catalog.artifacts.among(self._values)
        names: dict[Digest, str] = {}
        for (source, target, into), words in self._edges.items():
            if into:
                names.setdefault(source, words[0])
            else:
                names[target] = words[0]
        values = [_value(each, level, names.get(each, ""), artifacts.get(each)) for each, level in self._values.items()]
        steps = [_step(self._runs[each], level) for each, level in self._steps.items() if each in self._runs]
        there = {node.id for node in (*values, *steps)}
        nodes = sorted((*steps, *values), key=lambda node: (node.level > 0, abs(node.level), node.kind != "step"))
        edges = [
            Flow(source=source, target=target, names=tuple(dict.fromkeys(words)))
            for (source, target, _), words in self._edges.items()
            if source in there and target in there
        ]
        return Graph(root=self._root, nodes=tuple(nodes), edges=tuple(edges), more=self._more)


def _value(version: Digest, level: int, name: str, artifact: Artifact | None) -> Node:
    if artifact is None:
        return Node(id=version, kind="artifact", level=level, name=name)
    return Node(
        id=version,
        kind="artifact",
        level=level,
        name=name,
        type=artifact.type,
        size=artifact.size,
        preview=artifact.preview,
        kept=artifact.part is not None,
    )


def _step(run: StepRun, level: int) -> Node:
    return Node(
        id=run.id,
        kind="step",
        level=level,
        name=run.step.name,
        part=run.part,
        cell=run.cell,
        notebook=run.step.notebook,
        run=run.run,
        state=str(run.state),
        executor=run.executor,
        started=run.started,
        ended=run.ended,
        seconds=run.seconds or (run.ended or run.started) - run.started,
    )
