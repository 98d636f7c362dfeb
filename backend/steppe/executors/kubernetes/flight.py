"""One attempt in a cluster, followed by what its Job, its pods and their logs say."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Any

import msgspec

from steppe.errors import SteppeError
from steppe.executors.executor import End, Flight
from steppe.executors.kubernetes.cluster import Cluster, Refused, Unreachable, deletion, path_of, patiently
from steppe.executors.kubernetes.ends import deleted, ended
from steppe.executors.kubernetes.fates import cause
from steppe.executors.kubernetes.log import Log
from steppe.executors.kubernetes.manifest import GRACE
from steppe.executors.kubernetes.member import Member
from steppe.executors.kubernetes.names import job_name
from steppe.executors.kubernetes.nodes import called, nodes_of, rank_of
from steppe.executors.kubernetes.waiting import hopeless, waits
from steppe.executors.kubernetes.watch import KINDS, Watch
from steppe.worker.events import Event
from steppe.worker.group import lost_others, used_together
from steppe.worker.trace import unnoticed

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
        self._memory = memory
        self._launched = launched
        self._changed = threading.Condition()
        self._news = 0  # how much has been heard: nothing that comes while it looks is slept through
        follow = partial(Log, cluster, namespace)
        self._members = [Member(rank, job, follow) for rank in range(nodes_of(job))]
        self._waits_for = ""
        self._told_waiting = ""
        self._cancelled = 0.0
        self._undeletable = ""  # why this user may not end it
        self._first_bad = 0.0
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

    def _on(self, rank: int, why: str) -> str:
        """Say on which node something is so, where there are several."""
        return f"{called(rank, len(self._members))}: {why}" if len(self._members) > 1 else why

    def follow(self, tell: Callable[[Event], None], timeout: float | None = None) -> End | None:
        """Hand on events as they come, until the end, or until `timeout` seconds have passed."""
        until = None if timeout is None else time.monotonic() + timeout
        while self._end is None:
            known = self._news
            self._hand_on(tell)
            self._end = self._ended(tell)
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
        said = trouble or next((self._on(each.rank, why) if each.seen.pod else why for each, why in waiting if why), "")
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

    # How it has ended

    def _ended(self, tell: Callable[[Event], None]) -> End | None:
        """Return the end, where there is one by now."""
        if self._first.succeeded:
            return End(how="done", usage=self._usage())
        if all(each.over is None for each in self._members):
            logs = (each.log.refused for each in self._members if each.log is not None)
            refused = next(iter(self._watch.refused.values()), "") or next(filter(None, logs), "")
            if refused:
                goes_on = self._first.begun or not self._launched
                return self._left(refused) if goes_on else self._hopeless(refused)
            never = next((self._on(each.rank, why) for each in self._members if (why := hopeless(each.seen))), "")
            if never and not self._cancelled:
                return self._hopeless(never)
        ends = [self._end_of(each) for each in self._members]
        if len(ends) == 1:
            return ends[0]
        return self._end_of_all(ends, tell)

    def _end_of(self, member: Member) -> End | None:
        """Return how one of its pods has ended."""
        if member.over is not None:
            return self._as_told(member, member.over)
        if self._cancelled:
            return self._cancelled_by_now(member)
        return self._as_seen(member)

    def _end_of_all(self, ends: list[End | None], tell: Callable[[Event], None]) -> End | None:
        """Return how several nodes have ended: by what has ended one of them; None until that is known."""
        known = [each.fate(end) for each, end in zip(self._members, ends, strict=True) if end is not None]
        whole = len(known) == len(ends)
        if self._cancelled:
            end = next((fate.end for fate in known if fate.end.how == "cancelled"), End(how="cancelled"))
            return msgspec.structs.replace(end, usage=self._usage()) if whole else None
        first = cause(known)
        if first is None:
            return ends[0] if whole else None
        self._first_bad = self._first_bad or time.monotonic()
        told = first.end.how == "done"
        if not whole and (told or first.going) and time.monotonic() < self._first_bad + PATIENCE:
            return None
        if told and lost_others(first.record) and not whole and not any(fate.fine for fate in known):
            why = "it has lost the others, of which the cluster tells nothing"
            return End(how="lost", why=self._on(first.rank, why), again=True, usage=self._usage())
        if told:
            self._tell_of(self._members[first.rank], tell)
            return End(how="done", usage=self._usage())
        end = first.end
        why = end.why if self._first.seen.deleted and end.how == "lost" else self._on(first.rank, end.why)
        return End(how="lost" if end.again else end.how, why=why, again=end.again, usage=self._usage())

    def _tell_of(self, member: Member, tell: Callable[[Event], None]) -> None:
        """Hand on the record of the one that has failed, with words on which one it is."""
        record = member.record
        if record is None or member.left is None:
            return
        if record.failure is not None:
            said = f"This was {called(member.rank, len(self._members))}."
            failure = msgspec.structs.replace(record.failure, traceback=(*record.failure.traceback, said))
            record = msgspec.structs.replace(record, failure=failure)
        tell(msgspec.structs.replace(member.left, data={"record": msgspec.msgpack.encode(record)}))

    def _usage(self) -> dict[str, float]:
        """Return what was used by all of them."""
        return reduce(used_together, (each.usage for each in self._members))

    def _as_told(self, member: Member, over: Event) -> End | None:
        """Return the end as the keeper in a pod has told it."""
        how, why, again = (over.data.get(name) for name in ("how", "why", "again"))
        if self._cancelled and how != "done":
            how, why, again = "cancelled", "it was cancelled", False
        if how == "cancelled" and not self._cancelled:
            return self._taken_away(member)
        return End(how=str(how), why=str(why or ""), again=bool(again), usage=member.usage)

    def _taken_away(self, member: Member) -> End | None:
        """Return the end of a pod that something else in the cluster has ended; None until that says why."""
        with self._changed:
            seen, found = member.seen, ended(member.seen)
        member.told_away = member.told_away or time.monotonic()
        if found is None or found.how not in ("lost", "timeout"):
            if not seen.gone and time.monotonic() < member.told_away + PATIENCE:
                return None
            found = deleted(seen) if seen.gone else End(how="lost", why=ENDED_BY_CLUSTER, again=True)
        return msgspec.structs.replace(found, usage=member.usage)

    def _left(self, why: str) -> End:
        """Return the end of following what goes on: work that has begun, or is another's, is not thrown away."""
        return End(how="left", why=f"{why}. It is left running")

    def _hopeless(self, why: str) -> End:
        self._delete()
        return End(how="refused", why=f"{why}. It is left running: {self._undeletable}" if self._undeletable else why)

    def _cancelled_by_now(self, member: Member) -> End | None:
        """Return the end of a cancelled attempt, once its pod is gone, or was never made."""
        if self.left_to:
            return End(how="cancelled", why=f"it is left running for {self.left_to}, who has started it")
        if self._undeletable:
            return End(how="cancelled", why=f"it is left running: {self._undeletable}")
        with self._changed:
            seen = member.seen
            gone = seen.job is None and (seen.gone or seen.pod is None) and self._all_told()
        late = time.monotonic() > self._cancelled + GRACE + PATIENCE
        if (gone and member.read) or late:
            return End(how="cancelled", why="it was cancelled")
        return None

    def _as_seen(self, member: Member) -> End | None:
        """Return the end as the cluster shows it, once the log has nothing more to say of it."""
        if not self._all_told():
            return None
        with self._changed:
            end = ended(member.seen, memory=self._memory, reading=member.reading)
        if end is None or not member.read or member.events:
            return None
        strays = member.log.reader.strays if member.log is not None else []
        if end.how == "failed" and strays:
            end = msgspec.structs.replace(end, why=f"{end.why}: {strays[-1][-300:]}")
        return end

    def _all_told(self) -> bool:
        """Tell whether what is not seen is not there."""
        return set(KINDS) <= self._watch.listed

    def cancel(self) -> None:
        """Delete its Job: the cluster asks its pods to end, and makes them after a grace."""
        self._cancelled = time.monotonic()
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
                self._undeletable = str(error)
                self._hear_event(self._first, None)

    def leave(self) -> None:
        """Hear no more of it; it goes on."""
        self._watch.leave(self._attempt, self._hear)
        for each in self._members:
            each.leave()


def _failed(member: Member) -> bool:
    record = member.record
    return record is not None and record.status != "succeeded"
