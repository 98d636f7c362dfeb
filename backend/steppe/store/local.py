"""The Store in a folder of this machine. Knows nothing of what the bytes mean.

Why it holds what `Store` promises:

- A blob's file is complete and on the disk before it gets its name, and gets it by a link that fails where the name
  exists. So there is nothing partial to be seen, at any moment, before or after a crash.
- `put` returns when the folder with the name is on the disk as well. The folders above it are on the disk before the
  store is used at all (`place.py`).
- What `put` finds under the name is kept only if it is known to be sound; else it is replaced. Replacing and removing
  happen under a lock, after another look at the file, so nobody removes what another has just repaired.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from steppe.errors import CorruptArtifact, MissingArtifact
from steppe.store.buffers import cut
from steppe.store.digest import digest_of
from steppe.store.files import Files, locked, move_new, try_locked, unlock
from steppe.store.keys import checked_name, hex_of
from steppe.store.mapping import COPIED, mapped
from steppe.store.place import SHARDS, Place
from steppe.store.records import LocalRecords
from steppe.store.staged import Staged
from steppe.store.store import Blob, Store
from steppe.store.sweep import sweep
from steppe.store.unavailable import reaching
from steppe.store.verified import Fingerprint, Verified
from steppe.types import Buffer, Digest


class LocalStore(Store):
    """A Store in a folder.

    It can be read where it may not be written. Any number of processes may use one folder; on a network file system
    those of other machines as well, as far as it has atomic links.
    """

    def __init__(
        self, root: Path | str, *, files: Files | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Open the store at `root`, which is made by the first write.

        Args:
            root: its folder.
            files: how to change the disk; the system's way if not given.
            clock: gives nanoseconds since 1970.

        Raises:
            StoreUnavailable: it was made by another version of Steppe.
        """
        self.url = os.path.abspath(os.path.expanduser(root))
        self._files = files or Files()
        self._clock = clock
        self._place = Place(self.url, self._files)
        self._verified = Verified(self._place, self._files)
        self._records = LocalRecords(self._place, self._files)
        sweep(self._place.tmp, self._files, clock())

    @property
    def place(self) -> Place:
        """Its paths."""
        return self._place

    @property
    def files(self) -> Files:
        """How it changes the disk."""
        return self._files

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Write and digest at once, then link into place."""
        with self.staged(chunks) as staged:
            self.publish(staged)
            return staged.digest

    def put_as(self, digest: Digest, chunks: Iterable[Buffer]) -> bool:
        """As `put`; what has another digest never gets a name."""
        hex_of(digest)
        with self.staged(chunks) as staged:
            if staged.digest != digest:
                return False
            self.publish(staged)
            return True

    @contextlib.contextmanager
    def staged(self, chunks: Iterable[Buffer]) -> Iterator[Staged]:
        """Take bytes in and digest them, for `publish` to put in place. What is not published is discarded."""
        with reaching(self.url):
            self._place.make()
        staged = Staged(self._place, self._files)
        try:
            staged.take(chunks)
            yield staged
        finally:
            staged.discard()

    def publish(self, staged: Staged) -> None:
        """Put staged bytes in place, as `put` promises."""
        path = self._place.blob(staged.digest)
        with reaching(self.url):
            if not self._is_known(staged.digest, path) or not self._renew(staged.digest, path):
                self._enter(staged, path)

    def get(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> memoryview:
        """Map the file."""
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"a blob has no bytes at {start}:{stop}: count from its beginning.")
        return self._sound(digest)[start:stop]

    def pieces(self, digest: Digest) -> Iterator[Buffer]:
        """Iterate over slices of the verified mapping."""
        return cut(self._sound(digest), 16 << 20)

    def has(self, digest: Digest) -> bool:
        """Look for the file."""
        return os.path.exists(self._place.blob(digest))

    def check(self, digest: Digest) -> None:
        """Verify the file, where it is not known to be sound."""
        self._sound(digest)

    def verify(self, digest: Digest) -> None:
        """Digest the file whatever is remembered of it."""
        self._sound(digest, anew=True)

    def path(self, digest: Digest) -> str | None:
        """Return the path of the verified file."""
        self._sound(digest)
        return self._place.blob(digest)

    def delete(self, digest: Digest, *, before: float | None = None) -> bool:
        """Unlink the file, under the lock."""
        path = self._place.blob(digest)
        if not os.path.exists(path):
            return False
        with reaching(self.url), locked(self._place.lock):
            try:
                if before is not None and os.stat(path).st_mtime >= before:
                    return False
                self._files.unlink(path)
            except FileNotFoundError:
                return False
        return True

    def blobs(self) -> Iterator[Blob]:
        """List the folders of blobs."""
        for shard in SHARDS:
            with reaching(self.url):
                digests = list(self._place.blobs(shard))
            for digest in digests:
                with contextlib.suppress(FileNotFoundError):
                    status = os.stat(self._place.blob(digest))
                    yield Blob(digest=digest, size=status.st_size, modified=status.st_mtime)

    def write_record(self, name: str, data: bytes) -> bool:
        """Link a finished file to the name."""
        with reaching(self.url):
            return self._records.write(name, data)

    def replace_record(self, name: str, data: bytes) -> None:
        """Rename a finished file to the name."""
        with reaching(self.url):
            self._records.replace(name, data)

    def read_record(self, name: str) -> bytes | None:
        """Read the file."""
        with reaching(self.url):
            return self._records.read(name)

    def records(self, prefix: str = "") -> Iterator[str]:
        """Walk the folders of records."""
        if prefix:
            checked_name(prefix)
        with reaching(self.url):
            yield from self._records.names(prefix)

    def delete_record(self, name: str) -> None:
        """Unlink the file."""
        with reaching(self.url):
            self._records.delete(name)

    @contextlib.contextmanager
    def alone(self, digest: Digest) -> Iterator[None]:
        """Hold a lock that says: I am bringing this blob here."""
        with contextlib.ExitStack() as held:
            with reaching(self.url):
                self._place.make(again=not os.path.isdir(self._place.tmp))
                path = f"{self._place.tmp}/{hex_of(digest)}.lock"
                held.enter_context(locked(path))
            yield
            with contextlib.suppress(OSError):  # who waits for it still gets it; who comes later finds the blob
                self._files.unlink(path)

    def try_alone(self, digest: Digest) -> Callable[[], None] | None:
        """Take the lock of `alone` where nobody holds it; return what drops it."""
        with reaching(self.url):
            self._place.make(again=not os.path.isdir(self._place.tmp))
            path = f"{self._place.tmp}/{hex_of(digest)}.lock"
            held = try_locked(path)
        if held is None:
            return None

        def release() -> None:
            with contextlib.suppress(OSError):  # as in `alone`
                self._files.unlink(path)
            unlock(held)

        return release

    def _is_known(self, digest: Digest, path: str) -> bool:
        """Tell whether a file is there and known to be sound as it is now; a small one is read where it is not."""
        try:
            now = Fingerprint.of(os.stat(path))
            return self._verified.knows(digest, now) or (now.size <= COPIED and self._is_sound(digest, path))
        except OSError:
            return False

    def _is_sound(self, digest: Digest, path: str) -> bool:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return self._checked(digest, fd, anew=True) is not None
        finally:
            os.close(fd)

    def _renew(self, digest: Digest, path: str) -> bool:
        """Put again what is there; False where it is no longer there and sound, or is not ours to touch."""
        try:
            with locked(self._place.lock):
                if not self._is_known(digest, path):
                    return False
                self._files.touch(path)
                self._verified.remember(digest, Fingerprint.of(os.stat(path)))
        except OSError:
            return False
        # Another may have put it a moment ago, and not yet have come to this.
        self._files.sync_folder(os.path.dirname(path))
        return True

    def _enter(self, staged: Staged, path: str) -> None:
        fd, fresh = staged.file()
        try:
            new = move_new(self._files, fresh, path, self._place.lock)
        except FileNotFoundError:
            self._place.make(again=True)
            new = move_new(self._files, fresh, path, self._place.lock)
        if not new:
            if self._is_known(staged.digest, path) and self._renew(staged.digest, path):
                return
            with locked(self._place.lock):
                self._files.rename(fresh, path)
        staged.moved()
        self._files.sync_folder(os.path.dirname(path))
        # No other need be waited for: the file could not be written to by any other hand until now, and can't be
        # since, being read-only. So its young times need not settle, as those of a file found here must.
        self._verified.remember(staged.digest, Fingerprint.of(os.fstat(fd)))

    def _sound(self, digest: Digest, *, anew: bool = False) -> memoryview:
        """Return a view of a blob that has its digest."""
        path = self._place.blob(digest)
        with reaching(self.url):
            while True:
                try:
                    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                except FileNotFoundError:
                    raise MissingArtifact(digest) from None
                try:
                    if (view := self._checked(digest, fd, anew=anew)) is not None:
                        return view
                    if where := self._set_aside(digest, path, fd):
                        raise CorruptArtifact(digest, where)
                finally:
                    os.close(fd)

    def _checked(self, digest: Digest, fd: int, *, anew: bool) -> memoryview | None:
        """Return a view of a file that has this digest, else None."""
        found = Fingerprint.of(os.fstat(fd))
        view = mapped(fd, found.size)
        whole = view.nbytes == found.size
        if whole and not anew and self._verified.knows(digest, found):
            return view
        begun = self._clock()
        if digest_of(cut(view, 64 << 20)) != digest:
            return None
        if whole and found.is_settled(begun) and Fingerprint.of(os.fstat(fd)) == found:
            self._verified.remember(digest, found)
        return view

    def _set_aside(self, digest: Digest, path: str, fd: int) -> str | None:
        """Move a corrupt file away and return where it is; None where there is another under its name by now."""
        aside = self._place.corrupt(digest)
        try:
            with locked(self._place.lock):
                if not os.path.samestat(os.stat(path), os.fstat(fd)):
                    return None
                self._files.make_folder(os.path.dirname(aside))
                self._files.rename(path, aside)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"{path} (left in place: {error.strerror})"
        return aside
