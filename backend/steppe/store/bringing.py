"""A blob that is brought here piece by piece, several at once, in the order in which they are wanted; then verified.

The pieces are written to a file of the local tier, so memory holds only those that are under way. A thread digests
them in their order; once all are there and have the digest, the file becomes the blob. Whoever stops before removes it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from steppe.errors import StoreUnavailable
from steppe.store.digest import Digester
from steppe.store.local import LocalStore
from steppe.store.objects import ObjectStore
from steppe.store.progress_map import ProgressMap, Standing
from steppe.store.staged import Landing
from steppe.store.unavailable import reaching
from steppe.threads import OurThread
from steppe.types import Digest

PIECE = 2 << 20
"""Bytes that come as one where they are waited for; where nothing is, `_AHEAD` pieces come as one."""

_AHEAD = 4
_AT_ONCE = 6  # requests that are under way
_BEAT = 0.5  # seconds between two signs of life

Quiet = Callable[[], contextlib.AbstractContextManager[Any]]
"""What threads do their work in."""


class Bringing:
    """A blob on its way to the local tier, brought by threads of this process.

    Attributes:
        map: how far it has come, for all to see.
        error: why it can't be had, once that is so.
        moved: notified whenever something has changed.
    """

    def __init__(
        self, local: LocalStore, remote: ObjectStore, digest: Digest, map_path: str, release: Callable[[], None]
    ) -> None:
        """Make the file; nothing is asked for before `begin`.

        Args:
            local: the local tier.
            remote: where the blob is.
            digest: which one.
            map_path: where the map is to be.
            release: called once, when it is here or given up.

        Raises:
            MissingArtifact: it is not there.
            StoreUnavailable: the one can't be reached, or the other not be written to.
        """
        self._local, self._remote, self._digest = local, remote, digest
        self._path, self._release = map_path, release
        self._pid = os.getpid()
        size, self._tag = remote.size_and_tag(digest)
        self._landing = Landing(local.place, local.files)
        try:
            with reaching(local.url):
                self._landing.begin(size)
                self.map = ProgressMap.make(map_path, size, PIECE, os.path.basename(self._landing.path))
        except BaseException:
            self._landing.discard()
            raise
        self.moved = threading.Condition()
        self.error: BaseException | None = None
        self._taken = bytearray(self.map.pieces)
        self._next = 0
        self._wanted: deque[int] = deque()
        self._stopped = False
        self._threads: list[threading.Thread] = []

    def begin(self, quiet: Quiet) -> None:
        """Start the threads, each of which does its work in what `quiet` gives."""

        def quietly(work: Callable[[], None]) -> None:
            with quiet():
                work()

        works = [self._fetch] * min(_AT_ONCE, self.map.pieces) + [self._digest_all]
        self._threads = [OurThread(target=quietly, args=(work,), name="steppe-stream", daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def want(self, pieces: Iterable[int]) -> None:
        """Have some pieces brought before others."""
        with self.moved:
            self._wanted.extend(pieces)

    def wait_for(self, number: int) -> None:
        """Wait until a piece is here.

        Raises:
            BaseException: why it can't be had.
        """
        with self.moved:
            while not self.map.has(number):
                self._raise()
                if not self._taken[number]:
                    self._wanted.appendleft(number)
                self.moved.wait()

    def settle(self) -> None:
        """Wait until all of it is here and verified.

        Raises:
            BaseException: why it is not.
        """
        with self.moved:
            while self.map.standing is not Standing.SOUND:
                self._raise()
                self.moved.wait()

    def stop(self) -> None:
        """Give up what is not here yet; no thread and no file is left. In a process that was forked off, nothing."""
        if os.getpid() != self._pid:
            return
        with self.moved:
            self._stopped = True
            self.moved.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self._end(Standing.GIVEN_UP)

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error
        if self._stopped:
            raise ValueError("this stream is closed")

    def _end(self, standing: Standing) -> None:
        """Tell others how it ended, and remove what is not needed any more."""
        with self.moved:
            release, self._release = self._release, _nothing
            if release is _nothing:
                return
            self.map.standing = standing
            self.moved.notify_all()
        self._landing.discard()
        with contextlib.suppress(OSError):
            self._local.files.unlink(self._path)
        release()

    def _fetch(self) -> None:
        try:
            while (taken := self._take()) is not None:
                first, count = taken
                start = first * PIECE
                data = self._remote.part(self._digest, start, min(start + count * PIECE, self.map.size), self._tag)
                with reaching(self._local.url):
                    self._landing.write_at(start, data)
                with self.moved:
                    for number in range(first, first + count):
                        self.map.came(number)
                    self.moved.notify_all()
        except BaseException as error:
            self._fail(error)

    def _take(self) -> tuple[int, int] | None:
        """Return the first of some pieces to fetch, and how many; None where nothing is left to do."""
        with self.moved:
            if self._stopped or self.error is not None:
                return None
            while self._wanted:
                number = self._wanted.popleft()
                if not self._taken[number]:
                    self._taken[number] = 1
                    return number, 1
            first = self._taken.find(0, self._next)
            if first < 0:
                return None
            count = 1
            while count < _AHEAD and first + count < len(self._taken) and not self._taken[first + count]:
                count += 1
            self._taken[first : first + count] = b"\1" * count
            self._next = first + count
            return first, count

    def _fail(self, error: BaseException) -> None:
        with self.moved:
            self.error = self.error or error
            self.moved.notify_all()

    def _digest_all(self) -> None:
        """Digest the pieces in their order, and put the blob into the local tier."""
        digester = Digester()
        file = os.open(self._landing.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for number in range(self.map.pieces):
                with self.moved:
                    while not self.map.has(number) and self.error is None and not self._stopped:
                        self.map.live()
                        self.moved.wait(_BEAT)
                    if self.error is not None or self._stopped:
                        break
                self.map.live()
                digester.update(os.pread(file, PIECE, number * PIECE))
            else:
                self._publish(digester.digest())
        except BaseException as error:
            self._fail(error)
        finally:
            os.close(file)
            if self.error is not None:
                for thread in self._threads[:-1]:  # none may write to a file that is closed
                    thread.join()
                self._end(Standing.FAILED)

    def _publish(self, digest: Digest) -> None:
        if digest != self._digest:
            self._remote.verify(self._digest)  # raises where it is corrupt there
            raise StoreUnavailable(
                f"{self._digest} arrived from {self._remote.url} with other bytes: what was streamed of it is wrong. "
                "Run again; if it comes again, see what changes them on their way."
            )
        self._landing.digest = digest
        self._local.publish(self._landing)
        self._end(Standing.SOUND)


def _nothing() -> None:
    """Release nothing."""
