"""Removes what a crash left under way. Knows nothing of what the files are."""

from __future__ import annotations

import contextlib
import os

from steppe.store.files import Files, is_locked

_AGE = 3600 * 10**9  # nanoseconds


def sweep(folder: str, files: Files, now: int) -> None:
    """Remove the files in `folder` that nobody has written to for an hour and nobody holds a lock on.

    Args:
        folder: of files under way.
        files: see there.
        now: nanoseconds since 1970.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_mtime_ns + _AGE < now and not is_locked(entry.path):
                    files.unlink(entry.path)
