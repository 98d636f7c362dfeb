"""How a kernel reaches its driver: one for each user, cluster and interpreter, started where there is none."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import msgspec
from blake3 import blake3

from steppe.executors.process.capacity import capacity
from steppe.executors.process.folders import attempts_folder
from steppe.executors.process.messages import receive
from steppe.executors.ray.messages import DESK, Answer, Ask, Node, Wish
from steppe.threads import OurThread
from steppe.worker.trace import unseen

PROGRAM = (
    "import sys, json; told = sys.argv[2]; sys.path[:] = json.loads(told)['path']; "
    "from steppe.executors.ray.driver import main; sys.exit(main(int(sys.argv[1]), told))"
)
"""What the driver's interpreter runs: it finds modules where the kernel does."""

PATIENCE = 120.0
"""Seconds within which Ray has to be reached, or started."""

Hear = Callable[[Answer], None]


class Connection:
    """A kernel's connection to its driver.

    Attributes:
        state: what the driver has said of itself; None until it has.
        waits: for what it waits until then, in words.
    """

    def __init__(self, reached: socket.socket) -> None:
        """Talk to the driver at the other end."""
        self.state: Answer | None = None
        self.waits = ""
        self._socket = reached
        self._lock = threading.Lock()
        self._said = threading.Condition()
        self._hear: dict[int, Hear] = {}
        self._last = 0
        self._closed = self._closing = False
        OurThread(target=self._read, name="steppe-ray", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it can be used: a driver that has failed to reach Ray is not asked again."""
        return not self._closed and not (self.state is not None and self.state.error)

    def ask(self, hear: Hear, **what: object) -> int:
        """Ask something; each answer is handed to `hear`, in a thread of ours. Return the number of what was asked."""
        with self._lock:
            self._last += 1
            number = self._last
            self._hear[number] = hear
        self._send(Ask(id=number, **what))  # type: ignore[arg-type]
        if self._closed:
            self._lost(number)
        return number

    def forget(self, number: int) -> None:
        """Hear no more answers."""
        self._hear.pop(number, None)
        if self._closing and not self._hear:
            self._hang_up()

    def wait_ready(self, timeout: float = PATIENCE) -> str:
        """Wait until Ray is reached, and longer while its driver waits for room; return why it can't be, or nothing."""
        with self._said:
            while self.state is None and not self._closed:
                waited = self.waits
                if not self._said.wait_for(lambda: self.state is not None or self._closed, timeout) and not waited:
                    break
        if self.state is None:
            return "the process that reaches Ray for this kernel has died" if self._closed else "Ray does not answer"
        return self.state.error

    def nodes(self) -> tuple[Node, ...]:
        """Return what the cluster's nodes have."""
        answers: list[Answer] = []
        there = threading.Event()

        def hear(answer: Answer) -> None:
            answers.append(answer)
            there.set()

        number = self.ask(hear, verb="nodes")
        there.wait(PATIENCE)
        self.forget(number)
        return answers[0].nodes if answers else ()

    def cancel(self, attempt: str) -> None:
        """Have an attempt ended."""
        self._send(Ask(id=0, verb="cancel", attempt=attempt))

    def close(self) -> None:
        """Let go of the driver, once nothing is followed any more."""
        self._closing = True
        if not self._hear:
            self._hang_up()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _send(self, ask: Ask) -> None:
        data = msgspec.msgpack.encode(ask)
        with self._lock, contextlib.suppress(OSError):
            self._socket.sendall(len(data).to_bytes(4, "little") + data)

    def _read(self) -> None:
        with unseen():
            data: bytes | None = b""
            while data is not None:
                try:
                    data = receive(self._socket)
                except OSError:
                    data = None
                if data is not None:
                    self._told(msgspec.msgpack.decode(data, type=Answer))
            with self._said:
                self._closed = True
                self._said.notify_all()
            for number in list(self._hear):
                self._lost(number)
            self._socket.close()

    def _told(self, answer: Answer) -> None:
        if answer.id:
            hear = self._hear.get(answer.id)
            if hear is not None:
                hear(answer)
            if answer.gone or answer.error or (answer.batch is not None and answer.batch.end is not None):
                self.forget(answer.id)  # an attempt that nobody follows to its end must not keep the driver
            return
        with self._said:
            if answer.waits is not None:
                self.waits = answer.waits
            else:
                self.state = answer
            self._said.notify_all()

    def _lost(self, number: int) -> None:
        hear = self._hear.pop(number, None)
        if hear is not None:
            hear(Answer(id=number, gone=True))


def reach(address: str, *, start: bool = True, wish: Wish | None = None) -> Connection | None:
    """Connect to the driver for a cluster; where there is none, it is started, or None is returned.

    Args:
        address: of the cluster; for one that is raised, any text that names it.
        start: whether to start a driver.
        wish: the cluster that the driver is to raise.
    """
    folder = attempts_folder(os.environ)
    digest = blake3(f"{folder}\0{address}\0{sys.prefix}\0{DESK}".encode()).hexdigest(8)
    path = f"{folder}/ray-{digest}.socket"
    if len(os.fsencode(path)) > 100:
        path = f"/tmp/steppe-{os.geteuid()}-ray-{digest}.socket"  # noqa: S108  # a socket's name is short
    with open(f"{folder}/ray-{digest}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _connected(path)
        if found is None and start:
            _start(path, address, f"{folder}/ray-{digest}.log", wish)
            found = _connected(path)
    return None if found is None else Connection(found)


def _connected(path: str) -> socket.socket | None:
    made = socket.socket(socket.AF_UNIX)
    try:
        made.connect(path)
    except OSError:
        made.close()
        return None
    return made


def _start(path: str, address: str, log_path: str, wish: Wish | None) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
    here = capacity(os.environ)
    told = {
        "path": sys.path,
        "socket": path,
        "address": "" if wish is not None else address,
        "wish": msgspec.to_builtins(wish),
        "options": {"num_cpus": max(1, int(here.cpu)), "num_gpus": len(here.gpus), "include_dashboard": False},
    }
    with socket.socket(socket.AF_UNIX) as listener, open(log_path, "wb") as log:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(64)
        command = [sys.executable, "-c", PROGRAM, str(listener.fileno()), msgspec.json.encode(told).decode()]
        process = subprocess.Popen(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    OurThread(target=process.wait, name="steppe-ray-driver", daemon=True).start()
