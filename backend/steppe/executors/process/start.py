"""How a kernel starts its fork server, and where that is reached."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys

import msgspec
from blake3 import blake3

from steppe.executors.process.folders import started
from steppe.executors.process.messages import READY, Hello, Order, pack

PROGRAM = (
    "import sys, json; hello = sys.argv[2]; sys.path[:] = json.loads(hello)['path']; "
    "from steppe.executors.process.server import main; sys.exit(main(int(sys.argv[1]), hello))"
)
"""What the server's interpreter runs: it finds modules where the kernel does."""


LONGEST = 100
"""Bytes of a socket's name that every system takes."""


def command(descriptor: int, hello: Hello) -> list[str]:
    """Return the command line of a server that answers at a descriptor."""
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001  # as multiprocessing does
    return [sys.executable, *flags, "-c", PROGRAM, str(descriptor), msgspec.json.encode(hello).decode()]


def calls_path(folder: str, pid: int) -> str:
    """Return where a server hears of attempts that are to be cancelled.

    The name of a socket has 108 bytes at most, so a folder with a long name can't hold it.
    """
    path = f"{folder}/server-{pid}.socket"
    if len(os.fsencode(path)) <= LONGEST:
        return path
    return f"/tmp/steppe-{os.geteuid()}-{blake3(os.fsencode(folder)).hexdigest(8)}-{pid}.socket"  # noqa: S108  # short


def remove_traces(folder: str) -> None:
    """Remove what servers have left that were killed: their sockets, and their logs once whoever began them is gone."""
    for name in os.listdir(folder):
        found = re.fullmatch(r"server-(?:of-)?(\d+)(?:-\d+\.log|\.socket)", name)
        if found is not None and not started(int(found[1])):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{folder}/{name}")


class ServerProcess:
    """A fork server, seen from its kernel.

    Attributes:
        pid: its process.
        preloaded: the modules that it was told to import.
    """

    def __init__(self, hello: Hello) -> None:
        """Start it; orders may be sent at once, and wait until it is ready."""
        self.preloaded = frozenset(hello.preload)
        self._connection, far = socket.socketpair()
        self._log_path = f"{hello.folder}/server-of-{os.getpid()}-{far.fileno()}.log"
        with far, open(self._log_path, "wb") as log:
            self._process = subprocess.Popen(
                command(far.fileno(), hello),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[far.fileno()],
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._ready = False

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it has imported what it was told to, and can fork."""
        if not self._ready:
            try:
                self._ready = self._connection.recv(1, socket.MSG_DONTWAIT) == READY
            except OSError:
                return False
        return self._ready

    def send(self, order: Order) -> None:
        """Send an order.

        Raises:
            OSError: the server is gone.
        """
        self._connection.sendall(pack(order))

    def why_it_died(self) -> str:
        """Return the last line that it wrote."""
        try:
            with open(self._log_path, errors="replace") as log:
                lines = log.read().strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"

    def close(self) -> None:
        """Let go of it: it ends once nothing runs in it any more."""
        self._connection.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:  # it looks after what still runs
            return
        finally:
            if os.path.exists(self._log_path):
                os.unlink(self._log_path)
