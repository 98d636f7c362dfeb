"""What C code and child processes write to descriptors 1 and 2, shown as the step's own output.

They write to files, not to pipes: code that holds the interpreter while it prints can't wait for a reader that needs
the interpreter to read. Whoever started the worker may hold the same files open: the place up to which they were read
is shared, so what a worker wrote just before it crashed can still be told.
"""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from steppe.threads import OurThread

PAUSE = 0.05
"""Seconds between two looks at what was written."""


class Captured:
    """One of the standard descriptors: where it writes, and how that is read.

    Attributes:
        number: 1 or 2.
        reader: a descriptor that reads what was written.
    """

    def __init__(self, number: int, writer: int, reader: int) -> None:
        self.number = number
        self.writer = writer
        self.reader = reader
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @classmethod
    def make(cls, number: int) -> Captured:
        """Make the file for a descriptor; it has no name, and is gone with the last process that has it open."""
        handle, path = tempfile.mkstemp(prefix="steppe-output-")
        writer = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.unlink(path)
        return cls(number, writer, handle)

    def install(self) -> None:
        """Let the standard descriptor write there, in this process and in those that it starts."""
        os.dup2(self.writer, self.number)
        os.close(self.writer)

    def read(self, *, last: bool = False) -> str:
        """Return what was written since the last look."""
        found = []
        while data := os.read(self.reader, 1 << 16):
            found.append(self._decoder.decode(data))
        if last:
            found.append(self._decoder.decode(b"", final=True))
        return "".join(found)


class Descriptors:
    """The captured descriptors of a worker, and a thread that looks at them while the step runs."""

    def __init__(self, captured: tuple[Captured, ...]) -> None:
        self.captured = captured
        self._streams: dict[int, Any] = {}
        self._lock = threading.Lock()
        self._looking = 0
        self._thread: threading.Thread | None = None
        self._begun = threading.Event()
        self._done = threading.Event()

    def prepare(self) -> None:
        """Start the thread, which waits for the step: where all cores are busy, that takes milliseconds."""
        if self.captured and self._thread is None:
            self._thread = OurThread(target=self._watch, name="steppe-descriptors", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Show what was written since the last look, so that it comes before what is shown next."""
        if not self._streams or self._looking == threading.get_ident():
            return
        with self._lock:
            if not self._streams:  # the last look was taken meanwhile
                return
            self._looking = threading.get_ident()
            try:
                for captured in self.captured:
                    text = captured.read(last=self._done.is_set())
                    if text:
                        self._streams[captured.number].write(text)
            finally:
                self._looking = 0

    @contextlib.contextmanager
    def shown_by(self, out: Any, err: Any) -> Iterator[None]:
        """Show what is written meanwhile through the streams `out` and `err`."""
        self._streams = {1: out, 2: err}
        self.prepare()
        self._begun.set()
        try:
            yield
        finally:
            self._done.set()
            if self.captured:
                _flush()
                self.look()
            with self._lock:
                self._streams = {}

    def _watch(self) -> None:
        self._begun.wait()
        while not self._done.wait(PAUSE):
            self.look()


def _flush() -> None:
    """Write out what C's own streams hold back."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)
