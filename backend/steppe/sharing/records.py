"""What of a run goes into a bundle: its history, its results, the files that it read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from steppe.catalog import Catalog, Metric, StepRunFilter, every
from steppe.engine.elsewhere import Packages, packages_of
from steppe.engine.lookup import ENCODER, blobs_of, result_at
from steppe.errors import StoreError, UsageError
from steppe.sharing.container import Item
from steppe.sharing.paths import is_inside
from steppe.store.digest import digest_of
from steppe.store.store import Store
from steppe.types import Artifact, Buffer, Digest, Entry, Result, Run, State, StepRun, Struct
from steppe.worker.contents import file_version


class Records(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The history of a run: what the Catalog has of it.

    Attributes:
        runs: the run, and those that made what it hit.
        step_runs: its StepRuns, and the executions whose results they are.
        entries: what is kept of the executions.
        artifacts: the values that they read and bound.
        metrics: the numbers that they logged, by StepRun.
        packages: the packages that they need, for a machine that has none of them.
        notebook: the notebook's path in the project, or empty.
    """

    runs: tuple[Run, ...]
    step_runs: tuple[StepRun, ...]
    entries: tuple[Entry, ...]
    artifacts: tuple[Artifact, ...]
    metrics: dict[str, tuple[Metric, ...]] = {}
    packages: Packages = Packages()
    notebook: str = ""


class Contents:
    """What goes into a bundle.

    Attributes:
        records: the history.
        items: the files of the bundle, the records first.
        steps: the names of the steps that will hit.
        left: what can't go along, a sentence each.
    """

    def __init__(self, catalog: Catalog, store: Store, root: Path, run: str, only: Iterable[str] = ()) -> None:
        """Gather what a run has.

        Args:
            catalog: the Catalog.
            store: the Store.
            root: the project's folder.
            run: the Run's id.
            only: steps, variables or `step.variable` whose values go along; all where nothing is given.

        Raises:
            UsageError: a name is no step's, and no variable's, of this run; or nothing is kept of it.
        """
        self._catalog, self._store, self._root = catalog, store, root
        self._only = tuple(only)
        self.steps: list[str] = []
        self.left: list[str] = []
        self._made: dict[Digest, bytes] = {}
        self._blobs: dict[Digest, None] = {}
        self._shared: set[Digest] = set()  # versions of the values that go along
        self._entries: list[Entry] = []
        executions = self._history(run)
        self._check_names(executions)
        step_runs = [self._take(each) for each in executions]
        self._files = self._project(run, executions)
        self.records = self._records(run, step_runs)
        body = msgspec.msgpack.encode(self.records)
        self._made[digest_of([body])] = body
        self.items = [Item(kind="records", size=len(body), digest=digest_of([body])), *self._items()]

    def read(self, item: Item) -> Iterable[Buffer]:
        """Give the bytes of an item."""
        if item.digest in self._made:
            return [self._made[item.digest]]
        if item.kind == "project":
            return [(self._root / item.path).read_bytes()]
        return [self._store.get(item.digest)]

    def _history(self, run: str) -> list[StepRun]:
        """Return the run's StepRuns and the executions that they hit, each once, whole."""
        which = StepRunFilter(run=run)
        steps = every(lambda after: self._catalog.step_runs.list(which, after=after, limit=500))
        ids = [each for item in steps for each in (item.id, item.entry) if each]
        return list(self._catalog.step_runs.wholes(ids).values())

    def _check_names(self, executions: list[StepRun]) -> None:
        known = {each.step.name for each in executions}
        known |= {name for each in executions for name in each.outputs}
        known |= {f"{each.step.name}.{name}" for each in executions for name in each.outputs}
        for name in self._only:
            if name not in known:
                steps = ", ".join(sorted({each.step.name for each in executions}))
                raise UsageError(f"--only {name}: the run has no such step or variable; its steps are {steps}.")

    def _take(self, execution: StepRun) -> StepRun:
        """Take a StepRun's result along, or leave it; return the StepRun as it goes into the bundle."""
        if execution.entry or execution.result is None or execution.key is None:
            return execution
        found = [each for each in self._catalog.entries.find(execution.key) if each.step_run == execution.id]
        chosen = self._chosen(execution)
        if not found or not chosen:
            return msgspec.structs.replace(execution, result=None, written=())
        try:
            result = result_at(self._store, found[0])
        except (StoreError, msgspec.MsgspecError) as error:
            self.left.append(f"`{execution.step.name}` stays here: {error}")
            return msgspec.structs.replace(execution, result=None)
        whole = chosen is True
        kept = result if whole else _part_of(result, chosen if isinstance(chosen, frozenset) else frozenset())
        missing = [blob for blob in blobs_of(kept) if not self._store.has(blob)]
        if missing:
            self.left.append(f"`{execution.step.name}` stays here: some of its bytes are no longer kept.")
            return msgspec.structs.replace(execution, result=None)
        # its Task has small inputs that nobody has chosen to share
        body = ENCODER.encode(msgspec.structs.replace(kept, task=b""))
        digest = digest_of([body])
        self._made[digest] = body
        self._blobs |= dict.fromkeys([digest, *blobs_of(kept)])
        self._shared |= {item.version for item in kept.outputs.values()}
        if whole:
            self.steps.append(execution.step.name)
            self._entries.append(msgspec.structs.replace(found[0], result=digest, start=0, stop=0))
        return msgspec.structs.replace(execution, result=digest)

    def _chosen(self, execution: StepRun) -> bool | frozenset[str]:
        """Return whether all of a result goes along, or which variables of it."""
        if not self._only or execution.step.name in self._only:
            return True
        names = {name for name in execution.outputs if {name, f"{execution.step.name}.{name}"} & {*self._only}}
        return frozenset(names)

    def _project(self, run: str, executions: list[StepRun]) -> list[Item]:
        """Return the notebook, and the files of the project that steps have read and that are as they were."""
        written = {(file.path, file.blob) for each in executions for file in each.written}
        wanted: dict[str, Digest | None] = {}
        for each in executions:
            for seen in each.trace if self._chosen(each) is True else ():
                if seen.kind in ("file", "source") and (seen.name, seen.version) not in written:
                    wanted.setdefault(seen.name, seen.version if seen.kind == "file" else None)
        known = self._catalog.runs.get(run)
        path = known.path if known is not None else ""
        self._notebook = path if path and not os.path.isabs(path) and (self._root / path).is_file() else ""
        if self._notebook:
            wanted[self._notebook] = None
        found = []
        for name, version in wanted.items():
            whole = self._root / name
            if os.path.isabs(name) or not whole.is_file() or not is_inside(name):
                continue
            digest = file_version(str(whole))
            if version is None or digest == version:
                found.append(Item(kind="project", size=whole.stat().st_size, digest=digest, path=name))
            else:
                self.left.append(f"{name} has changed since the run, and stays here.")
        return found

    def _records(self, run: str, step_runs: list[StepRun]) -> Records:
        versions = {v for each in step_runs for v in (*each.inputs.values(), *each.outputs.values())}
        artifacts = self._catalog.artifacts.among(versions).values()
        kept = [_known(each, self._blobs, whole=not self._only or each.version in self._shared) for each in artifacts]
        runs = [self._catalog.runs.get(id_) for id_ in dict.fromkeys([run, *(each.run for each in step_runs)])]
        names = {item.name: item.version for each in step_runs for item in each.ingredients if item.kind == "package"}
        metrics = {}
        for each in step_runs:
            series = self._catalog.metrics.latest([each.id]).get(each.id, [])
            told = [m for last in series for m in self._catalog.metrics.series(each.id, last.name).items]
            if told:
                metrics[each.id] = tuple(told)
        return Records(
            runs=tuple(msgspec.structs.replace(each, lock=None, difference="") for each in runs if each is not None),
            step_runs=tuple(each for each in step_runs if each.state in ENDED),
            entries=tuple(self._entries),
            artifacts=tuple(kept),
            metrics=metrics,
            packages=packages_of(names),
            notebook=self._notebook,
        )

    def _items(self) -> list[Item]:
        sizes = {}
        for blob in self._blobs:
            sizes[blob] = len(self._made[blob]) if blob in self._made else len(self._store.get(blob))
        return [*(Item(kind="blob", size=size, digest=blob) for blob, size in sizes.items()), *self._files]


ENDED = frozenset({State.SUCCEEDED, State.HIT, State.FAILED, State.CANCELLED, State.LOST, State.SETUP})


def _part_of(result: Result, names: frozenset[str]) -> Result:
    """Return a result with some of its variables alone: to be loaded by name, and no hit."""
    parts = tuple(part for part in result.parts if names & set(part.names) or _note_of(part.names, names))
    outputs = {name: item for name, item in result.outputs.items() if name in names}
    return Result(parts=parts, outputs=outputs, seconds=result.seconds)


def _note_of(held: tuple[str, ...], names: frozenset[str]) -> bool:
    return any(each.startswith("view:") and each.rpartition(":")[2] in names for each in held)


def _known(artifact: Artifact, blobs: dict[Digest, None], *, whole: bool) -> Artifact:
    """Return an artifact as it goes along: without its bytes where these stay, and without a preview if not chosen."""
    part = artifact.part
    if not whole:
        return Artifact(version=artifact.version, type=artifact.type, size=artifact.size)
    if part is None or (part.blob is None and part.inline is not None) or part.blob in blobs:
        return artifact
    return msgspec.structs.replace(artifact, part=None)
