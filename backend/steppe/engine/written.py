"""The files that a step wrote, moved and removed, put back on a hit; what a person has edited since is kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable

from steppe.errors import CannotMove
from steppe.store.store import Store
from steppe.types import FileOutput
from steppe.worker import contents
from steppe.worker.places import Places
from steppe.worker.trace import unseen
from steppe.worker.undo import PART


class Written:
    """A result's files on their way back to the disk.

    Attributes:
        notes: what the user should be told: files of theirs that were kept.
    """

    def __init__(self, places: Places, store: Store, is_ours: Callable[[str], bool]) -> None:
        """Take what is needed.

        Args:
            places: how files are called on this machine.
            store: where their bytes are.
            is_ours: tells whether a file is as some step left it.
        """
        self.places = places
        self.store = store
        self.is_ours = is_ours
        self.notes: list[str] = []

    def check(self, files: tuple[FileOutput, ...]) -> None:
        """See that what is on the disk does not stand in the way.

        Raises:
            CannotMove: it does.
        """
        gone = {self.places.path(file.path) for file in files if file.blob is None}
        for file in files:
            path = self.places.path(file.path.rstrip("/"))
            there = contents.presence(path)
            if file.blob is None and not file.path.endswith("/"):
                if there == "folder" and not os.path.islink(path):
                    self._check_emptied(path, gone)
            elif there not in ("absent", "folder" if file.blob is None else "file") and path not in gone:
                raise CannotMove(f"{file.path} is a {there} now")

    def _check_emptied(self, folder: str, gone: set[str]) -> None:
        with os.scandir(folder) as entries:
            left = [entry.name for entry in entries if os.path.join(folder, entry.name) not in gone]
        if left:
            raise CannotMove(f"the folder {self.places.name(folder)}, which it removes, holds {min(left)} now")

    def put_back(self, files: tuple[FileOutput, ...]) -> None:
        """Let the disk be as the step left it."""
        with unseen():
            gone = [file for file in files if file.blob is None and not file.path.endswith("/")]
            for file in sorted(gone, key=lambda file: file.path, reverse=True):  # what is in a folder before the folder
                self._remove(file)
            for file in files:
                if file.path.endswith("/"):
                    os.makedirs(self.places.path(file.path), exist_ok=True)
                elif file.blob is not None:
                    self._write(file)

    def _remove(self, file: FileOutput) -> None:
        path = self.places.path(file.path)
        if os.path.islink(path):
            os.remove(path)
        elif os.path.isdir(path):
            os.rmdir(path)
        elif os.path.exists(path):
            self._keep_edited(file, path)
            os.remove(path)

    def _write(self, file: FileOutput) -> None:
        path = self.places.path(file.path)
        if contents.presence(path) == "file":
            if contents.file_version(path) == file.blob:
                if os.stat(path).st_mode & 0o777 != file.mode:
                    os.chmod(path, file.mode)
                return
            self._keep_edited(file, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_whole(path, self.store, file)

    def _keep_edited(self, file: FileOutput, path: str) -> None:
        """Copy a file that is neither what the step found there nor what some step left, and say so."""
        if contents.file_version(path) == file.was or self.is_ours(path):
            return
        kept = _aside(path)
        self.notes.append(f"{file.path} was edited since: your version is kept as {os.path.basename(kept)}")


def _aside(path: str) -> str:
    """Copy a file to a name beside it that is free."""
    stem, suffix = os.path.splitext(path)
    number = 1
    while os.path.exists(f"{stem}.kept-{number}{suffix}"):
        number += 1
    kept = f"{stem}.kept-{number}{suffix}"
    shutil.copy2(path, kept)
    return kept


def write_whole(path: str, store: Store, file: FileOutput) -> None:
    """Write a stored file whole or not at all."""
    folder = os.path.dirname(path) or "."
    sweep(folder, time.time())
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=PART[0], suffix=PART[1])
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(store.get(file.blob or ""))
        os.chmod(temporary, file.mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


LEFT = 3600.0
"""Seconds after which a file that was being written, and has not changed since, is one that a killed process left."""

_SWEPT: set[str] = set()


def sweep(folder: str, now: float) -> None:
    """Remove what killed processes left of files in a folder; once in each process."""
    if folder in _SWEPT:
        return
    _SWEPT.add(folder)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(PART[0]) and entry.name.endswith(PART[1]) and entry.stat().st_mtime < now - LEFT:
                with contextlib.suppress(OSError):  # another has just done so
                    os.unlink(entry.path)
