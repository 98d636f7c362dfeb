"""One pod of an attempt: what is seen of it, and what its worker tells."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steppe.executors.executor import End
from steppe.executors.kubernetes.fates import Fate
from steppe.executors.kubernetes.log import Log
from steppe.executors.kubernetes.seen import Seen
from steppe.types import Shown
from steppe.worker.events import Event
from steppe.worker.task import AttemptRecord

Hear = Callable[[Event | None], None]


class Member:
    """One of an attempt's pods; most have but one.

    Attributes:
        rank: which one, from 0.
        seen: what the cluster shows of it.
        log: its log, once there is one.
        events: what it has told that was not handed on.
        begun: whether its code has.
        reading: the last reading of its memory.
        left: tells of the record that its worker left, or was about to.
        done: the worker's own word on its end.
        over: its keeper's.
        told_away: when it was first told that something has asked it to end.
    """

    def __init__(self, rank: int, job: dict[str, Any], open_log: Callable[[str, Hear], Log]) -> None:
        """Wait for its pod.

        Args:
            rank: which one.
            job: the Job.
            open_log: follows the log of the pod of a name.
        """
        self.rank = rank
        self.seen = Seen(job=job)
        self.log: Log | None = None
        self.events: deque[Event] = deque()
        self.begun = False
        self.reading = 0.0
        self.left: Event | None = None
        self.done: Event | None = None
        self.over: Event | None = None
        self.told_away = 0.0
        self._open_log = open_log
        self._trouble = self._going = 0
        self._lines: dict[str, str] = {}

    def see(self, pod: dict[str, Any], now: int, hear: Hear) -> None:
        """See its pod.

        Args:
            pod: as it is now.
            now: counts what was heard.
            hear: told of what its log says.
        """
        self.seen = msgspec.structs.replace(self.seen, pod=pod, gone=False)
        terminated = self.seen.container("terminated")
        if "deletionTimestamp" in pod["metadata"]:
            self._going = self._going or now
        if self._going or self.seen.phase == "Failed":
            self._trouble = self._trouble or now
        if self.log is None and (terminated or self.seen.container("running")):
            self.log = self._open_log(pod["metadata"]["name"], hear)
        if self.log is not None and (terminated or self.seen.phase in ("Succeeded", "Failed")):
            self.log.ended()

    def miss(self, now: int) -> None:
        """See that its pod is not there."""
        gone = self.seen.pod is not None
        self.seen = msgspec.structs.replace(self.seen, gone=gone)
        if gone and self.seen.phase not in ("Succeeded", "Failed"):
            self._going = self._going or now
            self._trouble = self._trouble or now
        if self.log is not None:
            self.log.ended()

    @property
    def succeeded(self) -> bool:
        """Whether its worker says that it did its work."""
        return self.done is not None and self.done.data.get("status") == "succeeded"

    @property
    def read(self) -> bool:
        """Whether its log has been read to its end."""
        return self.log is None or self.log.read.is_set()

    @property
    def usage(self) -> dict[str, float]:
        """What it has used at the peak."""
        over = self.over.usage if self.over is not None else {}
        return {**over, **(self.done.usage if self.done is not None else {})}

    @property
    def record(self) -> AttemptRecord | None:
        """The record that its worker left."""
        return msgspec.msgpack.decode(self.left.data["record"], type=AttemptRecord) if self.left is not None else None

    def fate(self, end: End) -> Fate:
        """Return what has become of it, for who compares it with others."""
        return Fate(
            rank=self.rank,
            end=end,
            record=self.record,
            trouble=self._trouble,
            going=self._going,
            disrupted=self.seen.condition("DisruptionTarget").get("status") == "True",
        )

    def asides(self, event: Event) -> Iterator[Event]:
        """Yield the lines of what it shows, with its rank: for the log, where another one's are the cell's."""
        shown = event.shown
        if shown is None or shown.kind != "stream":
            return
        *lines, rest = (self._lines.get(shown.name, "") + shown.text).split("\n")
        self._lines[shown.name] = rest
        for line in lines:
            text = f"[rank {self.rank}] {line}\n"
            yield Event(kind="aside", at=event.at, shown=Shown(kind="stream", name=shown.name, text=text))

    def leave(self) -> None:
        """Follow its log no more."""
        if self.log is not None:
            self.log.leave()
