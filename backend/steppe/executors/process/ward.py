"""One worker under its server's eyes: its readings, its limits, how it is made to end, and what is said of its end."""

from __future__ import annotations

import contextlib
import os
import time

import msgspec

from steppe.executors.executor import End
from steppe.executors.process.devices import gpu_use
from steppe.executors.process.folders import AttemptFolder
from steppe.executors.process.messages import Order
from steppe.types import Shown
from steppe.worker.cgroups import oom_kills, said
from steppe.worker.deaths import LADDER, STOPPED, death
from steppe.worker.descriptors import Captured
from steppe.worker.events import Event, Sender, wake
from steppe.worker.readings import Reading

OFTEN, SELDOM = 0.1, 1.0
"""Seconds between two looks at a worker with a limit to its memory, and at any other."""

AT_FIRST, FIRST = 0.25, 3.0
"""Seconds between two readings that are told at first, and for how long: a step of two seconds has a curve, too."""


class Ward:
    """A worker that has its order.

    Attributes:
        pid: the worker; it leads its session and process group.
        order: what it was told to do.
        ending: how it is being ended (`cancelled`, `timeout`, `memory`), or empty.
    """

    def __init__(self, pid: int, order: Order, captured: tuple[Captured, ...], grace: float) -> None:
        self.pid = pid
        self.order = order
        self.ending = ""
        self.why = ""
        self._captured = captured
        self._grace = grace
        self._folder = AttemptFolder(order.folder)
        self._began: float | None = None
        self._rung = 0
        self._next_rung = 0.0
        self._seen = time.monotonic()
        self._told: float | None = None
        self._last = Reading()
        self._peak: dict[str, float] = {}
        self._killed_before = oom_kills()
        self._sender: Sender | None = None

    @property
    def limit(self) -> int | None:
        """The memory that it asked for."""
        return self.order.launch.resources.memory

    def runs(self) -> None:
        """Note that it has its slots."""
        self._began = time.monotonic()

    def due(self) -> float:
        """Return when it is to be looked at next, on the monotonic clock."""
        at = self._seen + min(OFTEN if self.limit else SELDOM, self._pace(self._seen))
        if self.ending:
            at = min(at, self._next_rung)
        elif self._began is not None and self.order.launch.timeout is not None:
            at = min(at, self._began + self.order.launch.timeout)
        return at

    def _pace(self, now: float) -> float:
        """Return how many seconds lie between two readings that are told."""
        return AT_FIRST if self._began is not None and now - self._began < FIRST else SELDOM

    def look(self, reading: Reading | None) -> None:
        """Look at it: tell its reading, and end it where it has gone past a limit."""
        now = time.monotonic()
        launch = self.order.launch
        if reading is not None:
            self._note(reading, now)
        if self.ending:
            if now >= self._next_rung:
                self._climb(now)
            return
        if launch.timeout is not None and self._began is not None and now >= self._began + launch.timeout:
            self.end("timeout", f"it ran longer than its timeout of {launch.timeout:g} s")
        elif self.limit and self._last.own > self.limit:
            used = f"it used {said(self._last.own)} of the {said(self.limit)} that it asked for"
            self.end("memory", f"{used}, and was ended", at_once=True)

    def _note(self, reading: Reading, now: float) -> None:
        told = self._told is None or now - self._told >= self._pace(now)
        self._seen, self._last = now, reading
        usage = {"memory": float(reading.memory), "cpu_seconds": reading.cpu_seconds}
        if told and self.order.launch.resources.gpu:
            usage |= gpu_use(reading.pids)
        self._peak |= {name: max(value, self._peak.get(name, 0.0)) for name, value in usage.items()}
        if told:
            self._told = now
            self._send(Event(kind="usage", at=time.time(), usage=usage))

    def end(self, how: str, why: str, *, at_once: bool = False) -> None:
        """Begin to end it."""
        if not self.ending:
            self.ending, self.why = how, why
            self._rung = len(LADDER) - 1 if at_once else 0
            self._climb(time.monotonic())

    def _climb(self, now: float) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, LADDER[self._rung])
        self._rung = min(self._rung + 1, len(LADDER) - 1)
        self._next_rung = now + self._grace

    def ended(self, status: int) -> End:
        """Say how it ended, from the status that the system gives; leave that in its folder, and wake who follows."""
        self._tell_the_rest()
        end = msgspec.structs.replace(self._explain(status), usage=self._peak)
        if self._folder.there:
            with contextlib.suppress(OSError):
                self._folder.write("end", end)
                pipe = self._folder.open_wake()
                wake(pipe, b"E")
                os.close(pipe)
        return end

    def _explain(self, status: int) -> End:
        if self.ending == "memory":
            return End(how="killed", why=self.why, again=False)
        if self.ending:
            return End(how=self.ending, why=self.why)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == STOPPED and self._folder.cancelled:
            return End(how="cancelled", why="it was cancelled")
        oom = oom_kills() > self._killed_before
        how, why, again = death(
            status, oom=oom, reading=self._reading((self.limit or self.order.capacity.memory) * oom)
        )
        return End(how=how, why=why, again=again)

    def _reading(self, of: int) -> str:
        if not self._last.memory:
            return ""
        limit = f" of {said(of)}" if of else ""
        return f"; last memory reading {said(self._last.memory)}{limit}"

    def _tell_the_rest(self) -> None:
        """Tell what it wrote to its descriptors and could not show itself any more."""
        for each in self._captured:
            text = each.read(last=True)
            if text:
                name = "stdout" if each.number == 1 else "stderr"
                self._send(Event(kind="shown", at=time.time(), shown=Shown(kind="stream", name=name, text=text)))
            os.close(each.reader)

    def _send(self, event: Event) -> None:
        if self._sender is None and self._folder.there:
            with contextlib.suppress(OSError):
                self._sender = Sender(self._folder.open_events(), self._folder.open_wake())
        if self._sender is not None:
            self._sender.send(event)

    def forget(self) -> None:
        """In a process that was forked off the server: close what is another worker's."""
        for each in self._captured:
            os.close(each.reader)
        self.close()

    def close(self) -> None:
        """Close what it had open here."""
        if self._sender is not None:
            self._sender.close()
