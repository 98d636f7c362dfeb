"""The seam between the engine and the places where a task can run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from steppe.settings import Project
from steppe.types import Digest, Resources, Struct
from steppe.worker.events import Event


class Launch(Struct, frozen=True, kw_only=True):
    """What an executor is asked to launch.

    Attributes:
        task: the Task's blob in the Store.
        attempt: the attempt's id: the name of its records in the Store.
        store: the Store's URL or path, as the worker opens it.
        tier: the folder on this machine for copies of what a Store elsewhere holds; empty to let the worker choose.
        resources: what to set aside for it.
        timeout: seconds after which it is ended, or None.
        label: words for people: the notebook and the step.
        folder: the working directory to begin in.
        environ: variables of the environment to set (None: to remove) beside those of this process.
        body: the Task's bytes, for an executor that hands them to its worker; empty where that is to read the blob.
        root: the project's root.
        key: the CacheKey, or None for a step that is not cached.
        owner: whose it is, for labels: `project`, `user`, `notebook`, `step`, `run`.
        pod: what its profile asks of a cluster, as `analysis.pod_options` reads it.
        program: the module that is run there, with a worker's arguments.
        rights: whether it may use the rights of its service account: to launch others.
    """

    task: Digest
    attempt: str
    store: str
    tier: str = ""
    resources: Resources = Resources()
    timeout: float | None = None
    label: str = ""
    folder: str = ""
    environ: dict[str, str | None] = {}
    body: bytes = b""
    root: str = ""
    key: Digest | None = None
    owner: dict[str, str] = {}
    pod: dict[str, Any] = {}
    program: str = "steppe.worker"
    rights: bool = False


class End(Struct, frozen=True, kw_only=True):
    """How an attempt ended.

    Attributes:
        how: `done` (look into its record), `cancelled`, `timeout`, `killed` (a signal, the OOM killer), `lost` (where
            it ran is gone: a node, an eviction), `failed` (it ended without a record), `refused` (it could never start
            here), `left` (it goes on, and can't be followed any more).
        why: one sentence for people: `killed by the OOM killer; last reading 15.2 GiB of 16 GiB`.
        again: whether another try may go better: an infrastructure's failure, not the code's.
        usage: the peak readings.
    """

    how: str
    why: str = ""
    again: bool = False
    usage: dict[str, float] = {}


class Flight(ABC):
    """One attempt under way. Made by `Executor.launch` or `Executor.attach`."""

    handle: str
    """What finds this attempt again from another process: kept in the Catalog with the attempt."""

    attempt: str = ""
    """The attempt that is followed, where that is another's: one for the same key was under way already."""

    @property
    def image(self) -> str:
        """The container's image that it runs in, with its digest; empty where there is none, or it is not known yet."""
        return ""

    @property
    @abstractmethod
    def queued(self) -> str:
        """What it waits for, in words (`a free GPU`), or nothing once it runs."""

    @abstractmethod
    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed.

        An interrupt (KeyboardInterrupt) leaves the attempt running; following goes on where it stopped.

        Returns:
            The end, or None where it still runs.
        """

    @abstractmethod
    def cancel(self) -> None:
        """End it: asked to first, made to after a grace of a few seconds. Its end is then `cancelled`."""


class Executor(ABC):
    """Launches tasks somewhere, follows them, cancels them, and explains their deaths."""

    name: str

    carries: bool = False
    """Whether its workers see nothing of this machine's disk, so that modules and files have to go along."""

    hands_over: bool = False
    """Whether it hands `Launch.body` to the worker, so that the Task may still be on its way to the Store."""

    @classmethod
    def of(cls, project: Project) -> Executor:
        """Make the executor of a project."""
        del project
        return cls()

    @abstractmethod
    def fits(self, resources: Resources, pod: dict[str, Any] | None = None) -> str:
        """Return nothing where a task with these resources could ever run here, else what is missing, in words.

        Args:
            resources: what it asks for.
            pod: what its profile asks of a cluster.
        """

    def whole(self, pod: dict[str, Any]) -> dict[str, Any]:
        """Return what a step's profile asks of a cluster, over what holds there for every step."""
        return pod

    def room(self, resources: Resources) -> int:
        """Return how many tasks with these resources it is of use to have under way at once."""
        del resources
        return 32

    @abstractmethod
    def launch(self, launch: Launch) -> Flight:
        """Launch a task and return at once; it may wait for resources first.

        Where an attempt for the same key and the same store is under way here, that one is followed: see
        `Flight.attempt`.

        Raises:
            UsageError: it can never run here; says what is missing.
        """

    def handle(self, attempt: str) -> str:
        """Return the handle that an attempt will have, to be written down before it is launched; empty if not known."""
        del attempt
        return ""

    @abstractmethod
    def attach(self, handle: str) -> Flight | None:
        """Return the attempt that `handle` names, launched perhaps by another process; None where it is gone."""

    def sweep(self, older: float, *, dry: bool = False) -> int:
        """Remove what attempts have left here that are over and that nobody followed to the end; return how many.

        Args:
            older: seconds since when nothing has changed there.
            dry: only count them.
        """
        del older, dry
        return 0

    @abstractmethod
    def close(self) -> None:
        """Let go of idle workers and helpers; attempts under way go on."""


__all__ = ["End", "Event", "Executor", "Flight", "Launch"]
