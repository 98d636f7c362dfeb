"""Checkpoints in a Store: a record that names the last two, and blobs that are theirs alone. Knows nothing of steps.

A checkpoint's blobs begin with random bytes, so that no result and no other checkpoint can have the same ones: whoever
replaces a checkpoint may delete them. Its record is replaced only once they are kept, so at any moment it names
whole ones.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from steppe.errors import StoreError
from steppe.store.store import Store
from steppe.types import Buffer, Digest, FileOutput, Part, Struct
from steppe.worker.earlier import Earlier

FOLDER = "checkpoints"
SALT = 64
"""Bytes before what a blob holds: as many as buffers are aligned to, so that those can be mapped."""

_ENCODER = msgspec.msgpack.Encoder()


class Saved(Struct, frozen=True, kw_only=True):
    """One checkpoint.

    Attributes:
        time: when it was saved, in seconds since 1970.
        step: the number that it was saved under, or None.
        value: the state, under the name `state`; None where it is a folder.
        files: the files of a folder, with their paths in it.
        earlier: what the step had seen and done until then.
        along: of one of several nodes: the digest of what had gone along to all of them, whoever of them read it.
        attempt: of one of several nodes: the attempt, whose others tell in their own records what else they had read.
    """

    time: float
    step: int | None = None
    value: Part | None = None
    files: tuple[FileOutput, ...] = ()
    earlier: Earlier = Earlier()
    along: Digest = ""
    attempt: str = ""

    def blobs(self) -> set[Digest]:
        """Return the blobs that it needs."""
        value = {self.value.blob} if self.value is not None else set()
        files = {file.blob for file in (*self.files, *self.earlier.wrote)}
        return {blob for blob in value | files if blob is not None}


class CheckpointRecord(Struct, frozen=True, kw_only=True):
    """What the record `checkpoints/<owner>/<name>` holds.

    Attributes:
        last: the last checkpoint.
        before: the one before it, for when the last one's bytes are damaged.
    """

    last: Saved
    before: Saved | None = None

    @property
    def both(self) -> list[Saved]:
        """The checkpoints, newest first."""
        return [self.last, *([self.before] if self.before is not None else [])]

    def blobs(self) -> set[Digest]:
        """Return the blobs that it needs."""
        return set[Digest]().union(*(saved.blobs() for saved in self.both))


def owner_of(key: Digest) -> str:
    """Return under which name the tries of a step with that CacheKey find their checkpoints."""
    return key.removeprefix("b3:")


def key_of(record: str) -> Digest:
    """Return the CacheKey whose tries a record is for; one that no step has where they have none."""
    return f"b3:{record.split('/')[1]}"


def record_of(owner: str, name: str) -> str:
    """Return the name of a checkpoint's record."""
    return f"{FOLDER}/{owner}/{name}"


def read(store: Store, name: str) -> CheckpointRecord | None:
    """Read a record; None where there is none that can be read.

    Raises:
        StoreUnavailable: the Store can't be reached.
    """
    return decoded(store.read_record(name))


def decoded(data: bytes | None) -> CheckpointRecord | None:
    """Return what a record says; None where it says nothing that can be read."""
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(data, type=CheckpointRecord)
    except msgspec.MsgspecError:  # of another version
        return None


def replace(store: Store, name: str, new: CheckpointRecord, old: CheckpointRecord | None) -> None:
    """Write a record over the one before it, and delete what that one alone needed."""
    store.replace_record(name, _ENCODER.encode(new))
    if old is not None:
        _delete(store, old.blobs() - new.blobs())


def drop(store: Store, name: str) -> None:
    """Remove a record and its checkpoints: the record first, for it has to name whole ones."""
    record = read(store, name)
    store.delete_record(name)
    if record is not None:
        _delete(store, record.blobs())


def all_records(store: Store, owner: str = "") -> Iterator[str]:
    """Iterate over the names of the records of one owner, or of all."""
    return store.records(f"{FOLDER}/{owner}" if owner else FOLDER)


def put(store: Store, chunks: Iterable[Buffer]) -> Digest:
    """Keep bytes as a checkpoint's own."""
    return store.put(chain([secrets.token_bytes(SALT)], chunks))


def get(store: Store, digest: Digest) -> memoryview:
    """Return a checkpoint's bytes."""
    return store.get(digest, start=SALT)


def _delete(store: Store, digests: Iterable[Digest]) -> None:
    for digest in digests:
        with contextlib.suppress(StoreError):  # `gc` will find it
            store.delete(digest)
