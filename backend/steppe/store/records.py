"""The records of a local Store: small files by name. Knows nothing of blobs, nor of what a record says."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from steppe.store.files import Files, move_new
from steppe.store.keys import LEAF, checked_name
from steppe.store.place import Place
from steppe.store.staged import Staged

_TRIES = 16


class LocalRecords:
    """The records in one Place. All methods raise OSError."""

    def __init__(self, place: Place, files: Files) -> None:
        """Read and write there."""
        self._place = place
        self._files = files

    def write(self, name: str, data: bytes) -> bool:
        """Write a record that was not there: on the disk before it has its name. False where it was."""
        path = self._place.record(name)
        new = False
        if not os.path.exists(path):
            with self._staged(data) as staged:
                new = self._enter(staged, path)
        # Also where another has written it, maybe a moment ago: who is told that it exists relies on it.
        self._place.sync_above(path)
        return new

    def replace(self, name: str, data: bytes) -> None:
        """Write a record over whatever it was: on the disk before it has its name, its name some time later."""
        path = self._place.record(name)
        with self._staged(data) as staged:
            _, fresh = staged.file()
            for last in _tries():
                try:
                    self._place.make_for(path)
                    self._files.rename(fresh, path)
                    break
                except FileNotFoundError:
                    if last:
                        raise
            staged.moved()

    def read(self, name: str) -> bytes | None:
        """Return a record, or None where there is none."""
        try:
            with open(self._place.record(name), "rb", buffering=0) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def names(self, prefix: str) -> Iterator[str]:
        """Iterate over the names of the records at and under `prefix`."""
        if not prefix:
            yield from _walk(self._place.records, "")
            return
        if os.path.exists(self._place.record(prefix)):
            yield prefix
        yield from _walk(f"{self._place.records}/{checked_name(prefix)}", prefix + "/")

    def delete(self, name: str) -> None:
        """Remove a record, and the folders that are then empty."""
        path = self._place.record(name)
        with contextlib.suppress(FileNotFoundError):
            self._files.unlink(path)
        folder = os.path.dirname(path)
        with contextlib.suppress(OSError):  # the first one that is not empty, or that is gone already
            while folder != self._place.records:
                self._files.remove_folder(folder)
                folder = os.path.dirname(folder)

    @contextlib.contextmanager
    def _staged(self, data: bytes) -> Iterator[Staged]:
        self._place.make()
        staged = Staged(self._place, self._files)
        try:
            staged.take([data])
            yield staged
        finally:
            staged.discard()

    def _enter(self, staged: Staged, path: str) -> bool:
        _, fresh = staged.file()
        for last in _tries():
            try:
                self._place.make_for(path)
                if not move_new(self._files, fresh, path, self._place.lock):
                    return False
                break
            except FileNotFoundError:
                if last:
                    raise
        staged.moved()
        return True


def _tries() -> Iterator[bool]:
    """Iterate over tries, True being the last: whoever deletes records may remove a folder just when we made it."""
    yield from (False for _ in range(_TRIES))
    yield True


def _walk(folder: str, above: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{above}{entry.name}/")
        elif entry.name.endswith(LEAF):
            yield above + entry.name[: -len(LEAF)]
