"""What a kernel and its fork server say to each other: MessagePack, each message after its length in four bytes."""

from __future__ import annotations

import socket

import msgspec

from steppe.executors.executor import Launch
from steppe.executors.process.capacity import Capacity
from steppe.types import Struct

READY = b"+"
"""What the server sends, once, when it is ready to fork."""

RUNS = b"r"
"""What a worker sends to its server when it has its slots: from then on its time counts."""


class Hello(Struct, frozen=True, kw_only=True):
    """What a server is told first.

    Attributes:
        path: `sys.path` of the kernel.
        argv: `sys.argv` of the kernel.
        preload: modules to import, where they can be.
        ours: folders whose modules are the project's own, and so are never imported.
        folder: this user's folder of attempts.
        grace: seconds between asking a worker to end and making it.
        lasts: whether workers under way go on once whoever launches them is gone.
    """

    path: tuple[str, ...]
    argv: tuple[str, ...]
    preload: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    folder: str
    grace: float = 3.0
    lasts: bool = True


class Order(Struct, frozen=True, kw_only=True):
    """A launch, ready for a worker.

    Attributes:
        launch: what to launch.
        environ: the complete environment, as bytes.
        folder: the attempt's folder.
        slots: the folder of the machine's slots; empty where somebody else counts what is free.
        capacity: what the machine has.
        given: variables of the environment that are set for this worker alone, and so are no inputs of its step.
    """

    launch: Launch
    environ: list[tuple[bytes, bytes]]
    folder: str
    slots: str
    capacity: Capacity
    given: tuple[str, ...] = ()


def pack(message: Struct) -> bytes:
    """Return a message as it is sent."""
    data = msgspec.msgpack.encode(message)
    return len(data).to_bytes(4, "little") + data


def receive(connection: socket.socket) -> bytes | None:
    """Wait for one message and return its bytes; None where the other end is closed."""
    head = _exactly(connection, 4)
    return None if head is None else _exactly(connection, int.from_bytes(head, "little"))


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    found = bytearray()
    while len(found) < size:
        data = connection.recv(size - len(found))
        if not data:
            return None
        found += data
    return bytes(found)
