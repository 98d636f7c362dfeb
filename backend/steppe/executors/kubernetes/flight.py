"""One attempt in a cluster, followed by what its Job, its pods and their logs say."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from steppe.errors import SteppeError
from steppe.executors.executor import End, Flight
from steppe.executors.kubernetes.cluster import Cluster, Refused, Unreachable, deletion, path_of, patiently
from steppe.executors.kubernetes.judgement import Judgement
from steppe.executors.kubernetes.log import Log
from steppe.executors.kubernetes.member import Member
from steppe.executors.kubernetes.names import job_name
from steppe.executors.kubernetes.nodes import nodes_of, rank_of, said_of
from steppe.executors.kubernetes.waiting import waits
from steppe.executors.kubernetes.watch import Watch
from steppe.worker.events import Event
from steppe.worker.trace import unnoticed

ASK_EVENTS = (1.5, 15.0, 45.0, 135.0)
"""Seconds of waiting before the cluster's events are asked for, and again: what waits for long is asked for seldom."""

LONG = 300.0
"""Seconds for which a server that does not answer is asked to delete a Job."""


class KubernetesFlight(Flight):
    """An attempt in a cluster.

    Attributes:
        handle: what its Job is found by.
        attempt: the attempt's id, where another has launched it; else empty.
        left_to: who has launched it, where that is another user; its Job is theirs to end.
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
        self._cluster = cluster
        self._watch = watch
        self._namespace = namespace
        self._attempt = attempt
        self._changed = threading.Condition()
        self._news = 0  # how much has been heard: nothing that comes while it looks is slept through
        follow = partial(Log, cluster, namespace)
        self._members = [Member(rank, job, follow) for rank in range(nodes_of(job))]
        self._judgement = Judgement(self._members, watch, self._changed, self._delete, memory=memory, launched=launched)
        self._waits_for = ""
        self._told_waiting = ""
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
        return self._first.seen.ran_in

    @property
    def _first(self) -> Member:
        """The one whose output is the cell's, and whose result is the step's."""
        return self._members[0]

    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._end is None:
            known = self._news
            self._hand_on(tell)
            self._end = self._judgement.ended(tell)
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

    # What is heard, in the threads of the watch and the logs

    def _hear(self, kind: str, obj: dict[str, Any] | None, gone: bool) -> None:
        with self._changed:
            now = self._news + 1
            if kind == "jobs":
                for each in self._members:
                    each.seen = msgspec.structs.replace(each.seen, job=None if gone else obj)
            elif kind == "pods" and obj is None:
                for each in self._members:
                    each.miss(now)
            elif kind == "pods" and obj is not None and rank_of(obj) < len(self._members):
                member = self._members[rank_of(obj)]
                if gone:
                    member.miss(now)
                else:
                    member.see(obj, now, partial(self._hear_event, member))
            self._news = now
            self._changed.notify_all()

    def _hear_event(self, member: Member, event: Event | None) -> None:
        with self._changed:
            if event is not None:
                member.events.append(event)
            self._news += 1
            self._changed.notify_all()

    # What is said, in the thread that follows

    def _hand_on(self, tell: Callable[[Event], None]) -> None:
        for member in self._members:
            while True:
                with self._changed:
                    if not member.events:
                        break
                    event = member.events.popleft()
                for each in self._told(member, event):
                    tell(each)

    def _told(self, member: Member, event: Event) -> Iterable[Event]:
        """Take note of what a worker tells; return what of it is handed on."""
        member.reading = event.usage.get("memory", member.reading)
        if event.kind == "over":
            member.over = event
        elif event.kind == "done":
            member.done = event
        elif event.kind == "started":
            member.begun = True
        elif event.kind == "ended":
            member.left = event
        if event.kind == "over" or (member is not self._first and event.kind != "shown"):
            return ()
        if member is not self._first:
            return member.asides(event)
        if event.kind == "started":
            self._waits_for = ""
        if event.kind in ("ended", "done"):
            if len(self._members) > 1 and _failed(member):
                return ()  # whether that is why the step has failed is known once the others have ended
            self._over_now(self._attempt)  # who hears it may launch the next attempt at once
        return (event,)

    def _say_what_for(self, tell: Callable[[Event], None]) -> None:
        """Tell what it waits for, where that has changed."""
        if self._first.begun:
            return
        trouble = next(iter(self._watch.trouble.values()), "")
        waiting = ((each, waits(each.seen)) for each in self._members)
        many = len(self._members)
        found = (said_of(each.rank, many, why) if each.seen.pod else why for each, why in waiting if why)
        said = trouble or next(found, "")
        self._waits_for = said
        if said and said != self._told_waiting:
            self._told_waiting = said
            tell(Event(kind="queued", at=time.time(), data={"for": said}))

    def _ask_events(self, now: float) -> None:
        """Ask what the cluster tells of the Job and a pod of it, now and then while that waits."""
        if now < self._next_ask:
            return
        self._asks += 1
        self._next_ask = now + ASK_EVENTS[min(self._asks, len(ASK_EVENTS) - 1)]
        waiting = [each for each in self._members if each.seen.phase in ("", "Pending")]
        if waiting and not self._first.begun:
            with contextlib.suppress(Refused, Unreachable):  # they are for words alone
                self._take_events(waiting[0])

    def _take_events(self, member: Member) -> None:
        about = (member.seen.pod or {}).get("metadata", {}).get("uid") or self._uid
        query = {"fieldSelector": f"involvedObject.uid={about}"}
        found = self._cluster.ask("GET", path_of("events", self._namespace), query=query, timeout=5.0)
        items = sorted(found.get("items") or (), key=lambda item: str(item.get("lastTimestamp") or ""))
        member.seen = msgspec.structs.replace(member.seen, events=tuple(items))

    def cancel(self) -> None:
        """Delete its Job: the cluster asks its pods to end, and makes them after a grace."""
        self._judgement.cancel(self.left_to)
        if not self.left_to:
            threading.Thread(target=unnoticed, args=(self._delete,), name="steppe-cancel", daemon=True).start()
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
                self._judgement.undeletable = str(error)
                self._hear_event(self._first, None)

    def leave(self) -> None:
        """Hear no more of it; it goes on."""
        self._watch.leave(self._attempt, self._hear)
        for each in self._members:
            each.leave()


def _failed(member: Member) -> bool:
    record = member.record
    return record is not None and record.status != "succeeded"
