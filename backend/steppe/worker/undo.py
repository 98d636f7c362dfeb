"""What a step did to files, undone: for a step that is about to run again elsewhere, as if it had never begun here.

Kept is what was there before the first write to each path that the Trace tells of. What no trace sees, and what was
sent to other programs, can't be undone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from steppe.worker import contents
from steppe.worker.places import MEMORY
from steppe.worker.trace import unseen

LARGEST = 1 << 30
"""Bytes of a file up to which a copy is kept."""

SKIPPED = ("/dev/", "/proc/", "/sys/")


class Undo:
    """Copies of what was there before a step wrote."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[str, str]] = {}
        self._folder = ""

    def keep(self, path: str) -> None:
        """Keep what is at a path now, the first time that it is about to be written."""
        if path in self._before or (path.startswith(SKIPPED) and not path.startswith(f"{MEMORY}/")):
            return
        with unseen():
            there, copy = contents.presence(path), ""
            if os.path.islink(path):
                there, copy = "link", os.readlink(path)
            elif there in ("file", "folder"):
                copy = self._copied(path, there)
            self._before[path] = there, copy

    def _copied(self, path: str, there: str) -> str:
        """Copy a file; of a folder its permissions alone, since what is in it is kept as each is written."""
        if there == "file" and os.stat(path).st_size > LARGEST:
            return ""
        self._folder = self._folder or tempfile.mkdtemp(prefix="steppe-undo-")
        copy = os.path.join(self._folder, str(len(self._before)))
        if there == "folder":
            os.mkdir(copy)
            shutil.copystat(path, copy)
        else:
            shutil.copy2(path, copy)
        return copy

    def restore(self) -> None:
        """Put everything back as it was, the last first."""
        with unseen():
            for path, (there, copy) in reversed(self._before.items()):
                with contextlib.suppress(OSError):
                    _put_back(path, there, copy)
            self._before.clear()
            self.forget()

    def forget(self) -> None:
        """Throw the copies away: what the step did stays."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""


def _put_back(path: str, there: str, copy: str) -> None:
    """Make a path what it was."""
    if there == "folder":
        os.makedirs(path, exist_ok=True)
        shutil.copystat(copy, path)
    elif there == "link":
        if not os.path.islink(path) or os.readlink(path) != copy:
            _remove(path)
            os.symlink(copy, path)
    elif there == "file" and copy:
        beside = f"{path}.steppe-undo"
        shutil.copy2(copy, beside)
        os.replace(beside, path)  # another file than the one that the step may still have open
    elif there == "absent":
        _remove(path)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)
