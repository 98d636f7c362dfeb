"""The process that ends a raised cluster once its owner is gone: killed or not, nothing of it stays.

It waits for its standard input to end, which the system sees to when the owner ends. It knows nothing of Ray.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time

import psutil

from steppe.worker.owner import messages

MARK = "RAY_STEPPE_CLUSTER"
"""The variable by which the processes of a cluster are known; what a step starts there inherits it, as all of Ray's."""

PROGRAM = (
    f"import sys; sys.path[:] = {sys.path!r}; "
    "from steppe.executors.ray.reaper import main; sys.exit(main(*sys.argv[1:]))"
)
"""What its interpreter runs."""

PAUSE = 0.1
"""Seconds between two looks."""


def members(name: str) -> list[psutil.Process]:
    """Return the processes of a cluster, those that its tasks have started too."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == name:
                found.append(process)
    return found


def reap(name: str, folder: str, *files: str) -> None:
    """Kill all that belongs to a cluster, also what is started meanwhile, and remove its files and its owner's."""
    clean = 0
    while clean < 2:
        left = members(name)
        clean = 0 if left else clean + 1
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(PAUSE)
    shutil.rmtree(folder, ignore_errors=True)
    for path in files:
        with contextlib.suppress(OSError):
            os.unlink(path)


def main(name: str, folder: str, *files: str) -> int:
    """Wait for the owner to be gone, and reap."""
    for _ in messages():
        pass
    reap(name, folder, *files)
    return 0
