"""The first process of a worker that nobody else watches, in a pod say: forks the worker and keeps watch over it.

It loads next to nothing, writes what the worker tells as lines to standard output, reads what it uses, ends it at its
timeout or where it is told to end itself, takes in orphans, and says at last how the worker ended.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable

from steppe.types import Shown
from steppe.worker import readings
from steppe.worker.cgroups import oom_kills, peak, said
from steppe.worker.deaths import LADDER, death, too_much
from steppe.worker.descriptors import Captured
from steppe.worker.events import Event, Frames
from steppe.worker.lines import LineWriter
from steppe.worker.readings import Reading

EVERY = 1.0
"""Seconds between two readings."""

RUNG = 3.0
"""Seconds between asking the worker to end and telling it, and then making it."""

NEAR = 0.9
"""The part of its limit from which on a worker that the OOM killer struck is known to have used too much itself."""

Body = Callable[[int, tuple[Captured, ...]], int]
"""What the worker does: gets the descriptor for its events and its captured ones; returns its exit status."""


class Keeper:
    """Watches one worker to its end.

    Attributes:
        ending: how it is being ended (`cancelled`, `timeout`, `memory`), or empty.
    """

    def __init__(
        self,
        out: LineWriter,
        *,
        timeout: float | None = None,
        memory: int | None = None,
        devices: Callable[[], dict[str, float]] | None = None,
    ) -> None:
        """Prepare.

        Args:
            out: takes the lines.
            timeout: seconds for which the worker may run.
            memory: the bytes that it may use, for words.
            devices: tells what its GPUs do, where it has some.
        """
        self.ending = ""
        self._why = ""
        self._out = out
        self._timeout = timeout
        self._memory = memory
        self._devices = devices
        self._captured = (Captured.make(1), Captured.make(2))
        self._frames = Frames()
        self._done: Event | None = None
        self._last = Reading()
        self._peak: dict[str, float] = {}
        self._rung = 0
        self._next_rung = 0.0
        self._killed_before = oom_kills()
        self._selector = selectors.DefaultSelector()
        self._pid = 0

    def keep(self, body: Body) -> int:
        """Fork the worker and stay until it has ended.

        Returns:
            0 where the worker did its work, whatever became of it; else what a shell would return.
        """
        woken, wakes = os.pipe()
        for end in (woken, wakes):
            os.set_blocking(end, False)
        told, tells = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                for end in (woken, wakes, told):
                    os.close(end)
                os.setsid()
                for captured in self._captured:
                    captured.install()
                status = body(tells, self._captured)
            finally:
                os._exit(status)
        os.close(tells)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end("cancelled", "it was cancelled"))
        self._selector.register(told, selectors.EVENT_READ, lambda: self._hear(told))
        self._selector.register(woken, selectors.EVENT_READ, lambda: _drain(woken))
        status = self._watch()
        self._hear(told)
        return self._say(status)

    def _watch(self) -> int:
        """Hand on and read until the worker has ended; return its status."""
        began = time.monotonic()
        due = began
        while True:
            now = time.monotonic()
            status = self._reaped()
            if status is not None:
                return status
            if now >= due:
                self._look()
                due = now + EVERY
            if self._timeout is not None and now >= began + self._timeout:
                self._end("timeout", f"it ran longer than its timeout of {self._timeout:g} s")
            if self.ending and now >= self._next_rung:
                self._climb(now)
            until = [due]
            if self._timeout is not None and not self.ending:
                until.append(began + self._timeout)
            if self.ending:
                until.append(self._next_rung)
            for key, _ in self._selector.select(max(0.0, min(until) - time.monotonic())):
                key.data()

    def _reaped(self) -> int | None:
        """Take in whatever has ended; return the worker's status where it is among that."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return None
                if pid == self._pid:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(pid, signal.SIGKILL)  # whatever it has left running goes with it
                    return status
        return None

    def _hear(self, told: int) -> None:
        """Write what the worker tells."""
        data = b""
        with contextlib.suppress(OSError):
            os.set_blocking(told, False)
            data = os.read(told, 1 << 20)
        if not data and told in self._selector.get_map():
            self._selector.unregister(told)
        while data:
            for event in self._frames.add(data):
                self._done = event if event.kind == "done" else self._done
                self._out.write(event)
            try:
                data = os.read(told, 1 << 20)
            except OSError:  # nothing more now
                return

    def _look(self) -> None:
        reading = readings.read([self._pid]).get(self._pid)
        if reading is None:
            return
        self._last = reading
        usage = {"memory": float(reading.memory), "cpu_seconds": reading.cpu_seconds}
        if self._devices is not None:
            usage |= self._devices()
        self._peak = {name: max(value, self._peak.get(name, 0.0)) for name, value in usage.items()}
        self._out.write(Event(kind="usage", at=time.time(), usage=usage))

    def _end(self, how: str, why: str) -> None:
        if not self.ending:
            self.ending, self._why = how, why
            self._climb(time.monotonic())

    def _climb(self, now: float) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, LADDER[self._rung])
        self._rung = min(self._rung + 1, len(LADDER) - 1)
        self._next_rung = now + RUNG

    def _say(self, status: int) -> int:
        """Tell what the worker could not show any more, and how it ended."""
        for captured in self._captured:
            text = captured.read(last=True)
            if text:
                name = "stdout" if captured.number == 1 else "stderr"
                self._out.write(Event(kind="shown", at=time.time(), shown=Shown(kind="stream", name=name, text=text)))
        how, why, again = self._explain(status)
        data = {"how": how, "why": why, "again": again}
        self._out.write(Event(kind="over", at=time.time(), usage=self._peak, data=data))
        if how == self.ending:
            return 128 + signal.SIGTERM
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)

    def _explain(self, status: int) -> tuple[str, str, bool]:
        done = self._done.data if self._done is not None else {}
        if self.ending and done.get("status") != "succeeded":
            return self.ending, self._why, False
        if done.get("status") == "broken":
            return "failed", str(done.get("why", "")), False
        if done:
            return "done", "", False
        oom = oom_kills() > self._killed_before
        struck = oom and os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if struck and self._memory and max(peak(), self._last.memory) > NEAR * self._memory:
            return "killed", too_much(said(self._memory), said(self._last.memory) if self._last.memory else ""), False
        return death(status, oom=oom, reading=self._reading())

    def _reading(self) -> str:
        if not self._last.memory:
            return ""
        limit = f" of {said(self._memory)}" if self._memory else ""
        return f"; last memory reading {said(self._last.memory)}{limit}"


def _drain(woken: int) -> None:
    with contextlib.suppress(OSError):
        os.read(woken, 4096)
