"""The Store: bytes by digest, and records by name. Knows nothing of values, steps or runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from steppe.errors import MissingArtifact
from steppe.types import Buffer, Digest, Struct


class Blob(Struct, frozen=True, kw_only=True):
    """What `Store.blobs` tells of one blob.

    Attributes:
        digest: its name.
        size: in bytes.
        modified: when it was put or last put again, in seconds since 1970. A Store out of the machine may leave the
            time of a second put out where the blob is younger than an hour: nothing that young may be removed as old.
    """

    digest: Digest
    size: int
    modified: float


class Store(ABC):
    """Bytes by digest (blobs) and by name (records).

    Blobs are immutable. Records are small; most are written once, a heartbeat is replaced.
    All methods may be called from several threads and processes at once. A digest or a name that is not written as
    one is the caller's mistake: ValueError.

    Attributes:
        url: where it is, as `open_store` takes it; a path for a local one. It holds no credentials.
    """

    url: str

    @abstractmethod
    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Keep the concatenation of `chunks` and return its digest.

        Atomic and idempotent: after it returns, the bytes survive a crash of the machine; before, nobody sees
        them; two writers of the same bytes both succeed and one copy is kept. `chunks` is consumed once and never
        joined in memory. A chunk must stay as it is until the next one is asked for, not longer: its memory may then
        be used again. Those of a list or tuple must all stay until this returns. An error that `chunks` raises passes
        through, and nothing is kept.

        Raises:
            StoreUnavailable: the store is full, read-only or out of reach; nothing partial stays behind.
        """

    def put_as(self, digest: Digest, chunks: Iterable[Buffer]) -> bool:
        """Keep bytes whose digest is known before: those of another Store.

        Returns:
            False when they do not have that digest; it is then not kept.

        Raises:
            StoreUnavailable: as `put`.
        """
        return self.put(chunks) == digest

    @abstractmethod
    def get(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> memoryview:
        """Return the bytes, or those from `start` up to `stop`, as far as there are any; neither may be negative.

        Where they are local, a large blob's view is a private, writable (copy-on-write) mapping of the file: it stays
        valid after the blob is deleted, and writing to it changes neither the blob nor another view. Elsewhere, and
        where a blob is small, it is a writable copy. The whole blob is verified on its first read on a machine; later
        reads trust that while the file's inode, size and times are the same.

        Raises:
            MissingArtifact: nothing is stored under `digest`.
            CorruptArtifact: what is stored does not have that digest; it is set aside, never returned.
            StoreUnavailable: the store is out of reach.
        """

    def pieces(self, digest: Digest) -> Iterator[Buffer]:
        """Iterate over the bytes, for a reader that verifies them itself: they may not be verified here.

        Raises:
            MissingArtifact: nothing is stored under `digest`.
            StoreUnavailable: the store is out of reach.
        """
        yield self.get(digest)

    @abstractmethod
    def has(self, digest: Digest) -> bool:
        """Tell whether `digest` is stored (not whether its bytes are sound: `get` and `verify` tell that)."""

    def is_near(self, digest: Digest) -> bool:
        """Tell whether a blob can be read without a network."""
        del digest
        return True

    def check(self, digest: Digest) -> None:
        """Raise as `get` would, as far as that can be told without fetching: bytes that are here are verified.

        Raises:
            MissingArtifact, CorruptArtifact, StoreUnavailable: as `get`.
        """
        if not self.has(digest):
            raise MissingArtifact(digest)

    @abstractmethod
    def verify(self, digest: Digest) -> None:
        """Read the bytes again, whatever is remembered of them, and raise as `get` does where they are not sound."""

    @abstractmethod
    def delete(self, digest: Digest, *, before: float | None = None) -> bool:
        """Remove a blob; no error when there is none. For `steppe gc`, and for whoever alone can have put it.

        Args:
            digest: which one.
            before: remove it only if it was last put before that time, in seconds since 1970, so that a blob which
                was put again after it was chosen for removal stays.

        Returns:
            Whether it was removed.
        """

    @abstractmethod
    def blobs(self) -> Iterator[Blob]:
        """Iterate over all blobs, in no particular order."""

    @abstractmethod
    def write_record(self, name: str, data: bytes) -> bool:
        """Write a record once, atomically and durably.

        Args:
            name: `/`-separated parts of `[A-Za-z0-9._-]`, such as `attempts/8f2c/result`. A record may stand beside
                others that have its name as their first parts.
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
        """Iterate over the names of records that begin with `prefix` (whole parts: `attempts/8f2c`), in no order."""

    @abstractmethod
    def delete_record(self, name: str) -> None:
        """Remove a record; no error when there is none."""

    def path(self, digest: Digest) -> str | None:
        """Return a local path at which the verified blob can be read (never written), or None where there is none.

        Raises:
            MissingArtifact, CorruptArtifact, StoreUnavailable: as `get`.
        """
        del digest
        return None
