"""The Store: bytes by digest, and records by name. Knows nothing of values, steps or runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from steppe.types import Buffer, Digest, Struct


class Blob(Struct, frozen=True, kw_only=True):
    """What `Store.blobs` tells of one blob.

    Attributes:
        digest: its name.
        size: in bytes.
        modified: when it was put (or last put again), in seconds since 1970.
    """

    digest: Digest
    size: int
    modified: float


class Store(ABC):
    """Bytes by digest (blobs) and by name (records).

    Blobs are immutable. Records are small; most are written once, a heartbeat is replaced.
    All methods may be called from several threads and processes at once.
    """

    @abstractmethod
    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Keep the concatenation of `chunks` and return its digest.

        Atomic and idempotent: after it returns, the bytes survive a crash of the machine; before, nobody sees
        them; two writers of the same bytes both succeed and one copy is kept. `chunks` is consumed once and never
        joined in memory.

        Raises:
            StoreUnavailable: the store is full, read-only or out of reach; nothing partial stays behind.
        """

    @abstractmethod
    def get(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> memoryview:
        """Return the bytes, or those from `start` up to `stop`.

        Where they are local, the view is a private, writable (copy-on-write) mapping of the file: it stays valid
        after the blob is deleted, and writing to it changes neither the blob nor another view. Elsewhere it is a
        writable copy. The whole blob is verified on its first read on a machine; later reads trust that while the
        file's inode, size and times are the same.

        Raises:
            MissingArtifact: nothing is stored under `digest`.
            CorruptArtifact: what is stored does not have that digest; it is set aside, never returned.
            StoreUnavailable: the store is out of reach.
        """

    @abstractmethod
    def has(self, digest: Digest) -> bool:
        """Tell whether `digest` is stored (not whether its bytes are sound: `get` and `verify` tell that)."""

    @abstractmethod
    def verify(self, digest: Digest) -> None:
        """Read the bytes again, whatever is remembered of them, and raise as `get` does where they are not sound."""

    @abstractmethod
    def delete(self, digest: Digest) -> None:
        """Remove a blob; no error when there is none. For `steppe gc` alone."""

    @abstractmethod
    def blobs(self) -> Iterator[Blob]:
        """Iterate over all blobs, in no particular order."""

    @abstractmethod
    def write_record(self, name: str, data: bytes) -> bool:
        """Write a record once, atomically and durably.

        Args:
            name: `/`-separated parts of `[A-Za-z0-9._-]`, such as `attempts/8f2c/result`.
            data: the whole record.

        Returns:
            False when a record of that name exists; it is left as it is.
        """

    @abstractmethod
    def replace_record(self, name: str, data: bytes) -> None:
        """Write a record over whatever it was, atomically but not necessarily durably (a heartbeat)."""

    @abstractmethod
    def read_record(self, name: str) -> bytes | None:
        """Return a record whole, or None when there is none."""

    @abstractmethod
    def records(self, prefix: str = "") -> Iterator[str]:
        """Iterate over the names of records that begin with `prefix` (whole parts: `attempts/8f2c`)."""

    @abstractmethod
    def delete_record(self, name: str) -> None:
        """Remove a record; no error when there is none."""

    def path(self, digest: Digest) -> str | None:
        """Return a local path at which the blob can be read (never written), or None where there is none."""
        del digest
        return None
