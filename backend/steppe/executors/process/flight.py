"""One attempt in a local worker, followed by its folder: from the kernel that launched it, or from another process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable

import msgspec

from steppe.executors.executor import End, Flight
from steppe.executors.process.folders import AttemptFolder, ProcessId
from steppe.executors.process.start import calls_path
from steppe.worker.events import Event, Frames

POLL = 0.5
"""Seconds after which the folder is looked at though nothing has woken us: whoever wakes us may have died."""

Explain = Callable[[], str]


class ProcessFlight(Flight):
    """An attempt in a local worker.

    Attributes:
        handle: its folder.
    """

    def __init__(self, folder: AttemptFolder, server_died: Explain = lambda: "", *, mine: bool = False) -> None:
        """Follow the attempt in a folder.

        Args:
            folder: the attempt's.
            server_died: says why the server that should fork the worker is gone; nothing while it lives.
            mine: whether this process launched it, and so removes its folder in the end.
        """
        self.handle = folder.path
        self._folder = folder
        self._server_died = server_died
        self._mine = mine
        self._waits_for = ""
        self._events = -1
        self._wake = os.open(folder.of("wake"), os.O_RDONLY | os.O_NONBLOCK) if mine else -1
        self._frames = Frames()
        self._done: Event | None = None
        self._end: End | None = None
        self._cancelled = False
        self._closed = False

    @property
    def queued(self) -> str:
        """What it waits for, in words."""
        return self._waits_for

    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._end is None:
            self._hand_on(tell)
            if self._ended() is not None:
                self._hand_on(tell)  # what it told since the last look may say more of its end
                self._end = self._ended()
                self._close()
                break
            left = POLL if until is None else min(POLL, until - time.monotonic())
            if left <= 0:
                return None
            self._sleep(left)
        return self._end

    def _hand_on(self, tell: Callable[[Event], None]) -> None:
        """Hand on what has been told since."""
        if self._events < 0:
            try:
                self._events = os.open(self._folder.of("events"), os.O_RDONLY)
            except FileNotFoundError:
                return
        while data := os.read(self._events, 1 << 20):
            for event in self._frames.add(data):
                if event.kind == "queued":
                    self._waits_for = event.data.get("for", "")
                elif event.kind == "started":
                    self._waits_for = ""
                elif event.kind == "done":
                    self._done = event
                tell(event)

    def _ended(self) -> End | None:
        """Return the end, where there is one by now."""
        done = self._done
        if done is not None and done.data.get("status") == "succeeded":
            return End(how="done", usage=done.usage)
        try:
            with open(self._folder.of("end"), "rb") as file:
                return self._told(msgspec.json.decode(file.read(), type=End))
        except FileNotFoundError:
            return self._gone()

    def _told(self, end: End) -> End:
        """Return an end with what the worker itself told of it."""
        done = self._done
        if done is None or end.how in ("cancelled", "timeout"):
            return end
        usage = {**end.usage, **{name: max(value, end.usage.get(name, 0.0)) for name, value in done.usage.items()}}
        if done.data.get("status") == "broken":
            return End(how="failed", why=str(done.data.get("why", "")), usage=usage)
        return End(how="done", usage=usage)

    def _gone(self) -> End | None:
        """Return the end of a worker that nobody watches any more."""
        if not self._folder.there:
            return End(how="done" if self._done is not None else "failed", why="somebody else has seen its end")
        worker = self._folder.process("worker")
        if worker is None:
            return self._never_began()
        if worker.alive or self._watched():
            return None
        if self._done is not None:
            return self._told(End(how="done"))
        if self._cancelled:
            return End(how="cancelled", why="it was cancelled")
        return End(how="killed", why="its worker and what watched it were killed", again=True)

    def _never_began(self) -> End | None:
        if self._watched():
            return None
        if not self._closed:
            self._closed = True
            self._folder.note_cancelled()  # for a worker that has its order, and has not said so yet
            return None
        died = self._server_died() or "it is gone"
        return End(how="failed", why=f"the server that starts workers could not start one: {died}", again=True)

    def _watched(self) -> bool:
        """Tell whether the server lives that will write down the end."""
        server = self._folder.process("launch")
        return server is not None and server.alive

    def _sleep(self, seconds: float) -> None:
        """Sleep until something is told."""
        if self._wake < 0:
            time.sleep(min(seconds, 0.05))
            return
        readable, _, _ = select.select([self._wake], [], [], seconds)
        if not readable:
            return
        with contextlib.suppress(BlockingIOError):
            if not os.read(self._wake, 4096):
                time.sleep(min(seconds, 0.002))  # nobody has it open to write yet

    def cancel(self) -> None:
        """Ask its server to end it; where that is gone, end it from here."""
        self._cancelled = True
        self._folder.note_cancelled()  # for a server that does not listen yet
        server = self._folder.process("launch")
        if server is not None and server.alive:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as call:
                call.sendto(
                    os.path.basename(self.handle).encode(), calls_path(os.path.dirname(self.handle), server.pid)
                )
                return
        worker = self._folder.process("worker")
        if worker is not None:
            threading.Thread(target=_end, args=(worker,), name="steppe-cancel", daemon=True).start()

    def _close(self) -> None:
        for descriptor in (self._events, self._wake):
            if descriptor >= 0:
                os.close(descriptor)
        self._events = self._wake = -1
        if self._mine:
            self._folder.remove()


def _end(worker: ProcessId, grace: float = 3.0) -> None:
    """End a worker that nobody watches."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if not worker.alive:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, number)
        until = time.monotonic() + grace
        while worker.alive and time.monotonic() < until:
            time.sleep(0.05)
