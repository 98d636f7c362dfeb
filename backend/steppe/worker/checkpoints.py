"""The checkpoints of the step that this process runs: saved into the Store, and found by the next try of it.

Knows nothing of how a try is launched. `saved.py` says what a checkpoint is in the Store, `earlier.py` what makes it
sound.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from steppe.errors import CannotMove, CorruptArtifact, MissingArtifact, StoreError, StoreUnavailable, Unversionable
from steppe.store.store import Store
from steppe.types import Digest, FileOutput, Part
from steppe.values.pack import Packing
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Walk
from steppe.worker import contents, saved
from steppe.worker.earlier import Stored, file_output, noted, take_over, unfit, write
from steppe.worker.execution import Execution
from steppe.worker.group import Group
from steppe.worker.saved import CheckpointRecord, Saved
from steppe.worker.trace import unseen
from steppe.worker.witness import Witness

STATE = "state"


class Keeping:
    """Keeps the checkpoints of one execution.

    Attributes:
        records: the names of the records that it has saved or found.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        execution: Execution,
        group: Group | None = None,
        along: Digest = "",
        witness: Witness | None = None,
    ) -> None:
        """Prepare.

        Args:
            store: where they are.
            owner: whose they are, for all tries of the same work.
            execution: the step's.
            group: the nodes that run it together. What the first one saves is the step's, and all load that.
            along: the digest of what has gone along to all nodes.
            witness: tells what is read here, where another node saves.
        """
        self._witness = witness
        self._group = group
        self._along = along
        self.records: list[str] = []
        self._store = store
        self._owner = owner
        self._execution = execution
        self._known: dict[str, CheckpointRecord | None] = {}
        self._good: dict[str, Saved] = {}
        self._stored: Stored = {}

    def step(self, name: str) -> int | None:
        """Return under which number the last one was saved that this try has saved or found."""
        good = self._good.get(name)
        return good.step if good is not None else None

    def load(self, name: str) -> tuple[bool, Any]:
        """Return whether there is a state to go on from, and it."""
        found = self._found(name, lambda each: self._value(each.value) if each.value is not None else None)
        return found is not None, found

    def load_files(self, name: str, folder: str) -> bool:
        """Write the files of a folder that was saved; tell whether there was one."""

        def read(each: Saved) -> list[tuple[FileOutput, memoryview]] | None:
            if each.value is not None:
                return None
            return [(file, self._get(file.blob)) for file in each.files if file.blob is not None]

        files = self._found(name, read)
        if files is None:
            return False
        os.makedirs(folder, exist_ok=True)  # seen, as what the step itself writes
        for file, data in files:
            path = os.path.join(folder, file.path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write(file, path, lambda _, data=data: data)  # type: ignore[misc]
        return True

    def save(self, name: str, state: Any, step: int | None) -> None:
        """Save a state."""
        if self._saved_by_first(name, step):
            return
        with unseen():
            walk = Walk(self._execution.setting.home)
            try:
                walk.walk(STATE, state)
                (part,) = Packing(None, walk, {}, self._execution.setting.table, self._put).pack([STATE])
            except Unversionable as error:
                what = f"{error.path or STATE} holds {error.what}: {error.reason}"
                raise CannotMove(f"checkpoint.save(): {what}. Save what can be stored.") from error
            except StoreUnavailable as error:
                self._not_kept(error)
                return
            self._write(name, Saved(time=time.time(), step=step, value=part))

    def save_files(self, name: str, folder: str, step: int | None) -> None:
        """Save a folder's files."""
        if self._saved_by_first(name, step):
            return
        with unseen():
            try:
                files = tuple(
                    file_output(path, os.path.relpath(path, folder), self._put) for path in contents.files_below(folder)
                )
            except StoreUnavailable as error:
                self._not_kept(error)
                return
            self._write(name, Saved(time=time.time(), step=step, files=files))

    def _saved_by_first(self, name: str, step: int | None) -> bool:
        """Tell whether this is one of several nodes, whose first one saves for all."""
        if self._group is None or self._group.rank == 0:
            return False
        self._good[name] = Saved(time=time.time(), step=step)
        if self._witness is not None:
            with contextlib.suppress(StoreError):  # it is told again in a moment
                self._witness.tell()
        return True

    def _write(self, name: str, fresh: Saved) -> None:
        """Write down what is stored; from then on it is the last one."""
        record = self._record(name)
        if name not in self._known:
            self._known[name] = saved.read(self._store, record)
        old = self._known[name]
        try:
            earlier = noted(self._execution, self._put, self._stored)
            attempt = self._group.attempt if self._group is not None else ""
            last = msgspec.structs.replace(fresh, earlier=earlier, along=self._along, attempt=attempt)
            new = CheckpointRecord(last=last, before=self._good.get(name))
            saved.replace(self._store, record, new, old)
        except StoreUnavailable as error:
            self._not_kept(error)
            return
        self._known[name], self._good[name] = new, last

    def _found(self, name: str, read: Any) -> Any:
        """Return what `read` gives of the newest checkpoint that is whole and still holds, and go on from that one."""
        with unseen():
            record = self._read(name)
            self._known[name] = record if self._group is None else saved.read(self._store, self._record(name))
            for each in record.both if record is not None else ():
                why = unfit(self._execution, each.earlier)
                if each.along != self._along:
                    why = "a file or module of the project has changed"
                elif self._group is not None and not why:
                    why = self._group.unfit(each.attempt)
                if why:
                    _say(f"the checkpoint is not used: {why} since it was saved.")
                    continue
                try:
                    found = read(each)
                    if found is None:
                        continue
                    take_over(self._execution, each.earlier, self._get)
                    if self._group is not None:
                        self._group.take_over(self._execution, each.attempt)
                except (MissingArtifact, CorruptArtifact) as error:
                    _say(f"a checkpoint can't be read, so the one before it is taken: {error}")
                    continue
                self._good[name] = each
                return found
        return None

    def _read(self, name: str) -> CheckpointRecord | None:
        """Return what is saved; all of several nodes go on from what was there when they began."""
        if self._group is None:
            return saved.read(self._store, self._record(name))
        return saved.decoded(self._group.checkpoints.get(self._record(name)))

    def _value(self, part: Part) -> Any:
        setting = self._execution.setting
        unpacking = Unpacking(self._get, setting.table, Anchors([]), lambda: Walk(setting.home))
        return unpacking.values(part)[STATE]

    def _record(self, name: str) -> str:
        record = saved.record_of(self._owner, name)
        if record not in self.records:
            self.records.append(record)
        return record

    def _put(self, chunks: Any) -> Digest:
        return saved.put(self._store, chunks)

    def _get(self, digest: Digest) -> memoryview:
        return saved.get(self._store, digest)

    def _not_kept(self, error: Exception) -> None:
        _say(f"the checkpoint was not kept, and the one before it stays: {error}")


def _say(what: str) -> None:
    sys.stderr.write(f"steppe.checkpoint(): {what}\n")


_CURRENT: list[Keeping] = []


@contextmanager
def keeping(kept: Keeping) -> Iterator[None]:
    """Have the code that runs in this process meanwhile save and find its checkpoints there."""
    _CURRENT.append(kept)
    try:
        yield
    finally:
        _CURRENT.remove(kept)


def current() -> Keeping | None:
    """Return what keeps the checkpoints of the step that runs; None where none runs, or none could find them."""
    return _CURRENT[-1] if _CURRENT else None
