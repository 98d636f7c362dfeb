"""What a kernel, its driver, the desk in the cluster and its tasks say to each other, as MessagePack."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from steppe.executors.executor import End, Launch
from steppe.types import Resources, Struct

NAMESPACE = "steppe"
DESK = f"desk-{version('steppe')}"
"""The name of the desk's actor: one for all who use a cluster with the same version of Steppe."""


class Order(Struct, frozen=True, kw_only=True):
    """A launch, ready for a node of the cluster.

    Attributes:
        launch: what to launch.
        options: of the Ray task, by Ray's names.
        asked: what the task waits for until it runs, in words.
        environ: variables for the worker (None: to remove).
        raised: whether the cluster was raised for it, so that its code is to find it.
        here: whether the node is this machine: then `environ` is the whole environment but for Ray's own.
        path: `sys.path` for workers on this machine.
        argv: `sys.argv` for workers on this machine.
        preload: modules that workers are forked with.
        ours: folders whose modules are the project's own.
        inode: of the project's folder: a node that has another one there does not see the project.
        grace: seconds between asking a worker to end and making it.
    """

    launch: Launch
    options: dict[str, Any] = {}
    asked: str = ""
    environ: dict[str, str | None] = {}
    raised: bool = False
    here: bool = True
    path: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    inode: int = 0
    grace: float = 3.0


class Wish(Struct, frozen=True, kw_only=True):
    """A cluster that a driver is to raise, as its own.

    Attributes:
        name: of the cluster: the attempt's id, or any that is new.
        resources: how many workers, and what each has.
        label: whose it is, in words.
        folder: the working directory of its tasks.
        slots: the folder of the machine's slots; empty where what it takes is held already.
        lease: seconds for which an attempt in it goes on once nobody is connected.
        family: the folder of the log in which its processes tell what they read; empty to have one made.
    """

    name: str
    resources: Resources
    label: str = ""
    folder: str = "/"
    slots: str = ""
    lease: float = 0.0
    family: str = ""


class Batch(Struct, frozen=True, kw_only=True):
    """What an attempt has told since: events as they are encoded, and its end where it has come to it."""

    events: tuple[bytes, ...] = ()
    end: End | None = None


class Node(Struct, frozen=True, kw_only=True):
    """What a node of the cluster has in all, by Ray's names."""

    resources: dict[str, float] = {}


class Ask(Struct, frozen=True, kw_only=True):
    """What a kernel asks of its driver.

    Attributes:
        id: answers carry it.
        verb: `launch`, `follow`, `cancel` or `nodes`.
        order: what to launch, encoded.
        attempt: which one to follow or to cancel.
        known: how many of its events are known.
    """

    id: int
    verb: str
    order: bytes = b""
    attempt: str = ""
    known: int = 0


class Answer(Struct, frozen=True, kw_only=True):
    """What a driver tells its kernel.

    Attributes:
        id: of what was asked; 0 for how the driver itself is.
        ready: whether Ray is reached.
        error: why something can't be done, in words.
        waits: for what the driver waits before it can raise its cluster, in words; None where that is not told of.
        address: of its cluster's head, where it has raised one.
        attempt: the attempt that is followed: another's, where one for the same key was under way.
        batch: what it has told since.
        gone: whether there is no such attempt.
        nodes: what the nodes have.
    """

    id: int = 0
    ready: bool = False
    error: str = ""
    waits: str | None = None
    address: str = ""
    attempt: str = ""
    batch: Batch | None = None
    gone: bool = False
    nodes: tuple[Node, ...] = ()
