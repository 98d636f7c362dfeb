"""The lineage of a value as a graph: what made it, what was made from it, level by level. Only reads the Catalog."""

from __future__ import annotations

from collections.abc import Iterable

from steppe.catalog import Catalog, Edge
from steppe.lineage.uses import file_id, is_apart, users_of
from steppe.types import Artifact, Digest, StepRun, Struct

EVERY = 1000
"""How many users of a value are looked at, where every execution is asked for."""

USERS = 20
"""How many of a value's latest users are looked at; of several executions of one cell, only the latest is told."""


class Node(Struct, frozen=True, kw_only=True):
    """A value, or the execution of a step that made or read one; where it was asked for, a file, or another thing used.

    Attributes:
        id: the value's version, or the StepRun's id; of a file its path and version, of what was asked for likewise.
        kind: `artifact`, `step` or `file`; of what was asked for also `commit`, `package` or `parameter`.
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

    def up(self, kind: str = "") -> list[Node]:
        """Return what led to what was asked for, the nearest first: all, or one kind (`step`, `artifact`, `file`)."""
        return [node for node in self.nodes if node.level < 0 and kind in ("", node.kind)]

    def down(self, kind: str = "") -> list[Node]:
        """Return what was made from it, the nearest first: all, or one kind."""
        return [node for node in self.nodes if node.level > 0 and kind in ("", node.kind)]


class Root(Struct, frozen=True, kw_only=True):
    """What a lineage is asked of, where that is not a value.

    Attributes:
        node: as what it stands in the graph.
        readers: the executions that used it; of an execution, that itself.
        writers: those that wrote it.
    """

    node: Node
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()


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


def graph_of(catalog: Catalog, root: Root | Digest, *, up: int = 5, down: int = 5, limit: int = 500) -> Graph:
    """Return the lineage of a value or of anything else, with the files on the way, and with every execution.

    Args:
        catalog: the project's.
        root: a value's version, or what else is asked for.
        up: steps to go back from it.
        down: steps to go on from it.
        limit: nodes at most; the nearest are told.
    """
    if isinstance(root, str):
        search = _Search(catalog, root, max(1, limit), whole=True)
        search.go_up(up)
        search.go_down(down)
        return search.graph()
    search = _Search(catalog, root.node.id, max(1, limit), whole=True, thing=root.node)
    if root.node.kind == "step":
        search.begin_with_step(root.node.id, up, down)
        return search.graph()
    search.go_up(up, root.writers)
    search.go_down(down, root.readers)
    return search.graph()


class _Search:
    """What was found so far. A `whole` one tells of every execution, and follows files that steps write and read."""

    def __init__(
        self, catalog: Catalog, root: str, limit: int, *, whole: bool = False, thing: Node | None = None
    ) -> None:
        self._catalog = catalog
        self._root = root
        self._limit = limit
        self._whole = whole
        self._values: dict[Digest, int] = {root: 0} if thing is None else {}
        self._things: dict[str, Node] = {root: thing} if thing is not None and thing.kind != "step" else {}
        self._steps: dict[str, int] = {}
        self._runs: dict[str, StepRun] = {}
        self._edges: dict[tuple[str, str, bool], list[str]] = {}
        self._more = False

    def begin_with_step(self, id_: str, up: int, down: int) -> None:
        """Begin with an execution: what it read is a level before it, and what it bound a level after."""
        self._take([id_], 0)
        read, bound = self._catalog.lineage.inputs([id_]), self._catalog.lineage.outputs([id_])
        inputs = self._meet((edge.version for edge in read), -1)
        self._into(read)
        writers = self._files_read([id_], -1)
        self.go_up(up, writers, inputs, first=2)
        outputs = self._meet((edge.version for edge in bound), 1)
        self._out_of([id_], {edge.version for edge in bound})
        readers = self._files_written([id_], 1)
        self.go_down(down, readers, outputs, first=2)

    def go_up(
        self, levels: int, writers: Iterable[str] = (), values: list[Digest] | None = None, *, first: int = 1
    ) -> None:
        """Follow values to the executions that made them first, and these to what they read.

        Args:
            levels: how far.
            writers: executions that are the first to be met, whatever they bound.
            values: what to begin with; what was asked for, where nothing is given.
            first: the first level's number.
        """
        frontier = [*self._values] if values is None else values
        writers = list(writers)
        for level in range(first, levels + 1):
            steps = self._take([*writers, *self._makers(frontier)], -level)
            self._wrote_root(steps, writers, level)
            self._out_of(steps, set(frontier))
            read = self._catalog.lineage.inputs(steps)
            frontier = self._meet((edge.version for edge in read), -level)
            self._into(read)
            writers = self._files_read(steps, -level)
            if not frontier and not writers:
                return
        self._more = self._more or bool(writers) or bool(self._makers(frontier))

    def _makers(self, versions: list[Digest]) -> list[str]:
        """Return the executions that bound values first, but for those that did so after these had been read.

        A number is the same value wherever it comes from: a step that binds it later is not where it is from.
        """
        read: dict[Digest, str] = {}
        for source, target, into in self._edges:
            if into:
                read[source] = max(read.get(source, ""), target)
        origins = self._catalog.lineage.origins(versions)
        return [maker for version, maker in origins.items() if version not in read or maker < read[version]]

    def go_down(
        self, levels: int, readers: Iterable[str] = (), values: list[Digest] | None = None, *, first: int = 1
    ) -> None:
        """Follow values to the executions that read them, and these to what they bound; see `go_up`."""
        frontier = [version for version, level in self._values.items() if level == 0] if values is None else values
        readers = list(readers)
        for level in range(first, levels + 1):
            users = self._catalog.lineage.latest_users(frontier, EVERY if self._whole else USERS)
            found = [step for steps in users.values() for step in steps]
            found = sorted(dict.fromkeys([*readers, *found])) if self._whole else self._latest_of_each_cell(found)
            steps = self._take(found, level)
            self._read_root(steps, readers, level)
            self._into([edge for edge in self._catalog.lineage.inputs(steps) if edge.version in self._values])
            bound = self._catalog.lineage.outputs(steps)
            frontier = self._meet((edge.version for edge in bound), level)
            self._out_of(steps, {edge.version for edge in bound})
            readers = self._files_written(steps, level)
            if not frontier and not readers:
                return
        self._more = self._more or bool(readers) or any(self._catalog.lineage.latest_users(frontier, 1).values())

    def _wrote_root(self, steps: list[str], writers: list[str], level: int) -> None:
        if level == 1 and self._root in self._things:
            for step in steps:
                if step in writers:
                    self._edges[step, self._root, False] = [self._things[self._root].name]

    def _read_root(self, steps: list[str], readers: list[str], level: int) -> None:
        if level == 1 and self._root in self._things:
            for step in steps:
                if step in readers:
                    self._edges[self._root, step, True] = [self._things[self._root].name]

    def _files_read(self, steps: list[str], level: int) -> list[str]:
        """Note the files that executions have read, and return the executions that wrote them."""
        writers: list[str] = []
        for step, run in (self._catalog.step_runs.wholes(steps) if self._whole and steps else {}).items():
            for seen in run.trace:
                if seen.kind == "file" and not is_apart(seen.name):
                    fresh = self._file(seen.name, seen.version, level)
                    self._edges.setdefault((file_id(seen.name, seen.version), step, True), [seen.name])
                    if fresh:
                        writers += users_of(self._catalog, "written", seen.name, seen.version, before=step)
        return writers

    def _files_written(self, steps: list[str], level: int) -> list[str]:
        """Note the files that executions have written, and return the executions that read them."""
        readers: list[str] = []
        for step, run in (self._catalog.step_runs.wholes(steps) if self._whole and steps else {}).items():
            for file in run.written:
                if file.blob is not None:
                    fresh = self._file(file.path, file.blob, level)
                    self._edges.setdefault((step, file_id(file.path, file.blob), False), [file.path])
                    if fresh:
                        readers += users_of(self._catalog, "file", file.path, file.blob)
        return readers

    def _file(self, path: str, version: Digest, level: int) -> bool:
        node = Node(id=file_id(path, version), kind="file", level=level, name=path)
        if node.id in self._things or self._full():
            return False
        self._things[node.id] = node
        return True

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
        full = len(self._values) + len(self._steps) + len(self._things) >= self._limit
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
        read: dict[Digest, str] = {}
        for (source, target, into), words in self._edges.items():
            if source in self._things or target in self._things:
                continue
            if into:
                read.setdefault(source, words[0])
            else:
                names.setdefault(target, min(words, key=lambda word: not word.isidentifier()))
        names = {**read, **names}
        values = [_value(each, level, names.get(each, ""), artifacts.get(each)) for each, level in self._values.items()]
        steps = [_step(self._runs[each], level) for each, level in self._steps.items() if each in self._runs]
        there = {node.id for node in (*values, *steps, *self._things.values())}
        found = (*steps, *self._things.values(), *values)
        nodes = sorted(found, key=lambda node: (node.level > 0, abs(node.level), node.kind != "step"))
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
