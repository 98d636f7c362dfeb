"""What the processes of one step tell each other: a log that a process shares with its children while it is traced.

Each line is one fact that a Trace has noted, written before the thing itself is done: a child may be killed at any
time, and who gets its answer must know what it did. One number in shared memory says which log is written; 0: none;
another, that a fact of it could not be written: then what the step did is not known.
No lock is taken: a forked child may have come from a process in which another thread held it.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

_STAT = os.stat
"""The system's own: while a step is traced, that of `os` takes note of who asks."""

Tell = Callable[[str, Any, Any], None]
"""Is told which of a Trace's notes is made: its attribute, its key, its value."""


class Log:
    """The log of a process and its children.

    Attributes:
        folder: where it is.
        owner: the process whose steps are traced.
    """

    def __init__(self, folder: str = "") -> None:
        """Make one, or open that in a folder.

        Raises:
            OSError: it can't be.
        """
        self.owner = 0 if folder else os.getpid()
        self.folder = folder or tempfile.mkdtemp(prefix="steppe-children-")
        self._last = 0
        file = os.open(os.path.join(self.folder, "now"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not folder:
                os.ftruncate(file, 16)
            self._shared = mmap.mmap(file, 16)
        finally:
            os.close(file)

    @property
    def now(self) -> int:
        """The number of what is traced now; 0 where nothing is."""
        return int.from_bytes(self._shared[:8], "little")

    @property
    def torn(self) -> int:
        """The number of the last one in which a line is missing; 0 where none is."""
        return int.from_bytes(self._shared[8:], "little")

    def begin(self) -> int:
        """Begin a new one; return its number."""
        self._last += 1
        self.go_on(self._last)
        return self._last

    def go_on(self, number: int) -> None:
        """Let the children tell of this from now on, or of nothing."""
        self._shared[:8] = number.to_bytes(8, "little")

    def drop(self, number: int) -> None:
        """Remove what was told, once nobody is to hear it any more."""
        with contextlib.suppress(OSError):
            os.unlink(self._path(number))

    def tell(self, number: int, line: tuple[Any, ...]) -> None:
        """Add a line. A line goes in whole or, where the process is killed, not at all or torn."""
        data = f"\n{json.dumps((os.getpid(), *line))}\n".encode()
        try:
            file = os.open(self._path(number), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                whole = os.write(file, data) == len(data)
            finally:
                os.close(file)
        except OSError:  # a full disk, or no more files to be had
            whole = False
        if not whole:
            self._tear(number)

    def hear(self, number: int, position: int) -> tuple[Iterable[list[Any]], int]:
        """Return the lines of the other processes from a position on, and the position after them."""
        path, data = self._path(number), b""
        try:
            if _STAT(path).st_size <= position:
                return (), position
            file = os.open(path, os.O_RDONLY)
            try:
                while more := os.pread(file, 1 << 20, position + len(data)):
                    data += more
            finally:
                os.close(file)
        except FileNotFoundError:  # nobody has told anything
            return (), position
        except OSError:
            self._tear(number)
            return (), position
        whole = data[: data.rfind(b"\n") + 1]
        return [line for line in _lines(whole) if line[0] != os.getpid()], position + len(whole)

    def _tear(self, number: int) -> None:
        self._shared[8:] = number.to_bytes(8, "little")

    def remove(self) -> None:
        """Remove the log: no child is heard any more."""
        if self.owner == os.getpid():
            self.go_on(0)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> str:
        return os.path.join(self.folder, str(number))


def _lines(data: bytes) -> Iterable[list[Any]]:
    for text in data.split(b"\n"):
        if text:
            with contextlib.suppress(ValueError):  # torn: what it was to tell of was never done
                yield json.loads(text)


class Told(dict[Any, Any]):
    """Notes of a Trace, each of which is told as it is made."""

    def __init__(self, name: str, tell: Tell, had: Iterable[Any] = ()) -> None:
        super().__init__(had)
        self._name = name
        self._tell = tell

    def __setitem__(self, key: Any, value: Any) -> None:
        if key not in self or self[key] != value:
            self._tell(self._name, key, value)
        super().__setitem__(key, value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As that of a dict."""
        if key not in self:
            self[key] = default
        return self[key]

    def take(self, key: Any, value: Any) -> None:
        """Make a note that was told by another, and is told already."""
        super().__setitem__(key, value)
