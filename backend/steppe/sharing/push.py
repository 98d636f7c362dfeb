"""`steppe push`: what this project's own store and catalog have, into a team's. Whatever the team has stays as it is.

What is pushed twice, or after a push that was killed, comes to the same as once: bytes go before the records that
need them, and a StepRun goes last, after all that is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from steppe.catalog import Catalog, StepRunFilter, every
from steppe.engine.lookup import blobs_of, result_at
from steppe.errors import MissingArtifact, StoreError, StoreUnavailable
from steppe.lineage.holding import blobs_of_task
from steppe.lineage.living import settled, status_of
from steppe.lineage.results import result_of
from steppe.states import LIVE
from steppe.store.store import Store
from steppe.types import Artifact, Digest, Entry, Result, Run, StepRun
from steppe.worker.task import record_name


class Place:
    """A Store and the Catalog that belongs to it."""

    def __init__(self, catalog: Catalog, store: Store) -> None:
        self.catalog = catalog
        self.store = store


class Pushed(msgspec.Struct, kw_only=True):
    """What was pushed, or would be.

    Attributes:
        runs: how many runs.
        steps: how many step runs.
        results: how many results that the team's members will hit.
        blobs: how many blobs that were not there.
        bytes: their size.
        known: step runs that were there already.
        differ: steps whose result differs from the one that the team has under the same key: that one stays.
        gone: steps whose bytes are no longer kept here: their history goes alone.
        running: runs that have not ended, and stay here.
    """

    runs: int = 0
    steps: int = 0
    results: int = 0
    blobs: int = 0
    bytes: int = 0
    known: int = 0
    differ: list[str] = []
    gone: list[str] = []
    running: list[str] = []

    def note(self, names: list[str], name: str) -> None:
        """Add a name, once."""
        if name not in names:
            names.append(name)


class Push:
    """A push from one place to another.

    Attributes:
        told: what has become of it so far.
        subjects: the kinds and ids of all that went along: what notes, tags, names and pins may be about.
    """

    def __init__(self, here: Place, there: Place, *, dry: bool = False) -> None:
        """Push nothing yet; with `dry`, only tell what would be."""
        self._here, self._there, self._dry = here, there, dry
        self.told = Pushed()
        self.subjects: dict[str, dict[str, None]] = {"run": {}, "step_run": {}, "artifact": {}}
        self._sent: set[Digest] = set()
        self._notebooks: set[str] = set()

    def runs(self, chosen: Iterable[str] = ()) -> list[Run]:
        """Return the runs to push, the oldest first: all, or those chosen and those that made what they hit."""
        catalog = self._here.catalog
        wanted = list(chosen)
        if not wanted:
            found = list(every(lambda after: catalog.runs.list(after=after, limit=500)))
        else:
            makers = {step.run for id_ in wanted for step in self._executions(id_)}
            found = [run for id_ in {*wanted, *makers} if (run := catalog.runs.get(id_)) is not None]
        return sorted(found, key=lambda run: run.id)

    def run(self, run: Run, chosen: Iterable[str] = ()) -> None:
        """Push a run; where runs were chosen, of another one the executions alone whose results those have hit."""
        wanted = set(chosen)
        if status_of(run) == "running":
            self.told.running.append(run.id)
            return
        ids = self._ids(run.id)
        if wanted and run.id not in wanted:
            hit = {step.id for id_ in wanted for step in self._executions(id_)}
            ids = [id_ for id_ in ids if id_ in hit]
        self.told.runs += 1
        self.subjects["run"][run.id] = None
        self._notebooks.add(run.notebook)
        self._begin(run)
        there = self._there.catalog.step_runs.among(ids)
        for start in range(0, len(ids), 200):
            wholes = self._here.catalog.step_runs.wholes(ids[start : start + 200])
            for step in settled(self._here.catalog, wholes.values()):
                self.subjects["step_run"][step.id] = None
                self.subjects["artifact"] |= dict.fromkeys([*step.outputs.values(), *step.inputs.values()])
                if step.id in there and there[step.id].state not in LIVE:
                    self.told.known += 1
                else:
                    self._step(step)

    def finish(self) -> None:
        """Push what is remembered of the notebooks that went along."""
        if not self._dry:
            for notebook in sorted(self._notebooks):
                for hazard in self._here.catalog.hazards.of(notebook):
                    self._there.catalog.hazards.remember(hazard)
            self._there.catalog.flush()

    def _ids(self, run: str) -> list[str]:
        which = StepRunFilter(run=run)
        steps = every(lambda after: self._here.catalog.step_runs.list(which, after=after, limit=500))
        return sorted(step.id for step in steps)

    def _executions(self, run: str) -> list[StepRun]:
        """Return the executions whose results a run has hit."""
        which = StepRunFilter(run=run)
        steps = every(lambda after: self._here.catalog.step_runs.list(which, after=after, limit=500))
        return list(self._here.catalog.step_runs.among(step.entry for step in steps if step.entry).values())

    def _begin(self, run: Run) -> None:
        self._send([run.lock] if run.lock is not None else [])
        if self._dry:
            return
        catalog = self._there.catalog
        if catalog.runs.get(run.id) is None:
            catalog.runs.begin(msgspec.structs.replace(run, status=status_of(run)))
        if difference := self._here.catalog.runs.difference(run):
            catalog.runs.describe(
                run.id, difference=difference, commit=run.commit, machine=run.machine, image=run.image, lock=run.lock
            )

    def _step(self, step: StepRun) -> None:
        """Push one StepRun, with the bytes that it has left, and all that is said of it."""
        self.told.steps += 1
        result = result_of(step, self._here.store)
        kept = self._entries(step)
        complete = self._send_result(step, result)
        wholes = [(entry, blobs) for entry, blobs in kept if self._send([entry.result, *blobs])]
        if step.result is not None and not step.entry and not (complete or wholes):
            self.told.note(self.told.gone, step.step.name)
        self._attempts(step)
        self.told.results += len(wholes)
        if self._dry:
            return
        self._metrics(step)
        rivals = self._there.catalog.entries.bring(step, wholes, self._artifacts(step, whole=complete))
        self.told.results -= len(rivals)
        if any(self._differs(step, rival) for each in rivals.values() for rival in each):
            self.told.note(self.told.differ, step.step.name)

    def _send_result(self, step: StepRun, result: Result | None) -> bool:
        """Push the bytes of what a StepRun itself has left; tell whether all are there then."""
        if step.entry or step.result is None or result is None:
            return False
        return self._send([step.result, *blobs_of(result)])

    @cached_property
    def _keys(self) -> dict[str, list[Digest]]:
        """The keys under which each execution is kept: a fan-out has one for each element."""
        found: dict[str, list[Digest]] = {}
        for entry in self._here.catalog.upkeep.entries():
            found.setdefault(entry.step_run, []).append(entry.key)
        return found

    def _entries(self, step: StepRun) -> Iterator[tuple[Entry, list[Digest]]]:
        """Yield what is kept of an execution, with the blobs that each needs."""
        for entries in self._here.catalog.entries.among(self._keys.get(step.id, ())).values():
            for entry in entries:
                if entry.step_run == step.id:
                    try:
                        yield entry, list(blobs_of(result_at(self._here.store, entry)))
                    except (StoreError, msgspec.MsgspecError):
                        self.told.note(self.told.gone, step.step.name)

    def _attempts(self, step: StepRun) -> None:
        for attempt in self._here.catalog.attempts.of(step.id):
            if attempt.task is not None:
                self._send([attempt.task, *blobs_of_task(self._here.store, attempt.task)])
            if self._dry:
                continue
            record = self._here.store.read_record(record_name(attempt.id))
            if record is not None:
                self._there.store.write_record(record_name(attempt.id), record)
            if self._there.catalog.attempts.get(attempt.id) is None:
                self._there.catalog.attempts.record(attempt)

    def _metrics(self, step: StepRun) -> None:
        metrics = self._here.catalog.metrics
        latest = metrics.latest([step.id])[step.id]
        for last in latest:
            rows = every(lambda after, name=last.name: metrics.series(step.id, name, after=after))  # type: ignore[misc]
            self._there.catalog.metrics.bring(step.id, list(rows), [last])

    def _artifacts(self, step: StepRun, *, whole: bool) -> dict[str, Artifact]:
        """Return the values that a StepRun bound, by name: without their bytes where these did not go along."""
        known = self._here.catalog.artifacts.among(step.outputs.values())
        for version in {*step.outputs.values(), *step.inputs.values()}:
            if (stored := self._here.catalog.artifacts.stored(version)) is not None:
                self._there.catalog.artifacts.alias(version, stored)
        return {
            name: known[version] if whole else msgspec.structs.replace(known[version], part=None)
            for name, version in step.outputs.items()
            if version in known
        }

    def _differs(self, step: StepRun, rival: str) -> bool:
        found = self._there.catalog.step_runs.get(rival)
        if found is None:
            return True
        written = [{(file.path, file.blob) for file in each.written} for each in (step, found)]
        return step.outputs != found.outputs or written[0] != written[1]

    def _send(self, blobs: Iterable[Digest]) -> bool:
        """Push blobs that are not there; tell whether all are there then.

        Raises:
            StoreUnavailable: one of the stores is out of reach.
        """
        return False not in {self._sent_one(blob) for blob in blobs}

    def _sent_one(self, blob: Digest) -> bool:
        if blob in self._sent:
            return True
        if not self._there.store.has(blob):
            try:
                body = self._here.store.get(blob)
            except StoreUnavailable:
                raise
            except StoreError as error:
                if not isinstance(error, MissingArtifact):
                    self.told.note(self.told.gone, str(error))
                return False
            if not self._dry and not self._there.store.put_as(blob, [body]):
                return False
            self.told.blobs += 1
            self.told.bytes += len(body)
        self._sent.add(blob)
        return True
