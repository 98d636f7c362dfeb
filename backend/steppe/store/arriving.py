"""A blob that is read while it is on its way here, by any number of processes of one machine; one brings it."""

from __future__ import annotations

import contextlib
import mmap
import os
import time
import weakref
from collections.abc import Callable, Iterable

from steppe.errors import MissingArtifact, StoreUnavailable
from steppe.store.bringing import Bringing, Quiet
from steppe.store.keys import hex_of
from steppe.store.local import LocalStore
from steppe.store.objects import ObjectStore
from steppe.store.progress_map import ProgressMap, Standing
from steppe.store.unavailable import reaching
from steppe.types import Digest

SILENT, LOST = 1.5, 10.0
"""Seconds without a sign of life after which another process sees whether it can go on itself, and after which it does.

A lock that a dead process held may live on in a child that it had forked off."""

_PAUSE = 0.002  # seconds between two looks at the map of another process


class Arriving:
    """A blob of a bucket, read from the local tier while it comes there.

    Bytes are given before the whole is verified: `settle` waits for that, and raises where they are not sound.

    Attributes:
        size: in bytes.
    """

    def __init__(self, local: LocalStore, remote: ObjectStore, digest: Digest, quiet: Quiet) -> None:
        """Begin to bring it, or look on where another process does.

        Raises:
            MissingArtifact: it is not there.
            StoreUnavailable: it can't be reached, or not be brought here.
        """
        self._local, self._remote, self._digest, self._quiet = local, remote, digest, quiet
        self._bringing: Bringing | None = None
        self._map: ProgressMap | None = None
        self._fd = -1
        self._pid = os.getpid()
        self._end: Callable[[], object] = _nothing
        self._beat: tuple[bytes, float] = b"", 0.0
        self._attach()
        self.size = os.fstat(self._fd).st_size if self._map is None else self._map.size

    @property
    def sound(self) -> bool:
        """Whether all of it is here and verified."""
        return self._map is None or self._map.standing is Standing.SOUND

    def want(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Say which bytes will be read next."""
        if self._map is not None and (bringing := self._mine()) is not None:
            piece = self._map.piece
            bringing.want(number for start, stop in ranges for number in range(start // piece, -(-stop // piece)))

    def need(self, start: int, stop: int) -> None:
        """Wait until some bytes are here.

        Raises:
            StoreError: they can't be had.
        """
        while self._map is not None and (number := self._map.lacks(start, stop)) is not None:
            if (bringing := self._mine()) is not None:
                bringing.wait_for(number)
            else:
                self._look_on()

    def read_into(self, start: int, view: memoryview) -> None:
        """Read bytes into a view, once they are here."""
        self.need(start, start + view.nbytes)
        read_into(self._fd, start, view, self._local.url)

    def mapped(self) -> mmap.mmap:
        """Return the bytes as a mapping; those that are not here yet read as zeros."""
        return mmap.mmap(self._fd, self.size, access=mmap.ACCESS_READ)

    def settle(self) -> None:
        """Wait until all of it is here and verified.

        Raises:
            StoreError: it is not sound, or can't be had.
        """
        while not self.sound:
            if (bringing := self._mine()) is not None:
                bringing.settle()
            else:
                self._look_on()

    def close(self) -> None:
        """Stop bringing it, where it is not all here; what another process brings goes on."""
        self._end()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _mine(self) -> Bringing | None:
        """Return what brings it, where that is this process."""
        return self._bringing if os.getpid() == self._pid else None

    def _attach(self) -> None:
        """Read what is here; else what another process brings; else bring it."""
        until = time.monotonic() + LOST
        path = f"{self._local.place.tmp}/{hex_of(self._digest)}.coming"
        while True:
            with contextlib.suppress(MissingArtifact):
                if (found := self._local.path(self._digest)) is not None:
                    self._open(found, None)
                    return
            late = time.monotonic() > until
            release = self._local.try_alone(self._digest)
            if release is not None or late:
                self._bring(f"{path}.{os.urandom(4).hex()}" if release is None else path, release or _nothing)
                return
            with contextlib.suppress(OSError, ValueError):
                seen = ProgressMap(path)
                if seen.standing is Standing.COMING:
                    self._open(f"{self._local.place.tmp}/{seen.data}", seen)
                    self._beat = seen.beat, time.monotonic()
                    return
            time.sleep(_PAUSE)

    def _bring(self, map_path: str, release: Callable[[], None]) -> None:
        try:
            if self._local.has(self._digest):  # it came while the lock was waited for
                release()
                self._attach()
                return
            self._clear(map_path)
            bringing = Bringing(self._local, self._remote, self._digest, map_path, release)
        except BaseException:
            release()
            raise
        self._open(f"{self._local.place.tmp}/{bringing.map.data}", bringing.map)
        self._bringing, self._pid = bringing, os.getpid()
        self._end = weakref.finalize(self, bringing.stop)
        bringing.begin(self._quiet)

    def _clear(self, map_path: str) -> None:
        """Remove what a process that was killed has left."""
        with contextlib.suppress(OSError, ValueError):
            self._local.files.unlink(f"{self._local.place.tmp}/{ProgressMap(map_path).data}")

    def _open(self, path: str, seen: ProgressMap | None) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._map = fd, seen

    def _look_on(self) -> None:
        """Wait a little for what another process brings; go on oneself where that one has ended or gives no sign."""
        seen = self._map
        assert seen is not None
        standing, beat, now = seen.standing, seen.beat, time.monotonic()
        if beat != self._beat[0]:
            self._beat = beat, now
        quiet = now - self._beat[1]
        if standing is Standing.COMING and quiet < SILENT:
            time.sleep(_PAUSE)
        elif standing is Standing.COMING:
            path = f"{self._local.place.tmp}/{hex_of(self._digest)}.coming"
            if (release := self._local.try_alone(self._digest)) is not None:
                self._bring(path, release)
            elif quiet > LOST:
                self._bring(f"{path}.{os.urandom(4).hex()}", _nothing)
            else:
                time.sleep(SILENT / 10)
        elif standing is not Standing.SOUND:
            self._attach()


def read_into(fd: int, start: int, view: memoryview, url: str) -> None:
    """Read bytes of a file into a view.

    Raises:
        StoreUnavailable: there are fewer.
    """
    done = 0
    while done < view.nbytes:
        with reaching(url):
            count = os.preadv(fd, [view[done:]], start + done)
        if count == 0:
            raise StoreUnavailable(f"a file of the store at {url} has become shorter while it was read: run again.")
        done += count


def _nothing() -> None:
    """End nothing."""
