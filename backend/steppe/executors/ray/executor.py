"""The executor `ray`: launches a Ray task for each attempt, and finds it again. It imports no Ray: its driver does."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from typing import Any

import msgspec

from steppe.errors import UsageError
from steppe.executors.executor import Executor, Launch
from steppe.executors.process import preload
from steppe.executors.process.capacity import capacity
from steppe.executors.process.folders import slots_folder
from steppe.executors.ray.flight import RayFlight
from steppe.executors.ray.messages import Node, Order, Wish
from steppe.executors.ray.options import address_of, asked, lacking, task_options
from steppe.executors.ray.room import workers_for
from steppe.executors.ray.start import Connection, reach
from steppe.settings import Project
from steppe.types import Resources

NAME = "ray"
MISSING = "the package `ray` is missing: pip install 'steppe[ray]' (Ray needs Python 3.13 or older)"
RAISED = "raised-"
"""How a handle names a cluster that was raised for its attempt."""

LEASE = 60.0
"""Seconds for which a step with a cluster of its own goes on once no kernel follows it, where nothing is said."""

AT_HEAD = {"num_cpus": 0, "resources": {"node:__internal_head__": 0.001}}
"""Where the code itself runs in such a cluster: beside its workers."""

HOLDS = 10.0
"""Seconds for which what the nodes have is not looked up again."""


class RayExecutor(Executor):
    """Runs tasks on a Ray cluster whose nodes see the project and the store; on a local one where no address is given.

    Attributes:
        name: `ray`.
        hands_over: True: the Task goes along with the order.
    """

    name = NAME
    hands_over = True

    def __init__(
        self,
        pod: dict[str, Any] | None = None,
        preload: tuple[str, ...] = (),
        ours: tuple[str, ...] = (),
        grace: float = 3.0,
    ) -> None:
        """Prepare; Ray is reached, or started, when it is first needed.

        Args:
            pod: what holds for every step, as `pod_options` reads it.
            preload: modules that workers are forked with, beside those that this process has imported.
            ours: folders whose modules are the project's own.
            grace: seconds between asking a worker to end and making it.
        """
        self._pod = dict(pod or {})
        self._preload = preload
        self._ours = ours
        self._grace = grace
        self._lock = threading.Lock()
        self._connections: dict[str, Connection] = {}
        self._nodes: dict[str, tuple[float, tuple[Node, ...]]] = {}

    @classmethod
    def of(cls, project: Project) -> RayExecutor:
        """Make the executor of a project: the profile of its name holds for all its steps."""
        from steppe.analysis.pod_options import split

        profile = project.settings.profiles.get(NAME, {})
        roots = (os.path.join(project.root, folder) for folder in project.settings.source_roots)
        ours = tuple(os.path.realpath(folder) + os.sep for folder in (project.root, *roots))
        return cls(split(profile)[1], project.settings.preload, ours)

    def whole(self, pod: dict[str, Any]) -> dict[str, Any]:
        """Return what a step's profile asks of a cluster, over what holds for every step."""
        return {**self._pod, **pod}

    def fits(self, resources: Resources, pod: dict[str, Any] | None = None) -> str:
        """Return nothing where some node of the cluster has what is asked for, else what is missing."""
        if resources.nodes > 1:
            return f"nodes={resources.nodes} was asked for, and a Ray task runs on one: several need on=kubernetes"
        if not self._connections and importlib.util.find_spec("ray") is None:
            return MISSING
        whole = self.whole(pod or {})
        if resources.workers:
            if whole.get("address"):
                return f"workers= raises a cluster, and address={whole['address']} names another: give one of the two"
            return workers_for(resources, capacity(os.environ))[1]
        try:
            address, wanted = address_of(whole, os.environ), task_options(resources, whole)
        except UsageError as error:
            return str(error).rstrip(".")
        if not address:
            custom = sorted({*wanted.get("resources", {}), *filter(None, [wanted.get("accelerator_type")])})
            if custom:
                return f"a local Ray has no {custom[0]}: give the address of a cluster that has it, in a profile"
            return "" if resources == Resources() else capacity(os.environ).missing(resources)
        if resources == Resources() and not wanted.keys() & {"resources", "accelerator_type"}:
            return ""
        if whole.get("autoscaling"):
            return ""
        read, nodes = self._nodes.get(address, (0.0, ()))
        if not read or time.monotonic() > read + HOLDS:
            connection = self._connection(address)
            if why := connection.wait_ready():
                return why
            nodes = connection.nodes()
            self._nodes[address] = time.monotonic(), nodes
        return lacking(wanted, nodes)

    def launch(self, launch: Launch) -> RayFlight:
        """Start a Ray task; it waits on the cluster by itself."""
        if missing := self.fits(launch.resources, launch.pod):
            raise UsageError(f"`{launch.label}` can't run on ray: {missing}.")
        whole = self.whole(launch.pod)
        if launch.resources.workers:
            return self._raise(launch, whole)
        address = address_of(whole, os.environ)
        order = msgspec.msgpack.encode(self._order(launch, whole, address))
        connection = self._connection(address)
        if address and (why := connection.wait_ready()):
            raise UsageError(f"`{launch.label}` can't run on ray: {why}.")
        flight = self._flight(launch.attempt, address, connection)
        flight.begin(order)
        if connection.state is not None and (answer := flight.acknowledged()).error:
            flight.leave()
            raise UsageError(f"`{launch.label}` can't run on ray: {answer.error}.")
        return flight

    def _raise(self, launch: Launch, whole: dict[str, Any]) -> RayFlight:
        """Have a driver of its own raise a cluster, and run the task at its head."""
        wish = Wish(
            name=launch.attempt,
            resources=launch.resources,
            label=launch.label,
            folder=launch.folder or "/",
            slots=slots_folder(os.environ),
            lease=whole.get("lease", LEASE),
        )
        connection = reach(RAISED + launch.attempt, wish=wish)
        assert connection is not None
        flight = self._own(launch.attempt, connection, launch.resources.workers)
        flight.begin(msgspec.msgpack.encode(self._order(launch, whole, "", raised=True)))
        return flight

    def _own(self, attempt: str, connection: Connection, workers: int = 0) -> RayFlight:
        with self._lock:
            self._connections = {name: each for name, each in self._connections.items() if each.alive}
            self._connections[RAISED + attempt] = connection
        starts = (
            f"a Ray cluster of {workers} worker{'s' * (workers != 1)}: it is being raised, which takes some seconds"
        )
        return RayFlight(f"ray:{RAISED}{attempt}/{attempt}", attempt, connection, None, starts=starts, own=True)

    def _order(self, launch: Launch, whole: dict[str, Any], address: str, *, raised: bool = False) -> Order:
        given: dict[str, str | None] = {**launch.environ, **whole.get("environment", {})}
        if not address:
            given = {**os.environ, **given}
        if raised:  # what it asks for its workers have, and it finds its own cluster, whatever the kernel would
            launch = msgspec.structs.replace(launch, resources=Resources(cpu=0))
            given = {name: value for name, value in given.items() if name != "RAY_ADDRESS"}
        seen = sorted(preload.seen(), key=preload.USUAL.index)
        return Order(
            launch=msgspec.structs.replace(launch, environ={}, pod={}),
            options=AT_HEAD if raised else task_options(launch.resources, whole),
            asked=asked(launch.resources, whole),
            environ=given,
            raised=raised,
            here=not address,
            path=() if address else tuple(sys.path),
            argv=() if address else tuple(sys.argv),
            preload=tuple(dict.fromkeys([*self._preload, *seen])),
            ours=self._ours,
            inode=_inode(launch.root),
            grace=self._grace,
        )

    def handle(self, attempt: str) -> str:
        """Return the address of the cluster that holds for every step, and the attempt.

        One with a cluster of its own has another handle, which is not known before it is launched.
        """
        return f"ray:{address_of(self._pod, os.environ)}/{attempt}"

    def attach(self, handle: str) -> RayFlight | None:
        """Return the attempt that a handle names; None where the cluster does not know it any more."""
        where, _, attempt = handle.removeprefix("ray:").rpartition("/")
        if not handle.startswith("ray:") or not attempt:
            return None
        with self._lock:
            connection = self._connections.get(where)
            if connection is None or not connection.alive:
                connection = reach(where, start=bool(where) and not where.startswith(RAISED))
            if connection is None:  # the local Ray is gone, and what ran there
                return None
            self._connections[where] = connection
        if connection.wait_ready():
            return None
        raised = where.startswith(RAISED)
        flight = self._own(attempt, connection) if raised else self._flight(attempt, where, connection)
        if not flight.joined():
            flight.leave()
            return None
        return flight

    def _flight(self, attempt: str, address: str, connection: Connection) -> RayFlight:
        again = (lambda: self._connection(address)) if address else None
        return RayFlight(f"ray:{address}/{attempt}", attempt, connection, again)

    def _connection(self, address: str) -> Connection:
        with self._lock:
            found = self._connections.get(address)
            if found is None or not found.alive:
                found = reach(address)
                assert found is not None
                self._connections[address] = found
            return found

    def close(self) -> None:
        """Let go of the drivers; attempts under way go on."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()


def _inode(root: str) -> int:
    try:
        return os.stat(root).st_ino if root else 0
    except OSError:
        return 0
