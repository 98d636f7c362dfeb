"""What each of several nodes has read that no archive brought along, told in the Store while they run.

The first one saves a checkpoint for all, and what it holds depends on what the others have read. Who goes on from it
holds their words against the files as they are now, which are mounted in all pods alike.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from steppe.errors import StoreError
from steppe.store.store import Store
from steppe.worker import contents
from steppe.worker.trace import unseen

if TYPE_CHECKING:
    from steppe.worker.execution import Execution

EVERY = 1.0
"""Seconds between two looks at what was read."""

Known = dict[str, tuple[int, int]]
"""Files by their paths: size and time of the last change, which all machines tell alike."""

_ENCODER = msgspec.msgpack.Encoder()


def name_of(attempt: str, rank: int) -> str:
    """Return the name of the record in which one tells what it has read."""
    return f"attempts/{attempt}/nodes/{rank}/read"


def heard(store: Store, attempt: str, rank: int) -> Known:
    """Return what one has told.

    Raises:
        StoreError: the Store can't be reached.
    """
    data = store.read_record(name_of(attempt, rank))
    return msgspec.msgpack.decode(data, type=Known) if data is not None else {}


def changed(known: Known) -> str:
    """Return the first file that is not as it was read; nothing where all are."""
    return next((path for path, was in sorted(known.items()) if _now(contents.status(path)) != was), "")


def _now(status: contents.Status | None) -> tuple[int, int]:
    return (status.size, status.modified) if status is not None else (-1, -1)


class Witness:
    """Tells what the step reads in this process."""

    def __init__(self, store: Store, name: str, execution: Execution, along: frozenset[str]) -> None:
        """Prepare.

        Args:
            store: where it is told.
            name: of the record.
            execution: the step's.
            along: files that have come along: they are known by their content.
        """
        self._store = store
        self._name = name
        self._execution = execution
        self._along = along
        self._told: Known | None = None
        self._lock = threading.Lock()

    def tell(self) -> None:
        """Tell what was read by now, where that is more than was told.

        Raises:
            StoreError: it can't be.
        """
        with self._lock, unseen():
            known = self._known()
            if known != (self._told or {}):
                self._store.replace_record(self._name, _ENCODER.encode(known))
                self._told = known

    def _known(self) -> Known:
        execution = self._execution
        read = dict(execution.trace.read)
        for kind, path in execution.intent.reach:
            if kind == "file" and path not in read:
                read[path] = contents.status(path)
        written, places = execution.trace.written, execution.setting.places
        return {
            path: _now(status)
            for path, status in read.items()
            if path not in written and path not in self._along and places.matters(path)
        }

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Tell of it again and again meanwhile."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(EVERY):
                with contextlib.suppress(StoreError):  # the next look tells all of it
                    self.tell()

        thread = threading.Thread(target=watch, name="steppe-witness", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
