"""One attempt in a cluster, followed by what its Job, its pod and its log say."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from steppe.errors import SteppeError
from steppe.executors.executor import End, Flight
from steppe.executors.kubernetes.cluster import Cluster, Refused, Unreachable, deletion, path_of, patiently
from steppe.executors.kubernetes.ends import deleted, ended
from steppe.executors.kubernetes.log import Log
from steppe.executors.kubernetes.manifest import GRACE
from steppe.executors.kubernetes.names import job_name
from steppe.executors.kubernetes.seen import Seen
from steppe.executors.kubernetes.waiting import hopeless, waits
from steppe.executors.kubernetes.watch import KINDS, Watch
from steppe.worker.events import Event

ASK_EVENTS = (1.5, 15.0, 45.0, 135.0)
"""Seconds of waiting before the cluster's events are asked for, and again: what waits for long is asked for seldom."""

PATIENCE = 5.0
"""Seconds for which the cluster's own word on an end is waited for, where the pod has told of one already."""

ENDED_BY_CLUSTER = "something in the cluster asked its pod to end"
LONG = 300.0
"""Seconds for which a server that does not answer is asked to delete a Job."""


class KubernetesFlight(Flight):
    """An attempt in a cluster.

    Attributes:
        handle: what its Job is found by.
        attempt: the attempt's id, where another has launched it; else empty.
        left_to: who has launched it, where that is another user; its Job is theirs to end.
        seen: what the cluster shows of it.
    """

    def __init__(
        self,
        cluster: Cluster,
        watch: Watch,
        namespace: str,
        attempt: str,
        job: dict[str, Any],
        memory: int | None,
        over: Callable[[str], object] = lambda _: None,
        *,
        launched: bool = False,
    ) -> None:
        """Follow the attempt of a Job that was just made, or found.

        Args:
            cluster: where it is.
            watch: tells what changes.
            namespace: the Job's.
            attempt: the attempt's id.
            job: the Job.
            memory: the bytes that it asked for, for words.
            over: told of the attempt once it has ended.
            launched: whether its Job was made for whoever follows it.
        """
        self.attempt = self.left_to = ""
        self._job, self._uid, self._over_now = job["metadata"]["name"], job["metadata"]["uid"], over
        self.handle = job_name(attempt)
        self.seen = Seen(job=job)
        self._cluster = cluster
        self._watch = watch
        self._namespace = namespace
        self._attempt = attempt
        self._memory = memory
        self._launched = launched
        self._changed = threading.Condition()
        self._news = 0  # how much has been heard: nothing that comes while it looks is slept through
        self._events: deque[Event] = deque()
        self._log: Log | None = None
        self._waits_for = ""
        self._told_waiting = ""
        self._begun = False
        self._reading = 0.0
        self._done: Event | None = None
        self._over: Event | None = None
        self._cancelled = 0.0
        self._undeletable = ""  # why this user may not end it
        self._told_away = 0.0
        self._asks = 0
        self._next_ask = time.monotonic() + ASK_EVENTS[0]
        self._end: End | None = None
        watch.listen(attempt, self._hear)

    @property
    def queued(self) -> str:
        """What it waits for, in words."""
        return self._waits_for

    @property
    def image(self) -> str:
        """The image that its pod runs, with its digest."""
        return self.seen.ran_in

    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._end is None:
            known = self._news
            self._hand_on(tell)
            self._end = self._ended()
            if self._end is not None:
                self._over_now(self._attempt)
                self._hand_on(tell)
                self.leave()
                break
            now = time.monotonic()
            if until is not None and now >= until:
                return None
            self._ask_events(now)
            self._say_what_for(tell)
            with self._changed:
                if self._news == known:
                    due = min(self._next_ask, now + 1.0 if until is None else until)
                    self._changed.wait(max(0.0, due - now))
        return self._end

    # What is heard, in the threads of the watch and the log

    def _hear(self, kind: str, obj: dict[str, Any] | None) -> None:
        with self._changed:
            if kind == "jobs":
                self.seen = msgspec.structs.replace(self.seen, job=obj)
            elif kind == "pods":
                self._hear_of_pod(obj)
            self._news += 1
            self._changed.notify_all()

    def _hear_of_pod(self, pod: dict[str, Any] | None) -> None:
        if pod is None:
            self.seen = msgspec.structs.replace(self.seen, gone=self.seen.pod is not None)
            if self._log is not None:
                self._log.ended()
            return
        self.seen = msgspec.structs.replace(self.seen, pod=pod, gone=False)
        terminated = self.seen.container("terminated")
        if self._log is None and (terminated or self.seen.container("running")):
            self._log = Log(self._cluster, self._namespace, pod["metadata"]["name"], self._hear_event)
        if self._log is not None and (terminated or self.seen.phase in ("Succeeded", "Failed")):
            self._log.ended()

    def _hear_event(self, event: Event | None) -> None:
        with self._changed:
            if event is not None:
                self._events.append(event)
            self._news += 1
            self._changed.notify_all()

    # What is said, in the thread that follows

    def _hand_on(self, tell: Callable[[Event], None]) -> None:
        while True:
            with self._changed:
                if not self._events:
                    return
                event = self._events.popleft()
            if event.kind == "over":
                self._over = event
                continue
            if event.kind == "done":
                self._done = event
            elif event.kind == "started":
                self._begun, self._waits_for = True, ""
            if event.kind in ("ended", "done"):  # who hears it may launch the next attempt at once
                self._over_now(self._attempt)
            self._reading = event.usage.get("memory", self._reading)
            tell(event)

    def _say_what_for(self, tell: Callable[[Event], None]) -> None:
        """Tell what it waits for, where that has changed."""
        if self._begun:
            return
        trouble = next(iter(self._watch.trouble.values()), "")
        said = trouble or waits(self.seen)
        self._waits_for = said
        if said and said != self._told_waiting:
            self._told_waiting = said
            tell(Event(kind="queued", at=time.time(), data={"for": said}))

    def _ask_events(self, now: float) -> None:
        """Ask what the cluster tells of the Job and its pod, now and then while it waits."""
        if now < self._next_ask:
            return
        self._asks += 1
        self._next_ask = now + ASK_EVENTS[min(self._asks, len(ASK_EVENTS) - 1)]
        if self._begun or self.seen.phase not in ("", "Pending"):
            return
        with contextlib.suppress(Refused, Unreachable):  # they are for words alone
            self._take_events()

    def _take_events(self) -> None:
        about = (self.seen.pod or {}).get("metadata", {}).get("uid") or self._uid
        query = {"fieldSelector": f"involvedObject.uid={about}"}
        found = self._cluster.ask("GET", path_of("events", self._namespace), query=query, timeout=5.0)
        items = sorted(found.get("items") or (), key=lambda item: str(item.get("lastTimestamp") or ""))
        self.seen = msgspec.structs.replace(self.seen, events=tuple(items))

    def _ended(self) -> End | None:
        """Return the end, where there is one by now."""
        if self._done is not None and self._done.data.get("status") == "succeeded":
            return End(how="done", usage=self._done.usage)
        if self._over is not None:
            return self._as_told(self._over)
        refused = next(iter(self._watch.refused.values()), "") or (self._log.refused if self._log is not None else "")
        if refused:
            return self._left(refused) if self._begun or not self._launched else self._hopeless(refused)
        never = hopeless(self.seen)
        if never and not self._cancelled:
            return self._hopeless(never)
        if self._cancelled:
            return self._cancelled_by_now()
        return self._as_seen()

    def _as_told(self, over: Event) -> End | None:
        """Return the end as the keeper in the pod has told it."""
        usage = {**over.usage, **(self._done.usage if self._done is not None else {})}
        how, why, again = (over.data.get(name) for name in ("how", "why", "again"))
        if self._cancelled and how != "done":
            how, why, again = "cancelled", "it was cancelled", False
        if how == "cancelled" and not self._cancelled:
            return self._taken_away(usage)
        return End(how=str(how), why=str(why or ""), again=bool(again), usage=usage)

    def _taken_away(self, usage: dict[str, float]) -> End | None:
        """Return the end of an attempt that something else in the cluster has ended; None until that says why."""
        with self._changed:
            seen, found = self.seen, ended(self.seen)
        self._told_away = self._told_away or time.monotonic()
        if found is None or found.how not in ("lost", "timeout"):
            if not seen.gone and time.monotonic() < self._told_away + PATIENCE:
                return None
            found = deleted(seen) if seen.gone else End(how="lost", why=ENDED_BY_CLUSTER, again=True)
        return msgspec.structs.replace(found, usage=usage)

    def _left(self, why: str) -> End:
        """Return the end of following what goes on: work that has begun, or is another's, is not thrown away."""
        return End(how="left", why=f"{why}. It is left running")

    def _hopeless(self, why: str) -> End:
        self._delete()
        return End(how="refused", why=f"{why}. It is left running: {self._undeletable}" if self._undeletable else why)

    def _cancelled_by_now(self) -> End | None:
        """Return the end of a cancelled attempt, once its pod is gone, or was never made."""
        if self.left_to:
            return End(how="cancelled", why=f"it is left running for {self.left_to}, who has started it")
        if self._undeletable:
            return End(how="cancelled", why=f"it is left running: {self._undeletable}")
        with self._changed:
            gone = self.seen.job is None and (self.seen.gone or self.seen.pod is None) and self._all_told()
        late = time.monotonic() > self._cancelled + GRACE + PATIENCE
        if (gone and self._log_read()) or late:
            return End(how="cancelled", why="it was cancelled")
        return None

    def _as_seen(self) -> End | None:
        """Return the end as the cluster shows it, once the log has nothing more to say of it."""
        if not self._all_told():
            return None
        with self._changed:
            end = ended(self.seen, memory=self._memory, reading=self._reading)
        if end is None or not self._log_read() or self._events:
            return None
        strays = self._log.reader.strays if self._log is not None else []
        if end.how == "failed" and strays:
            end = msgspec.structs.replace(end, why=f"{end.why}: {strays[-1][-300:]}")
        return end

    def _all_told(self) -> bool:
        """Tell whether what is not seen is not there."""
        return set(KINDS) <= self._watch.listed

    def _log_read(self) -> bool:
        return self._log is None or self._log.read.is_set()

    def cancel(self) -> None:
        """Delete its Job: the cluster asks its pod to end, and makes it after a grace."""
        self._cancelled = time.monotonic()
        if not self.left_to:
            threading.Thread(target=self._delete, name="steppe-cancel", daemon=True).start()
        with self._changed:
            self._news += 1
            self._changed.notify_all()

    def _delete(self) -> None:
        path = path_of("jobs", self._namespace, self._job)
        body = deletion(self._uid)
        try:
            patiently(lambda: self._cluster.ask("DELETE", path, body=body), LONG)
        except SteppeError as error:  # it is gone already, or can't be reached: it is followed still
            if isinstance(error, Refused) and error.status == 403:
                self._undeletable = str(error)
                self._hear_event(None)

    def leave(self) -> None:
        """Hear no more of it; it goes on."""
        self._watch.leave(self._attempt, self._hear)
        if self._log is not None:
            self._log.leave()
