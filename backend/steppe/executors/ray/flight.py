"""One attempt on a Ray cluster, followed through the kernel's driver."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec

from steppe.executors.executor import End, Flight
from steppe.executors.ray.messages import Answer
from steppe.executors.ray.start import Connection
from steppe.worker.events import Event

STARTS = "a local Ray: it is being started, which takes some seconds"
GONE = End(how="lost", why="what looked after it on the Ray cluster is gone", again=True)
"""Of a local Ray, that is the Ray itself."""

Reach = Callable[[], Connection]


class RayFlight(Flight):
    """An attempt on a Ray cluster.

    Attributes:
        handle: the cluster's address and the attempt.
        attempt: the attempt's id, where another has launched it; else empty.
    """

    def __init__(
        self,
        handle: str,
        attempt: str,
        connection: Connection,
        again: Reach | None,
        *,
        starts: str = STARTS,
        own: bool = False,
    ) -> None:
        """Prepare.

        Args:
            handle: what it is found by.
            attempt: its id.
            connection: to the driver.
            again: connects anew where the driver is gone; None where the cluster is gone with it.
            starts: what it waits for until the driver is ready, in words.
            own: whether the connection is this attempt's alone.
        """
        self.handle, self.attempt = handle, ""
        self._id = attempt
        self._connection = connection
        self._again = again
        self._changed = threading.Condition()
        self._answers: deque[Answer] = deque()
        self._known = 0
        self._starts = starts if connection.state is None else ""
        self._own = own
        self._waits_for = self._starts
        self._told_waiting = ""
        self._done: Event | None = None
        self._cancelled = False
        self._number = 0
        self._end: End | None = None

    @property
    def queued(self) -> str:
        """What it waits for, in words."""
        return self._waits_for

    def begin(self, order: bytes) -> None:
        """Launch it."""
        self._number = self._connection.ask(self._hear, verb="launch", order=order)

    def acknowledged(self) -> Answer:
        """Wait for what has become of the launch."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._answers))
            answer = self._answers[0]
        if answer.attempt and answer.attempt != self._id:
            self.attempt = self._id = answer.attempt
        return answer

    def join(self) -> None:
        """Follow what has been launched before."""
        self._number = self._connection.ask(self._hear, verb="follow", attempt=self._id, known=self._known)

    def joined(self) -> bool:
        """Follow what has been launched before, and tell whether it is there."""
        self.join()
        with self._changed:
            self._changed.wait_for(lambda: bool(self._answers))
            return not self._answers[0].gone

    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._end is None:
            self._say_what_for(tell)
            with self._changed:
                left = 1.0 if until is None else until - time.monotonic()
                if not self._answers and left > 0:
                    self._changed.wait(min(left, 1.0))
                answer = self._answers.popleft() if self._answers else None
            if answer is not None:
                self._take(answer, tell)
            elif until is not None and time.monotonic() >= until:
                return None
        return self._end

    def _hear(self, answer: Answer) -> None:
        with self._changed:
            self._answers.append(answer)
            self._changed.notify_all()

    def _take(self, answer: Answer, tell: Callable[[Event], None]) -> None:
        if answer.gone or answer.error:
            self._lose(answer)
            return
        if answer.batch is None:
            return
        for data in answer.batch.events:
            event = msgspec.msgpack.decode(data, type=Event)
            self._known += 1
            if event.kind == "queued":
                self._waits_for = self._told_waiting = event.data.get("for", "")
            elif event.kind == "started":
                self._waits_for = self._told_waiting = ""
            elif event.kind == "done":
                self._done = event
            tell(event)
        if answer.batch.end is not None:
            self._finish(answer.batch.end)

    def _lose(self, answer: Answer) -> None:
        """Take that nobody knows of it any more; where only the driver is gone, ask anew."""
        if self._cancelled:
            self._finish(End(how="cancelled", why="it was cancelled"))
        elif answer.error:
            self._finish(End(how="failed", why=answer.error, again=True))
        elif self._again is not None and not self._connection.alive:
            self._connection = self._again()
            self.join()
        else:
            self._finish(GONE)

    def _finish(self, end: End) -> None:
        done = self._done
        if done is not None and done.data.get("status") == "succeeded":
            end = End(how="done", usage=end.usage)
        self._end = end
        self._waits_for = ""
        self.leave()

    def leave(self) -> None:
        """Hear no more of it."""
        self._connection.forget(self._number)
        if self._own:
            self._connection.close()

    def _say_what_for(self, tell: Callable[[Event], None]) -> None:
        """Tell that a local Ray is being started, and when it is there."""
        if self._starts:
            ready = self._connection.state is not None
            self._waits_for = "" if ready else self._connection.waits or self._starts
            self._starts = "" if ready else self._starts
        if self._waits_for != self._told_waiting:
            self._told_waiting = self._waits_for
            tell(Event(kind="queued", at=time.time(), data={"for": self._waits_for}))

    def cancel(self) -> None:
        """Have the desk end it."""
        self._cancelled = True
        self._connection.cancel(self._id)
