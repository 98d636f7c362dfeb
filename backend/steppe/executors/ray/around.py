"""`steppe.ray_cluster`: a Ray cluster that is there for a block of code, in a cell, in a step's body, in a script."""

from __future__ import annotations

import importlib.util
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from steppe.analysis.options import from_mapping
from steppe.errors import UsageError
from steppe.executors.process.capacity import capacity
from steppe.executors.process.folders import slots_folder
from steppe.executors.ray.executor import MISSING
from steppe.executors.ray.messages import Wish
from steppe.executors.ray.reaper import MARK
from steppe.executors.ray.room import workers_for
from steppe.executors.ray.start import reach
from steppe.worker import companions
from steppe.worker.children import FAMILY
from steppe.worker.probes import GIVEN
from steppe.worker.trace import unseen

ADDRESS = "RAY_ADDRESS"


@contextmanager
def around(asked: dict[str, Any]) -> Iterator[str]:
    """Raise a cluster, let `ray.init()` find it meanwhile, and take it down.

    Args:
        asked: `workers`, `cpu`, `memory` and `gpu`, as on the magic's line.

    Raises:
        UsageError: there is no room for it, or Ray is in use already.
    """
    with unseen():
        wish = _wish(asked)
        connection = reach(wish.name, wish=wish)
        assert connection is not None
        try:
            why = connection.wait_ready()
        except BaseException:
            connection.close()
            raise
    if why or connection.state is None:
        connection.close()
        raise UsageError(f"steppe.ray_cluster(): {why}.")
    address = connection.state.address
    before = os.environ.get(ADDRESS)
    own = bool(companions.FOLDERS)
    companions.accompany()
    known = ADDRESS in GIVEN
    GIVEN.add(ADDRESS)
    os.environ[ADDRESS] = address
    try:
        yield address
    finally:
        with unseen():
            _disconnect()
            connection.close()
        os.environ.pop(ADDRESS)
        if before is not None:
            os.environ[ADDRESS] = before
        if not known:
            GIVEN.discard(ADDRESS)
        if not own:
            companions.leave()


def _wish(asked: dict[str, Any]) -> Wish:
    given = {name: value for name, value in asked.items() if value is not None}
    try:
        resources = from_mapping(given).resources
    except UsageError as error:
        error.args = (str(error).replace("%%step", "steppe.ray_cluster()", 1),)
        raise
    if importlib.util.find_spec("ray") is None:
        raise UsageError(f"steppe.ray_cluster(): {MISSING}.")
    if _connected():
        raise UsageError("steppe.ray_cluster(): Ray is initialised here already: call ray.shutdown() before.")
    if missing := workers_for(resources, capacity(os.environ))[1]:
        raise UsageError(f"steppe.ray_cluster(): {missing}.")
    log = FAMILY.ready() if FAMILY.held else None
    return Wish(
        name=f"{os.getpid()}-{secrets.token_hex(6)}",
        resources=resources,
        label="steppe.ray_cluster",
        folder=os.getcwd(),
        slots="" if _holds() else slots_folder(os.environ),
        family=log.folder if log is not None else "",
    )


def _holds() -> bool:
    """Tell whether this process holds slots of the machine already, as a step's worker does: it shares them out."""
    child: Any = sys.modules.get("steppe.executors.process.child")
    return bool(os.environ.get(MARK) or (child is not None and child.KEPT))


def _connected() -> bool:
    ray: Any = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())


def _disconnect() -> None:
    if _connected():
        sys.modules["ray"].shutdown()
