"""What each of Ray's own worker processes does first in a cluster that was raised: what its tasks read is the step's.

Ray runs `begin` before anything else there, since the environment of the cluster says so.
"""

from __future__ import annotations

import os

from steppe.executors.ray.task import RAYS_OWN
from steppe.worker.children import join
from steppe.worker.companions import FAMILY_FOLDER, accompany
from steppe.worker.trace import activate, active

BEGIN = f"{__name__}.begin"
"""What the variable `task.HOOK` says."""


def begin() -> None:
    """Take part in what the step is traced for that the cluster was raised for."""
    folder = os.environ.get(FAMILY_FOLDER, "")
    if folder:
        accompany()
        join(folder, [name for name in os.environ if name.startswith(RAYS_OWN)])


def stand_aside() -> None:
    """Take no part after all: this process is Steppe's own, and no task of the step's."""
    noted = active()
    if noted is not None and noted.share is not None:
        noted.share.silent = True
    activate(None)
