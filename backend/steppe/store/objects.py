"""The Store in a bucket: S3 and what speaks its language, Google's and Azure's. Knows nothing of local copies.

Why it holds what `Store` promises: such a store shows an object when all of it has arrived, and keeps it from then on.
It can't rename, so the digest is known before the first byte is sent: what comes only once is first kept here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from steppe.errors import CorruptArtifact, MissingArtifact, StoreUnavailable
from steppe.store.bucket import PIECE, Bucket
from steppe.store.buffers import cut, flat
from steppe.store.digest import Digester
from steppe.store.keys import BLOBS, LEAF, RECORDS, blob_key, checked_name, digest_at, hex_of, record_key
from steppe.store.spool import spooled
from steppe.store.store import Blob, Store
from steppe.types import Buffer, Digest

FRESH = 3600.0
"""Seconds for which a blob counts as just put, so that it is not sent again."""


class ObjectStore(Store):
    """A Store in a bucket of an object store."""

    def __init__(self, bucket: Any, url: str, *, clock: Callable[[], float] = time.time) -> None:
        """Use a bucket.

        Args:
            bucket: an obstore store; all keys are below its prefix. Or a Bucket.
            url: what to call it.
            clock: gives seconds since 1970.
        """
        self.url = url
        self._bucket = bucket if isinstance(bucket, Bucket) else Bucket(bucket, url)
        self._clock = clock
        self._seen: dict[Digest, tuple[str, int]] = {}  # the objects that were verified: tag and size
        self._corrupt: set[Digest] = set()  # those that may be there still, if they could not be set aside

    @classmethod
    def at(cls, url: str, options: Mapping[str, str]) -> ObjectStore:
        """Open the bucket at a URL, with obstore's options; it is asked when it is first used.

        Raises:
            UsageError: the URL or the options are not right.
        """
        return cls(Bucket.at(url, options), url)

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Digest, then send."""
        with spooled(chunks) as again:
            digest, size = _digest_and_size(again)
            self._send(digest, size, again)
            return digest

    def put_as(self, digest: Digest, chunks: Iterable[Buffer]) -> bool:
        """Digest, then send if that is right."""
        hex_of(digest)
        with spooled(chunks) as again:
            found, size = _digest_and_size(again)
            if found == digest:
                self._send(digest, size, again)
            return found == digest

    def get(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> memoryview:
        """Fetch all of it and verify it; a part alone where the whole was verified before."""
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"a blob has no bytes at {start}:{stop}: count from its beginning.")
        if (start or stop is not None) and (part := self._part(digest, start, stop)) is not None:
            return part
        return self._whole(digest)[start:stop]

    def pieces(self, digest: Digest) -> Iterator[Buffer]:
        """Fetch it piece by piece, not verified."""
        try:
            yield from self._bucket.stream(blob_key(digest))
        except FileNotFoundError:
            raise MissingArtifact(digest) from None

    def size_and_tag(self, digest: Digest) -> tuple[int, str]:
        """Return how many bytes it has, and the bucket's own name for this version of the object.

        Raises:
            MissingArtifact, StoreUnavailable: as `get`.
        """
        head = self._bucket.head(blob_key(digest))
        if head is None:
            raise MissingArtifact(digest)
        return head["size"], head["e_tag"] or ""

    def part(self, digest: Digest, start: int, stop: int, tag: str) -> bytearray:
        """Fetch a part of it, not verified.

        Raises:
            MissingArtifact: it is no longer there.
            StoreUnavailable: it can't be reached, or there is another object by now than the one of that tag.
        """
        try:
            found = self._bucket.part(blob_key(digest), start, stop, tag)
        except FileNotFoundError:
            raise MissingArtifact(digest) from None
        if found is None or len(found) != stop - start:
            raise StoreUnavailable(f"{digest} was put again at {self.url} while it was read: run again.")
        return found

    def is_near(self, digest: Digest) -> bool:
        """No bucket is."""
        del digest
        return False

    def has(self, digest: Digest) -> bool:
        """Ask for its head."""
        return self._bucket.head(blob_key(digest)) is not None

    def verify(self, digest: Digest) -> None:
        """Fetch all of it and digest it; once more where it seems corrupt, for that may have come on its way."""
        key = blob_key(digest)
        try:
            first = self._bucket.fetch(key, keep=False)
            if first.digest == digest:
                return
            second = self._bucket.fetch(key, keep=False)
        except FileNotFoundError:
            raise MissingArtifact(digest) from None
        if second.digest == first.digest:
            self._set_aside(digest, second.tag)
        if second.digest != digest:
            raise self._changing(digest)

    def delete(self, digest: Digest, *, before: float | None = None) -> bool:
        """Look, then delete: a bucket can't do both at once, so let `before` be long ago."""
        key = blob_key(digest)
        head = self._bucket.head(key)
        if head is None or (before is not None and head["last_modified"].timestamp() >= before):
            return False
        self._seen.pop(digest, None)
        self._bucket.delete(key)
        return True

    def blobs(self) -> Iterator[Blob]:
        """List the bucket."""
        for found in self._bucket.list(BLOBS):
            parts = found["path"].split("/")
            if len(parts) == 3 and (digest := digest_at(parts[1], parts[2])):
                yield Blob(digest=digest, size=found["size"], modified=found["last_modified"].timestamp())

    def write_record(self, name: str, data: bytes) -> bool:
        """Create the object, which a bucket does once."""
        return self._bucket.create(record_key(name), data)

    def replace_record(self, name: str, data: bytes) -> None:
        """Put the object."""
        self._bucket.put(record_key(name), data)

    def read_record(self, name: str) -> bytes | None:
        """Fetch the object."""
        try:
            return bytes(self._bucket.fetch(record_key(name), keep=True).view)
        except FileNotFoundError:
            return None

    def records(self, prefix: str = "") -> Iterator[str]:
        """List the bucket."""
        if prefix and self._bucket.head(record_key(prefix)) is not None:
            yield prefix
        for found in self._bucket.list(f"{RECORDS}/{checked_name(prefix)}" if prefix else RECORDS):
            if found["path"].endswith(LEAF):
                yield found["path"][len(RECORDS) + 1 : -len(LEAF)]

    def delete_record(self, name: str) -> None:
        """Delete the object."""
        self._bucket.delete(record_key(name))

    def _send(self, digest: Digest, size: int, chunks: Iterable[Buffer]) -> None:
        """Put a blob, unless it was put a short time ago."""
        key = blob_key(digest)
        head = self._bucket.head(key)
        sound = head is not None and head["size"] == size and digest not in self._corrupt
        if sound and self._clock() - head["last_modified"].timestamp() < FRESH:
            return
        if size <= PIECE:
            self._bucket.put(key, b"".join(flat(chunk) for chunk in chunks))
        else:
            self._bucket.put_pieces(key, size, lambda: (part for chunk in chunks for part in cut(flat(chunk), PIECE)))
        self._corrupt.discard(digest)

    def _part(self, digest: Digest, start: int, stop: int | None) -> memoryview | None:
        """Return a part of a blob that was verified and is still the same object; else None."""
        tag, size = self._seen.get(digest, ("", 0))
        if not tag:
            return None
        stop = size if stop is None else min(stop, size)
        if start >= stop:
            return memoryview(bytearray())
        try:
            held = self._bucket.part(blob_key(digest), start, stop, tag)
        except FileNotFoundError:
            raise MissingArtifact(digest) from None
        return None if held is None else memoryview(held)

    def _whole(self, digest: Digest) -> memoryview:
        """Return all of a blob, verified."""
        key = blob_key(digest)
        try:
            fetched = self._bucket.fetch(key, keep=True)
            if fetched.digest != digest:
                self.verify(digest)  # raises, unless it was the way here that changed it
                fetched = self._bucket.fetch(key, keep=True)
        except FileNotFoundError:
            raise MissingArtifact(digest) from None
        if fetched.digest != digest:
            raise self._changing(digest)
        if fetched.tag:
            self._seen[digest] = (fetched.tag, fetched.view.nbytes)
        return fetched.view

    def _changing(self, digest: Digest) -> StoreUnavailable:
        return StoreUnavailable(
            f"{digest} arrives from {self.url} with other bytes each time: see what changes them on their way."
        )

    def _set_aside(self, digest: Digest, tag: str) -> NoReturn:
        """Move a corrupt object away and raise what says so.

        Args:
            digest: which one.
            tag: of the object as it was read: where it has another by now, somebody has put it again.
        """
        key, aside = blob_key(digest), f"corrupt/{hex_of(digest)}.{os.urandom(4).hex()}"
        where = f"{self.url}/{aside}"
        self._corrupt.add(digest)
        try:
            self._bucket.copy(key, aside)
            head = self._bucket.head(key)
            if head is not None and (head["e_tag"] or "") == tag:
                self._bucket.delete(key)
        except FileNotFoundError:  # another reader has done it
            raise MissingArtifact(digest) from None
        except StoreUnavailable as error:
            where = f"{self.url}/{key} (left in place: {error})"
        raise CorruptArtifact(digest, where)


def _digest_and_size(chunks: Iterable[Buffer]) -> tuple[Digest, int]:
    digester, size = Digester(), 0
    for chunk in chunks:
        view = flat(chunk)
        digester.update(view)
        size += view.nbytes
    return digester.digest(), size
