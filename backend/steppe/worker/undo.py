"""What a step did to files, undone: for a step that is about to run again elsewhere, as if it had never begun here.

Kept is what was there before the first write to each path that the Trace tells of. What no trace sees, and what was
sent to other programs, can't be undone. What is seen and can't be undone is told: the step must not run again then.
"""

from __future__ import annotations

import os
import shutil
import tempfile

from steppe.worker import contents
from steppe.worker.places import MEMORY
from steppe.worker.trace import unseen

LARGEST = 1 << 30
"""Bytes of a file up to which a copy is kept."""

PART = ".steppe-", ".part"
"""How the names of files begin and end that are written beside another before they take its place."""

SKIPPED = ("/dev/", "/proc/", "/sys/")


class Undo:
    """Copies of what was there before a step wrote."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[str, str]] = {}
        self._uncopied: dict[str, tuple[contents.Status | None, str]] = {}
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
            self._before.setdefault(path, (there, copy))

    def _copied(self, path: str, there: str) -> str:
        """Copy a file; of a folder its permissions alone, since what is in it is kept as each is written."""
        now = contents.status(path)
        if there == "file" and now is not None and now.size > LARGEST:
            self._uncopied[path] = now, "too large to keep a copy"
            return ""
        try:
            return self._copy(path, there)
        except OSError as error:  # a full disk, say
            self._uncopied[path] = now, str(error.strerror or error)
            return ""

    def _copy(self, path: str, there: str) -> str:
        self._folder = self._folder or tempfile.mkdtemp(prefix="steppe-undo-")
        copy = os.path.join(self._folder, str(len(self._before)))
        if there == "folder":
            os.mkdir(copy)
            shutil.copystat(path, copy)
        else:
            shutil.copy2(path, copy)
        return copy

    def restore(self) -> list[str]:
        """Put everything back as it was, the last first; return what stays changed, and why, in words."""
        left: list[str] = []
        with unseen():
            for path, (there, copy) in reversed(self._before.items()):
                if path in self._uncopied:
                    was, why = self._uncopied[path]
                    if contents.status(path) != was:
                        left.append(f"{path} ({why})")
                    continue
                try:
                    _put_back(path, there, copy)
                except OSError as error:
                    left.append(f"{path} ({error.strerror or error})")
            self._before.clear()
            self._uncopied.clear()
            self.forget()
        return left[::-1]

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
    elif there == "file":
        beside = os.path.join(os.path.dirname(path), f"{PART[0]}{os.getpid()}{PART[1]}")
        shutil.copy2(copy, beside)
        os.replace(beside, path)  # another file than the one that the step may still have open
    elif there == "absent":
        _remove(path)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)
