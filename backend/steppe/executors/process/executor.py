"""The executor `process`: local workers, isolated from the kernel and from each other."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

import msgspec

from steppe.errors import UsageError
from steppe.executors.executor import Executor, Flight, Launch
from steppe.executors.process import preload
from steppe.executors.process.capacity import Capacity, capacity
from steppe.executors.process.devices import VARIABLES
from steppe.executors.process.flight import ProcessFlight
from steppe.executors.process.folders import AttemptFolder, ProcessId, attempts, attempts_folder, slots_folder
from steppe.executors.process.messages import Hello, Order
from steppe.executors.process.start import ServerProcess, remove_traces
from steppe.settings import Project
from steppe.types import Resources
from steppe.worker.trace import unseen

HOLDS = 2.0
"""Seconds for which what the machine has is not looked up again: each step asks twice, and that takes a millisecond."""

FORGOTTEN = 7 * 86400.0
"""Seconds after which nobody asks any more for an attempt that is over."""


class ProcessExecutor(Executor):
    """Runs tasks in processes of this machine, forked from a server with the usual imports loaded.

    Attributes:
        name: `process`.
        hands_over: True: the order goes to the worker through a socket.
    """

    name = "process"
    hands_over = True

    def __init__(
        self,
        preload: tuple[str, ...] = (),
        ours: tuple[str, ...] = (),
        grace: float = 3.0,
        *,
        path: tuple[str, ...] = (),
        argv: tuple[str, ...] = (),
        lasts: bool = True,
    ) -> None:
        """Prepare; the server is started when it is first needed.

        Args:
            preload: modules to import before workers are forked, beside those that this process has imported.
            ours: folders whose modules are the project's own.
            grace: seconds between asking a worker to end and making it.
            path: `sys.path` of the workers; empty for this process's.
            argv: `sys.argv` of the workers; empty for this process's.
            lasts: whether workers under way go on once this process is gone.
        """
        self._path, self._argv, self._lasts = path, argv, lasts
        self._preload = preload
        self._ours = tuple(os.path.realpath(folder) + os.sep for folder in ours)
        self._grace = grace
        self._server: ServerProcess | None = None
        self._next: ServerProcess | None = None
        self._lock = threading.Lock()
        self._known: tuple[tuple[str | None, ...], float, Capacity] | None = None

    @classmethod
    def of(cls, project: Project) -> ProcessExecutor:
        """Make the executor of a project."""
        roots = (os.path.join(project.root, folder) for folder in project.settings.source_roots)
        return cls(project.settings.preload, (project.root, *roots))

    def fits(self, resources: Resources, pod: dict[str, Any] | None = None) -> str:
        """Return nothing where this machine has what is asked for, else what is missing."""
        del pod
        if not hasattr(os, "fork"):
            return "local workers need a system with fork: Linux or macOS"
        return self._capacity().missing(resources)

    def room(self, resources: Resources) -> int:
        """Return how many fit into this machine, and one that waits for its turn."""
        there = self._capacity()
        fits = [there.cpu / max(resources.cpu, 0.01)]
        if resources.gpu:
            fits.append(len(there.gpus) / resources.gpu)
        if resources.memory:
            fits.append(there.memory / resources.memory)
        return max(1, int(min(fits))) + 1

    def _capacity(self) -> Capacity:
        """Return what this machine has; looked up again after a while, for limits may change while a kernel lives."""
        asked, now = tuple(map(os.environ.get, VARIABLES)), time.monotonic()
        known = self._known
        if known is None or known[0] != asked or now > known[1] + HOLDS:
            with unseen():
                known = self._known = asked, now, capacity(os.environ)
        return known[2]

    def handle(self, attempt: str) -> str:
        """Return the folder that an attempt will have."""
        return f"{attempts_folder(os.environ)}/{attempt}"

    def launch(self, launch: Launch) -> Flight:
        """Hand a task to a worker that waits; it waits for its slots by itself."""
        there = self._capacity()
        missing = there.missing(launch.resources)
        if missing:
            raise UsageError(f"`{launch.label}` can't run on process: {missing}.")
        environ = {name: value for name, value in {**os.environ, **launch.environ}.items() if value is not None}
        return self.hand_over(launch, environ, slots_folder(os.environ), there)

    def hand_over(
        self, launch: Launch, environ: dict[str, str], slots: str, there: Capacity, given: tuple[str, ...] = ()
    ) -> ProcessFlight:
        """Hand a task to a worker that waits.

        Args:
            launch: what to launch.
            environ: the worker's whole environment.
            slots: the folder of the machine's slots; empty where somebody else counts what is free.
            there: what the machine has.
            given: variables that are set for this worker alone.
        """
        folder = AttemptFolder(self.handle(launch.attempt))
        order = Order(
            launch=msgspec.structs.replace(launch, environ={}),
            environ=[(os.fsencode(name), os.fsencode(value)) for name, value in environ.items()],
            folder=folder.path,
            slots=slots,
            capacity=there,
            given=given,
        )
        with self._lock:
            server = self._ready_server()
            folder.make(ProcessId.of(server.pid))
            flight = ProcessFlight(folder, lambda: "" if server.alive else server.why_it_died(), mine=True)
            try:
                server.send(order)
            except OSError:  # it has died since: one more try, with a new one
                self._server = None
                server = self._ready_server()
                folder.write("launch", ProcessId.of(server.pid))
                server.send(order)
        return flight

    def attach(self, handle: str) -> Flight | None:
        """Return the attempt in a folder, launched perhaps by a kernel that is gone."""
        folder = AttemptFolder(handle)
        return ProcessFlight(folder) if folder.there else None

    def sweep(self, older: float, *, dry: bool = False) -> int:
        """Remove the folders of attempts whose worker and server are gone, and that no kernel has taken over since."""
        dead = [folder for folder in attempts(attempts_folder(os.environ)) if folder.abandoned(time.time() - older)]
        for folder in () if dry else dead:
            folder.remove()
        return len(dead)

    def warm(self) -> None:
        """Start the server now, so that the first step need not wait for it."""
        with self._lock:
            self._ready_server()

    def _ready_server(self) -> ServerProcess:
        """Return the server for the next order; one that knows more imports takes over once it is ready."""
        wanted = [*self._preload, *sorted(preload.seen(), key=preload.USUAL.index)]
        if self._server is not None and not self._server.alive:
            self._server = None
        if self._server is None:
            self._server = self._start(wanted)
        if self._next is not None and self._next.ready:
            self._server.close()
            self._server, self._next = self._next, None
        elif self._next is None and not set(wanted) <= self._server.preloaded:
            self._next = self._start(wanted)
        return self._server

    def _start(self, names: list[str]) -> ServerProcess:
        with unseen():
            self.sweep(FORGOTTEN)
            remove_traces(attempts_folder(os.environ))
            return ServerProcess(
                Hello(
                    path=self._path or tuple(sys.path),
                    argv=self._argv or tuple(sys.argv),
                    preload=tuple(dict.fromkeys(names)),
                    ours=self._ours,
                    folder=attempts_folder(os.environ),
                    grace=self._grace,
                    lasts=self._lasts,
                )
            )

    def close(self) -> None:
        """Let the server go; it ends once nothing runs in it any more."""
        with self._lock:
            for server in (self._server, self._next):
                if server is not None:
                    server.close()
            self._server = self._next = None
