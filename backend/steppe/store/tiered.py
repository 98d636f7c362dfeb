"""The Store out of this machine, with copies on it. Knows nothing of how either side keeps its bytes.

A blob is in the local tier only when the remote store has it: `put` shows it here after it has arrived there. So what
is found here is not asked for there. Records are in the remote store alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from steppe.errors import CorruptArtifact, MissingArtifact, StoreUnavailable
from steppe.store.keys import hex_of
from steppe.store.local import LocalStore
from steppe.store.staged import Staged
from steppe.store.store import Blob, Store
from steppe.types import Buffer, Digest

if TYPE_CHECKING:
    from steppe.store.arriving import Arriving

Quiet = Callable[[], contextlib.AbstractContextManager[Any]]


class TieredStore(Store):
    """A remote Store that is read through a local one.

    Attributes:
        local: the copies; any of them may be removed at any time.
        remote: where everything is.
    """

    def __init__(self, local: LocalStore, remote: Store) -> None:
        """Read `remote` through `local`, which serves no other store."""
        self.local = local
        self.remote = remote
        self.url = remote.url

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Put into the remote store, then into the local one."""
        with self.local.staged(chunks) as staged:
            self._publish(staged)
            return staged.digest

    def put_as(self, digest: Digest, chunks: Iterable[Buffer]) -> bool:
        """As `put`."""
        hex_of(digest)
        with self.local.staged(chunks) as staged:
            if staged.digest != digest:
                return False
            self._publish(staged)
            return True

    def get(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> memoryview:
        """Bring it here where it is not, and map it; fetch it into memory where it can't be kept here."""
        with contextlib.suppress(MissingArtifact, CorruptArtifact, StoreUnavailable):
            return self.local.get(digest, start=start, stop=stop)
        try:
            self._bring(digest)
            return self.local.get(digest, start=start, stop=stop)
        except StoreUnavailable:
            return self.remote.get(digest, start=start, stop=stop)

    def arriving(self, digest: Digest, quiet: Quiet = contextlib.nullcontext) -> Arriving | None:
        """Begin to bring a blob here, to be read on its way; None where it is here, or can't be kept here.

        Args:
            digest: which one.
            quiet: what the threads that bring it do their work in.

        Raises:
            MissingArtifact, StoreUnavailable: as `get`.
        """
        from steppe.store.arriving import Arriving
        from steppe.store.objects import ObjectStore

        if not isinstance(self.remote, ObjectStore) or self.local.has(digest):
            return None
        self.remote.size_and_tag(digest)  # raises where it is not there
        try:
            return Arriving(self.local, self.remote, digest, quiet)
        except StoreUnavailable:
            return None

    def is_near(self, digest: Digest) -> bool:
        """Tell whether it is here."""
        return self.local.has(digest)

    def has(self, digest: Digest) -> bool:
        """Look here, then there."""
        return self.local.has(digest) or self.remote.has(digest)

    def check(self, digest: Digest) -> None:
        """Verify the copy here; where there is none that is sound, look there."""
        try:
            self.local.check(digest)
        except (MissingArtifact, CorruptArtifact, StoreUnavailable):
            self.remote.check(digest)

    def verify(self, digest: Digest) -> None:
        """Verify both; a corrupt copy is only set aside, for it can be brought again."""
        with contextlib.suppress(MissingArtifact, CorruptArtifact):
            self.local.verify(digest)
        self.remote.verify(digest)

    def path(self, digest: Digest) -> str | None:
        """Bring it here and return its path; None where it can't be kept here."""
        with contextlib.suppress(MissingArtifact, CorruptArtifact, StoreUnavailable):
            return self.local.path(digest)
        try:
            self._bring(digest)
            return self.local.path(digest)
        except StoreUnavailable:
            if not self.remote.has(digest):
                raise MissingArtifact(digest) from None
            return None

    def delete(self, digest: Digest, *, before: float | None = None) -> bool:
        """Delete the copy here first, for it says that the blob is there."""
        self.local.delete(digest)
        return self.remote.delete(digest, before=before)

    def blobs(self) -> Iterator[Blob]:
        """Iterate over the remote blobs."""
        return self.remote.blobs()

    def write_record(self, name: str, data: bytes) -> bool:
        """Write it there."""
        return self.remote.write_record(name, data)

    def replace_record(self, name: str, data: bytes) -> None:
        """Replace it there."""
        self.remote.replace_record(name, data)

    def read_record(self, name: str) -> bytes | None:
        """Read it there."""
        return self.remote.read_record(name)

    def records(self, prefix: str = "") -> Iterator[str]:
        """Iterate over those there."""
        return self.remote.records(prefix)

    def delete_record(self, name: str) -> None:
        """Delete it there."""
        self.remote.delete_record(name)

    def _publish(self, staged: Staged) -> None:
        if not self.remote.put_as(staged.digest, staged):
            raise StoreUnavailable(
                f"the disk of {self.local.url} returned other bytes than were written to it: check the disk, or let "
                "the local tier be on another one."
            )
        with contextlib.suppress(StoreUnavailable):  # it is kept, if not here
            self.local.publish(staged)

    def _bring(self, digest: Digest) -> None:
        """Bring a blob here: once, however many ask for it at the same time."""
        with self.local.alone(digest):
            if self.local.has(digest) or self.local.put_as(digest, self.remote.pieces(digest)):
                return
            self.remote.verify(digest)  # raises where it is corrupt there; else it changed on its way
            if not self.local.put_as(digest, self.remote.pieces(digest)):
                raise StoreUnavailable(
                    f"{digest} arrived from {self.url} with other bytes, twice: see what changes them on their way."
                )
