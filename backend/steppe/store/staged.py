"""Bytes on their way into a local Store: digested, perhaps already in a file, and seen by nobody yet."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from steppe.store.buffers import cut, flat_views, gathered
from steppe.store.digest import Digester, digest_of
from steppe.store.files import Files
from steppe.store.mapping import mapped
from steppe.store.place import Place
from steppe.store.unavailable import reaching
from steppe.types import Buffer, Digest

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

SMALL = 1 << 20
"""Bytes up to which a blob is held in memory and digested before its file is begun: no thread, and often no file."""

_STEP = 8 << 20  # bytes written before the disk is told to begin with them
_GATHERED = 4 << 20  # bytes of small chunks that are written as one
_LAG = 4


class Staged(Iterable[Buffer]):
    """Bytes of which the digest is known, and a file for them that is made when it is wanted.

    Attributes:
        digest: of all the bytes.
    """

    def __init__(self, place: Place, files: Files) -> None:
        """Begin with nothing."""
        self.digest: Digest = ""
        self._place = place
        self._files = files
        self._held: bytearray | None = bytearray()
        self._path = ""
        self._fd = -1

    def take(self, chunks: Iterable[Buffer]) -> None:
        """Take all of the bytes in.

        Raises:
            StoreUnavailable: they could not be written. What `chunks` itself raises passes through.
        """
        held = bytearray()
        stable = isinstance(chunks, (list, tuple))  # else a chunk's memory may be used again for the next one
        views = flat_views(chunks, stable=stable)
        for view in views:
            if len(held) + view.nbytes > SMALL:
                self._held = None
                first = (memoryview(held), view) if held else (view,)
                pieces = gathered(itertools.chain(first, views), _GATHERED, stable=stable)
                self._write_and_digest(pieces, _LAG if stable else 0)
                return
            held += view
        self._held = held
        self.digest = digest_of([held])

    def __iter__(self) -> Iterator[memoryview]:
        """Iterate over the bytes, as often as is wanted."""
        if self._held is not None:
            yield memoryview(self._held)
            return
        with reaching(self._place.root):
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                view = mapped(fd, os.fstat(fd).st_size)
            finally:
                os.close(fd)
        yield from cut(view, _STEP)

    def file(self) -> tuple[int, str]:
        """Return the descriptor and the path of a file that holds the bytes, on the disk."""
        if self._held is not None and self._fd < 0:
            self._begin()
            self._files.write(self._fd, memoryview(self._held))
        self._files.sync(self._fd)
        return self._fd, self._path

    def moved(self) -> None:
        """Take note that the file is no longer at its path."""
        self._path = ""

    def discard(self) -> None:
        """Remove the file where it is still under way; no error where that fails, for a sweep will do it."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            with contextlib.suppress(OSError):
                if self._path:
                    self._files.unlink(self._path)
            with contextlib.suppress(OSError):
                self._files.close(fd)

    def _begin(self) -> None:
        self._path = self._place.fresh()
        try:
            self._fd = self._files.create(self._path)
        except FileNotFoundError:
            self._place.make(again=True)
            self._fd = self._files.create(self._path)

    def _write_and_digest(self, pieces: Iterable[memoryview], lag: int) -> None:
        """Write and digest at the same time: both leave Python's lock to others while they work.

        Args:
            pieces: of the bytes.
            lag: how many pieces the digest may be behind when the next one is asked for.
        """
        from concurrent.futures import ThreadPoolExecutor

        digester = Digester()
        with reaching(self._place.root):
            self._begin()
        written = 0
        tasks: deque[Future[None]] = deque()
        with ThreadPoolExecutor(1, "steppe-digest") as aside:
            for piece in pieces:
                tasks.append(_begun(aside, digester, piece))
                try:
                    written = self._write(piece, written)
                finally:
                    while len(tasks) > lag:
                        tasks.popleft().result()
            for task in tasks:
                task.result()
        self.digest = digester.digest()

    def _write(self, piece: memoryview, written: int) -> int:
        with reaching(self._place.root):
            for part in cut(piece, _STEP):
                with part:  # or it would keep the producer from resizing its buffer
                    self._files.write(self._fd, part)
                    self._files.start_flush(self._fd, written, part.nbytes)
                    written += part.nbytes
        return written


def _begun(aside: ThreadPoolExecutor, digester: Digester, piece: memoryview) -> Future[None]:
    from concurrent.futures import Future

    try:
        return aside.submit(digester.update, piece)
    except RuntimeError:  # the interpreter is ending and starts no more threads
        digester.update(piece)
        done: Future[None] = Future()
        done.set_result(None)
        return done
