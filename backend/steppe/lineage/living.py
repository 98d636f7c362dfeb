"""Whether what a run says of itself still holds: a kernel that was killed could not write down its end."""

from __future__ import annotations

import os
import socket

from steppe.engine.holder import alive
from steppe.types import Run


def status_of(run: Run) -> str:
    """Return a run's status; `lost` where it should be running and its process is gone."""
    return "lost" if run.status == "running" and lives(run) is False else run.status


def lives(run: Run) -> bool | None:
    """Tell whether the process of a run that has not ended is there; None where that can't be seen from here."""
    if run.status != "running":
        return False
    if run.host != socket.gethostname() or not run.pid:
        return None
    if run.holder and alive(run.holder) is False:
        return False
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
