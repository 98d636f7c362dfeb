"""What is left of raised clusters on this machine, and how tests wait for it to go."""

import os

import psutil
import pytest

from steppe.executors.ray.reaper import MARK
from tests.integration.ray.conftest import until


def marked():
    """Return the processes of all raised clusters, by the mark of each."""
    found = {}
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(MARK)
        except (psutil.Error, OSError):
            continue
        if mark:
            found.setdefault(mark, []).append(process)
    return found


long = pytest.mark.skipif(int(os.environ.get("STEPPE_KILLS", "0")) < 200, reason="each raises a cluster: make crash")


def gone(mark, seconds=60):
    """Wait until no process of a cluster is left."""
    until(lambda: mark not in marked(), seconds)
