"""What pins, names and leases hold: the executions that have to stay so that it can be loaded and explained.

A name and a lease hold what loading needs: the execution that bound the value, and those whose values it belongs to. A
pin holds all that led to it, files that other steps wrote included. None asks whether there is an entry: a result that
nobody hits any more, because its step was run again, stays too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from steppe.catalog import Catalog, EntryUse, Pin, StepRunFilter, every
from steppe.engine.lookup import blobs_of
from steppe.errors import StoreError
from steppe.finding import execution_of, makers_of
from steppe.lineage.results import result_of
from steppe.lineage.uses import is_apart, users_of
from steppe.loading import belongs_to
from steppe.store.store import Store
from steppe.types import Digest, Result, State, StepRun, Struct
from steppe.worker.task import Task


def said(pin: Pin) -> str:
    """Say what is pinned."""
    kind = {"artifact": "value", "step_run": "step run"}.get(pin.kind, pin.kind)
    return f"{kind} {pin.target[:18]}"


class Hold(Struct, frozen=True, kw_only=True):
    """An execution that stays, and why.

    Attributes:
        step_run: its id.
        step: the step's name.
        bytes: the size of its values and files.
        why: what holds it, a few words each.
    """

    step_run: str
    step: str
    bytes: int
    why: tuple[str, ...]


class Holding:
    """The executions that are held.

    Attributes:
        blobs: all that they need.
        lost: what was to be held and is no longer kept: names of steps, by what was to hold them.
    """

    def __init__(self, catalog: Catalog, store: Store, has: Callable[[Digest], bool] | None = None) -> None:
        """Hold nothing yet.

        Args:
            catalog: the Catalog.
            store: the Store.
            has: tells whether it has a blob; it is asked itself, where none is given.
        """
        self._catalog, self._store = catalog, store
        self._has = has or store.has
        self._results: dict[str, Result | None] = {}
        self._steps: dict[str, StepRun] = {}
        self._why: dict[str, dict[str, None]] = {}
        self.blobs: set[Digest] = set()
        self.lost: dict[str, dict[str, None]] = {}

    def __contains__(self, step_run: str) -> bool:
        return step_run in self._why

    def versions(self) -> set[Digest]:
        """Return the versions of all values that are held."""
        return {version for run in self._steps.values() for version in run.outputs.values()}

    def holds(self) -> Iterator[Hold]:
        """Iterate over what is held."""
        for id_, why in self._why.items():
            yield Hold(step_run=id_, step=self._steps[id_].step.name, bytes=self.size(id_), why=tuple(why))

    def size(self, step_run: str) -> int:
        """Return the bytes that an execution has left."""
        left = self._results.get(step_run)
        if left is None:
            return 0
        return sum(part.size for part in left.parts) + sum(file.size for file in left.files)

    def take_all(self, entries: Iterable[EntryUse]) -> Holding:
        """Hold what every pin and name holds, and what is held of the entries beside."""
        for name in self._catalog.names.all():
            if name.version is not None:
                self.value(name.version, f"named {name.name}")
        for pin in self._catalog.names.pins():
            self.pin(pin)
        leased = [entry.step_run for entry in entries if entry.held and entry.step_run not in self]
        marked = {name.version: f"the same value as {name.name}" for name in self._catalog.names.all()}
        marked |= {pin.target: "the same value as a pinned one" for pin in self._catalog.names.pins()}
        for run in self._catalog.step_runs.among(leased).values():
            alike = [marked[version] for version in run.outputs.values() if version in marked]
            self.execution(run, alike[0] if alike else "in use by a kernel")
        return self

    def run(self, id_: str, why: str, *, ancestors: bool = False) -> bool:
        """Hold what a run's steps bound or hit, with all that led to it where that is asked for; tell if it had any."""
        steps = list(self._steps_of(id_))
        if ancestors:
            self._ancestors([step.entry or step.id for step in steps], why)
        else:
            for step in steps:
                self.execution(execution_of(self._catalog, step), why)
        return bool(steps)

    def value(self, version: Digest, why: str) -> None:
        """Hold what loading a value needs."""
        maker = self._maker(version)
        if maker is not None:
            self.execution(maker, why)
        else:
            self._lose(version, why)

    def pin(self, pin: Pin, why: str = "") -> None:
        """Hold what is pinned, with all that led to it."""
        why = why or f"pinned {said(pin)}{f' ({pin.reason})' if pin.reason else ''}"
        if pin.kind == "artifact":
            maker = self._maker(pin.target)
            if maker is None:
                self._lose(pin.target, why)
            roots = [maker.id] if maker is not None else []
        elif pin.kind == "run":
            roots = [step.entry or step.id for step in self._steps_of(pin.target)]
        else:
            step = self._catalog.step_runs.get(pin.target)
            roots = [execution_of(self._catalog, step).id] if step is not None else []
        self._ancestors(roots, why)

    def execution(self, run: StepRun, why: str) -> None:
        """Hold an execution, with those whose values what it left belongs to."""
        todo = [run]
        while todo:
            run = todo.pop()
            if why in self._why.setdefault(run.id, {}):
                continue
            self._why[run.id][why] = None
            self._steps[run.id] = run
            left = self._result(run)
            if left is None:
                if run.result is not None and run.state is State.SUCCEEDED:
                    self.lost.setdefault(why, {})[run.step.name] = None
                continue
            assert run.result is not None, "that is where it was read"
            self.blobs |= {run.result, *blobs_of(left)}
            for name in belongs_to(left, run):
                maker = self._maker(run.inputs[name], run)
                if maker is not None:
                    todo.append(maker)
                else:
                    self._lose(run.inputs[name], why)

    def _ancestors(self, roots: Iterable[str], why: str) -> None:
        """Hold executions, those that made what they read, and so on to the first."""
        todo = list(dict.fromkeys(roots))
        seen = set(todo)
        while todo:
            runs = self._catalog.step_runs.wholes(todo)
            todo = []
            for run in runs.values():
                self.execution(run, why)
                self._task(run)
                for id_ in self._before(run, why):
                    if id_ not in seen:
                        seen.add(id_)
                        todo.append(id_)

    def _before(self, run: StepRun, why: str) -> Iterator[str]:
        """Yield the executions that made what one has read."""
        for version in dict.fromkeys(run.inputs.values()):
            maker = self._maker(version, run)
            if maker is not None:
                yield maker.id
            else:
                self._lose(version, why)
        for item in run.trace:
            if item.kind == "file" and not is_apart(item.name):
                yield from users_of(self._catalog, "written", item.name, item.version, before=run.id)[-1:]

    def _task(self, run: StepRun) -> None:
        """Hold what an executor was given, so that it can run again."""
        for attempt in self._catalog.attempts.of(run.id):
            if attempt.task is not None:
                self.blobs |= blobs_of_task(self._store, attempt.task)

    def _maker(self, version: Digest, reader: StepRun | None = None) -> StepRun | None:
        """Return an execution that bound a value and is kept: of the reader's notebook and before it, if there is one.

        A number is the same value wherever it comes from: it is not to hold what has nothing to do with its reader.
        """

        def near(run: StepRun) -> tuple[bool, str]:
            return reader is not None and run.step.notebook == reader.step.notebook and run.id < reader.id, run.id

        for each in (version, self._catalog.artifacts.stored(version)):
            makers = makers_of(self._catalog, each) if each is not None else []
            for run in sorted(makers, key=near, reverse=True):
                if self._result(run) is not None:
                    return run
        return None

    def _result(self, run: StepRun) -> Result | None:
        """Return what an execution left, where all of its values are kept."""
        if run.id not in self._results:
            left = result_of(run, self._store) if run.result is not None and self._has(run.result) else None
            whole = left is not None and all(part.blob is None or self._has(part.blob) for part in left.parts)
            self._results[run.id] = left if whole else None
        return self._results[run.id]

    def _lose(self, version: Digest, why: str) -> None:
        """Note that a value is to be held that steps once left, and is no longer kept."""
        for run in makers_of(self._catalog, version)[-1:]:
            self.lost.setdefault(why, {})[run.step.name] = None

    def _steps_of(self, run: str) -> Iterator[StepRun]:
        which = StepRunFilter(run=run)
        return every(lambda after: self._catalog.step_runs.list(which, after=after, limit=500))


def blobs_of_task(store: Store, digest: Digest) -> set[Digest]:
    """Return the blobs that a stored Task needs; none, where it can't be read."""
    try:
        task = msgspec.msgpack.decode(store.get(digest), type=Task)
    except (StoreError, msgspec.MsgspecError):
        return set()
    parts = [*task.inputs, *([task.state] if task.state is not None else [])]
    return {part.blob for part in parts if part.blob is not None}
