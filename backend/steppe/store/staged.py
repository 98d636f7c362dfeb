"""Bytes on their way into a local Store: digested, perhaps already in a file, and seen by nobody yet."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from steppe.store.buffers import copied, cut, flat_views
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
_PIECE = 4 << 20  # bytes that are copied, digested and written at a time: they stay in the processor's cache
_AHEAD = 2  # pieces that may wait to be written


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
        views = flat_views(chunks)
        for view in views:
            if len(held) + view.nbytes > SMALL:
                self._held = None
                self._write_and_digest(itertools.chain((memoryview(held), view), views))
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

    def _write_and_digest(self, views: Iterable[memoryview]) -> None:
        """Write and digest at the same time: both leave Python's lock to others while they work.

        What is digested is what is written: a copy, whoever changes the chunks' memory meanwhile.
        """
        from concurrent.futures import ThreadPoolExecutor

        digester = Digester()
        with reaching(self._place.root):
            self._begin()
        written = flushed = 0
        tasks: deque[tuple[Future[None], memoryview]] = deque()

        def free() -> memoryview:
            nonlocal written, flushed
            if len(tasks) < _AHEAD:
                return memoryview(bytearray(_PIECE))
            task, piece = tasks.popleft()
            with reaching(self._place.root):
                task.result()
                written += piece.nbytes
                if written - flushed >= _STEP:
                    self._files.start_flush(self._fd, flushed, written - flushed)
                    flushed = written
            return piece

        with ThreadPoolExecutor(1, "steppe-write") as aside:
            for piece in copied(views, free):
                tasks.append((self._begun(aside, piece), piece))
                digester.update(piece)
            with reaching(self._place.root):
                for task, _ in tasks:
                    task.result()
        self.digest = digester.digest()

    def _begun(self, aside: ThreadPoolExecutor, piece: memoryview) -> Future[None]:
        from concurrent.futures import Future

        try:
            return aside.submit(self._files.write, self._fd, piece)
        except RuntimeError:  # the interpreter is ending and starts no more threads
            done: Future[None] = Future()
            with reaching(self._place.root):
                self._files.write(self._fd, piece)
            done.set_result(None)
            return done


class Landing(Staged):
    """Bytes that come in any order, into a file from the first; whoever writes them finds out their digest."""

    @property
    def path(self) -> str:
        """Where the file is, until it is moved or discarded."""
        return self._path

    def begin(self, size: int) -> None:
        """Make the file, as long as it will be. Raises OSError."""
        self._held = None
        self._place.make()
        self._begin()
        self._files.extend(self._fd, size)

    def write_at(self, at: int, data: Buffer) -> None:
        """Write bytes at their place. Raises OSError."""
        self._files.write_at(self._fd, memoryview(data), at)
