"""The fork server of one kernel: forks workers that are warm, watches them to their ends, and says how they ended.

It runs in a process and a session of its own, has one thread, and keeps one forked worker waiting, so that the next
step need not wait for a fork. When its kernel is gone it takes no more orders, and goes once its last worker has ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from typing import Any

import msgspec

from steppe.executors.process import child
from steppe.executors.process.folders import AttemptFolder
from steppe.executors.process.messages import READY, Hello, Order, receive
from steppe.executors.process.preload import preload
from steppe.executors.process.slots import Holder
from steppe.executors.process.start import calls_path, command
from steppe.executors.process.ward import Ward
from steppe.types import Result
from steppe.worker import readings
from steppe.worker.descriptors import Captured
from steppe.worker.rehearsal import rehearse
from steppe.worker.shell import make_shell, shell_like
from steppe.worker.task import AttemptRecord, Task


class Spare:
    """A forked worker that waits for an order."""

    def __init__(self, pid: int, orders: socket.socket, captured: tuple[Captured, ...]) -> None:
        self.pid = pid
        self.orders = orders
        self.captured = captured


class Server:
    """The server's loop.

    Attributes:
        owner: the connection to the kernel.
        wards: the workers that have orders, by pid.
    """

    def __init__(self, owner: socket.socket, hello: Hello) -> None:
        self.owner: socket.socket | None = owner
        self.hello = hello
        self.wards: dict[int, Ward] = {}
        self._spare: Spare | None = None
        self._wakes = -1
        self._selector = selectors.DefaultSelector()
        self._calls = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._calls_path = calls_path(hello.folder, os.getpid())

    def serve(self) -> None:
        """Fork and watch until the kernel is gone and nothing runs."""
        assert self.owner is not None
        woken, self._wakes = os.pipe()
        for end in (woken, self._wakes):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._calls.bind(self._calls_path)
        os.chmod(self._calls_path, 0o600)
        self._calls.setblocking(False)
        try:
            self._selector.register(woken, selectors.EVENT_READ, lambda: self._reap(woken))
            self._selector.register(self.owner, selectors.EVENT_READ, self._ordered)
            self._selector.register(self._calls, selectors.EVENT_READ, self._called)
            self._fork()
            self.owner.send(READY)
            while self.owner is not None or self.wards:
                for key, _ in self._selector.select(self._until_due()):
                    key.data()
                self._look()
        finally:
            os.unlink(self._calls_path)

    # Forking

    def _fork(self) -> None:
        """Fork a worker that waits."""
        here, there = socket.socketpair()
        captured = (Captured.make(1), Captured.make(2))
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                here.close()
                self._forget()
                if not self.hello.lasts:
                    child.die_with_parent()
                status = child.live(there, captured)
            finally:
                os._exit(status)
        there.close()
        for each in captured:
            os.close(each.writer)
        self._spare = Spare(pid, here, captured)

    def _forget(self) -> None:
        """In a forked worker: let go of all that is the server's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            else:
                os.close(key.fd)
        self._selector.close()
        os.close(self._wakes)
        for ward in self.wards.values():
            ward.forget()

    def _ordered(self) -> None:
        """Hand an order of the kernel's to the worker that waits."""
        assert self.owner is not None
        try:
            data = receive(self.owner)
        except OSError:
            data = None
        if data is None:
            self._abandoned()
            return
        order = msgspec.msgpack.decode(data, type=Order)
        spare = self._hand_over(data)
        ward = self.wards[spare.pid] = Ward(spare.pid, order, spare.captured, self.hello.grace)
        self._selector.register(spare.orders, selectors.EVENT_READ, lambda: self._told(spare))
        if AttemptFolder(order.folder).cancelled:  # before anybody listened for that
            ward.end("cancelled", "it was cancelled")
        self._fork()

    def _hand_over(self, data: bytes) -> Spare:
        """Give an order to the worker that waits, or to a new one where somebody has killed that."""
        while True:
            if self._spare is None:
                self._fork()
            spare, self._spare = self._spare, None
            assert spare is not None
            try:
                spare.orders.sendall(len(data).to_bytes(4, "little") + data)
            except OSError:
                spare.orders.close()
                continue
            return spare

    def _told(self, spare: Spare) -> None:
        """Hear that a worker has its slots; or that it is gone, of which its end will tell more."""
        data = b""
        with contextlib.suppress(OSError):
            data = spare.orders.recv(1)
        if data and spare.pid in self.wards:
            self.wards[spare.pid].runs()
            return
        self._selector.unregister(spare.orders)
        spare.orders.close()

    def _abandoned(self) -> None:
        """The kernel is gone: keep nothing ready, and let what runs go on, where it may."""
        assert self.owner is not None
        self._selector.unregister(self.owner)
        self.owner.close()
        self.owner = None
        if self._spare is not None:
            self._spare.orders.close()
            self._spare = None
        for ward in () if self.hello.lasts else self.wards.values():
            ward.end("lost", "whoever launched it is gone", at_once=True)

    # Watching

    def _called(self) -> None:
        """Cancel the attempt that a message names."""
        with contextlib.suppress(BlockingIOError):
            attempt = self._calls.recv(4096).decode()
            for ward in self.wards.values():
                if ward.order.launch.attempt == attempt:
                    ward.end("cancelled", "it was cancelled")

    def _reap(self, woken: int) -> None:
        """Take the ends of workers; whatever they have left running in their group goes with them."""
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        while True:
            try:
                found: Any = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            if found.si_pid in self.wards:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(found.si_pid, signal.SIGKILL)
            _, status = os.waitpid(found.si_pid, 0)
            ward = self.wards.pop(found.si_pid, None)
            if ward is not None:
                ward.ended(status)
                ward.close()
            elif self._spare is not None and self._spare.pid == found.si_pid:
                self._spare.orders.close()
                self._spare = None

    def _until_due(self) -> float | None:
        if not self.wards:
            return None
        return max(0.0, min(ward.due() for ward in self.wards.values()) - time.monotonic())

    def _look(self) -> None:
        now = time.monotonic()
        due = [ward for ward in self.wards.values() if ward.due() <= now]
        if due:
            found = readings.read(ward.pid for ward in due)
            for ward in due:
                ward.look(found.get(ward.pid))


def _warm() -> None:
    """Do once, before any fork, what each worker would do again: late imports, and how its messages are decoded."""
    for name in LATE:
        importlib.import_module(name)
    for kind in (Order, Holder, Task, AttemptRecord, Result):
        msgspec.msgpack.Decoder(kind)
    for module, name in SHELLS:
        shell_like(module, name)
    with contextlib.suppress(Exception):  # then each worker does it by itself
        for _ in range(REHEARSALS):
            rehearse()


REHEARSALS = 10
"""Calls after which Python has put faster instructions into a function's code: all workers share them."""

SHELLS = (
    ("ipykernel.zmqshell", "ZMQInteractiveShell"),
    ("IPython.terminal.interactiveshell", "TerminalInteractiveShell"),
    ("IPython.core.interactiveshell", "InteractiveShell"),
)
"""The usual shells of kernels: a worker's shell is called like its kernel's."""

LATE = ("IPython.core.logger", "bdb", "steppe.values.format_json", "steppe.values.container")
"""Modules that a worker's first step would import."""


def main(descriptor: int, text: str) -> int:
    """Serve the kernel at the other end of a connection.

    Args:
        descriptor: the connection.
        text: the Hello, as JSON.
    """
    hello = msgspec.json.decode(text, type=Hello)
    owner = socket.socket(fileno=descriptor)
    os.chdir("/")
    unsafe = preload(hello.preload, hello.ours)
    if unsafe:
        less = tuple(name for name in hello.preload if name != unsafe)
        os.set_inheritable(descriptor, True)
        arguments = command(descriptor, msgspec.structs.replace(hello, preload=less))
        os.execv(arguments[0], arguments)  # the same program: what it has imported now can't be forked
    sys.argv[:] = hello.argv
    streams = sys.stdout, sys.stderr
    make_shell(lambda _: None)
    sys.stdout, sys.stderr = streams
    _warm()
    gc.collect()
    gc.freeze()
    gc.disable()
    Server(owner, hello).serve()
    return 0
