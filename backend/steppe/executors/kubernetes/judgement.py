"""How an attempt in a cluster has ended, judged by what is seen of its pods and what their workers tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import reduce

import msgspec

from steppe.executors.executor import End
from steppe.executors.kubernetes.ends import deleted, ended
from steppe.executors.kubernetes.fates import cause
from steppe.executors.kubernetes.manifest import GRACE
from steppe.executors.kubernetes.member import Member
from steppe.executors.kubernetes.nodes import called, said_of
from steppe.executors.kubernetes.waiting import hopeless
from steppe.executors.kubernetes.watch import KINDS, Watch
from steppe.worker.events import Event
from steppe.worker.group import lost_others, used_together

PATIENCE = 5.0
"""Seconds for which the cluster's own word on an end is waited for, where the pod has told of one already."""

ENDED_BY_CLUSTER = "something in the cluster asked its pod to end"


class Judgement:
    """Judges one attempt.

    Attributes:
        undeletable: why this user may not end it; empty while that is not known.
    """

    def __init__(
        self,
        members: list[Member],
        watch: Watch,
        heard: threading.Condition,
        give_up: Callable[[], None],
        *,
        memory: int | None,
        launched: bool,
    ) -> None:
        """Prepare.

        Args:
            members: its pods.
            watch: tells whether what is not seen is not there, and what can't be looked at.
            heard: is held while what is seen of a pod changes.
            give_up: deletes its Job, which can never do its work.
            memory: the bytes that it asked for, for words.
            launched: whether its Job was made for whoever follows it.
        """
        self.undeletable = ""
        self._members, self._first = members, members[0]
        self._watch = watch
        self._heard = heard
        self._give_up = give_up
        self._memory = memory
        self._launched = launched
        self._cancelled = 0.0
        self._left_to = ""
        self._first_bad = 0.0

    def cancel(self, left_to: str) -> None:
        """Take note that it is being ended; or, where another user has launched it, only left."""
        self._cancelled, self._left_to = time.monotonic(), left_to

    def _on(self, rank: int, why: str) -> str:
        return said_of(rank, len(self._members), why)

    def ended(self, tell: Callable[[Event], None]) -> End | None:
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
        with self._heard:
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
        self._give_up()
        return End(how="refused", why=f"{why}. It is left running: {self.undeletable}" if self.undeletable else why)

    def _cancelled_by_now(self, member: Member) -> End | None:
        """Return the end of a cancelled attempt, once its pod is gone, or was never made."""
        if self._left_to:
            return End(how="cancelled", why=f"it is left running for {self._left_to}, who has started it")
        if self.undeletable:
            return End(how="cancelled", why=f"it is left running: {self.undeletable}")
        with self._heard:
            seen = member.seen
            gone = seen.job is None and (seen.gone or seen.pod is None) and self._all_told
        late = time.monotonic() > self._cancelled + GRACE + PATIENCE
        if (gone and member.read) or late:
            return End(how="cancelled", why="it was cancelled")
        return None

    def _as_seen(self, member: Member) -> End | None:
        """Return the end as the cluster shows it, once the log has nothing more to say of it."""
        if not self._all_told:
            return None
        with self._heard:
            end = ended(member.seen, memory=self._memory, reading=member.reading)
        if end is None or not member.read or member.events:
            return None
        strays = member.log.reader.strays if member.log is not None else []
        if end.how == "failed" and strays:
            end = msgspec.structs.replace(end, why=f"{end.why}: {strays[-1][-300:]}")
        return end

    @property
    def _all_told(self) -> bool:
        """Tell whether what is not seen is not there."""
        return set(KINDS) <= self._watch.listed
