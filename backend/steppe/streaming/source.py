"""The bytes of one stored Part, read in ranges: from memory, from a file, or from a file that they are coming into."""

from __future__ import annotations

import mmap
import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from steppe.store import open_store
from steppe.store.arriving import Arriving, read_into
from steppe.store.store import Store
from steppe.store.tiered import TieredStore
from steppe.types import Digest, Part
from steppe.worker.trace import unseen


class Source(ABC):
    """Bytes that are read in ranges.

    Attributes:
        size: how many there are.
    """

    size: int

    @property
    def sound(self) -> bool:
        """Whether all of them are known to be sound."""
        return True

    def want(self, ranges: Iterable[tuple[int, int]]) -> None:  # noqa: B027  # what is here need not be asked for
        """Say which will be read next."""

    @abstractmethod
    def read_into(self, start: int, view: memoryview) -> None:
        """Read some into a view."""

    @abstractmethod
    def seen(self, ranges: Iterable[tuple[int, int]]) -> Any:
        """Return all of them as a read-only buffer in which those in some ranges are there, others perhaps not."""

    def settle(self) -> None:  # noqa: B027  # likewise
        """Wait until all of them are known to be sound; raise where they are not."""

    def close(self) -> None:  # noqa: B027  # what is in memory goes with it
        """Free what it holds."""


def opened(part: Part, store: Store) -> Source:
    """Return the bytes of a Part.

    Raises:
        StoreError: they are not there, or not sound as far as that can be told now.
    """
    if part.inline is not None:
        return Held(memoryview(part.inline))
    assert part.blob is not None, "a part has its bytes inline or in a blob"
    return of_blob(store, part.blob)


def of_blob(store: Store, digest: Digest) -> Source:
    """Return the bytes of a blob: verified where they are here, else on their way here."""
    if isinstance(store, TieredStore) and (coming := store.arriving(digest, unseen)) is not None:
        return Coming(store, digest, coming)
    path = store.path(digest)
    return Held(store.get(digest)) if path is None else Filed(store, digest, path)


class Held(Source):
    """Bytes in memory."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self.size = view.nbytes

    def read_into(self, start: int, view: memoryview) -> None:
        """Copy some."""
        view[:] = self._view[start : start + view.nbytes]

    def seen(self, ranges: Iterable[tuple[int, int]]) -> Any:
        """Return all of them."""
        del ranges
        return self._view.toreadonly()

    def __reduce__(self) -> tuple[Any, ...]:
        return _held, (bytes(self._view),)


class Filed(Source):
    """Bytes of a blob that is here, and was verified. It stays readable when it is removed from the store."""

    def __init__(self, store: Store, digest: Digest, path: str) -> None:
        self._store, self._digest = store, digest
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._end = weakref.finalize(self, os.close, self._fd)
        self.size = os.fstat(self._fd).st_size

    def read_into(self, start: int, view: memoryview) -> None:
        """Read some."""
        read_into(self._fd, start, view, self._store.url)

    def seen(self, ranges: Iterable[tuple[int, int]]) -> Any:
        """Map the file."""
        del ranges
        return mmap.mmap(self._fd, self.size, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Close the file."""
        self._end()

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (*_place(self._store), self._digest)


class Coming(Source):
    """Bytes of a blob that is on its way here: see `Arriving`."""

    def __init__(self, store: TieredStore, digest: Digest, arriving: Arriving) -> None:
        self._store, self._digest, self._arriving = store, digest, arriving
        self.size = arriving.size

    @property
    def sound(self) -> bool:
        """Whether the whole is here and verified."""
        return self._arriving.sound

    def want(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Have them brought first."""
        self._arriving.want(ranges)

    def read_into(self, start: int, view: memoryview) -> None:
        """Read some, once they are here."""
        self._arriving.read_into(start, view)

    def seen(self, ranges: Iterable[tuple[int, int]]) -> Any:
        """Map the file once they are here."""
        ranges = list(ranges)
        self._arriving.want(ranges)
        for start, stop in ranges:
            self._arriving.need(start, stop)
        return self._arriving.mapped()

    def settle(self) -> None:
        """Wait until the whole is here and verified."""
        self._arriving.settle()

    def close(self) -> None:
        """Stop bringing it, where it is not all here."""
        self._arriving.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (*_place(self._store), self._digest)


def _place(store: Store) -> tuple[str, str]:
    """Return what `open_store` opens a store by, in another process of this machine."""
    return store.url, os.path.dirname(store.local.url) if isinstance(store, TieredStore) else ""


def _held(data: bytes) -> Source:
    return Held(memoryview(data))


def _again(url: str, tier: str, digest: Digest) -> Source:
    with unseen():
        return of_blob(open_store(url, Path(tier)), digest)
