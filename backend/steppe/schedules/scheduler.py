"""The scheduler: enters due times, launches what may start, finds what has died, tries again, and tells of it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from steppe.catalog import Catalog, Due, Schedule
from steppe.ids import new_id
from steppe.schedules.entering import entered
from steppe.schedules.lease import Lease
from steppe.schedules.settling import ENDED, TTL, alert_for, given_up, retried, startable
from steppe.schedules.times import shown

LOG = logging.getLogger("steppe.scheduler")
EVERY = 1.0
"""Seconds between two looks at the clock."""


class Launch(Protocol):
    """Begins to run a due time, and does not wait for it."""

    def __call__(self, schedule: Schedule, due: Due) -> None:
        """Launch it; an OSError says that it can't be."""


class Tell(Protocol):
    """Sends an alert, now or soon, and calls `done` after."""

    def __call__(self, kind: str, schedule: Schedule, due: Due, now: float, done: Callable[[], None]) -> None:
        """Send it."""


class Scheduler:
    """One scheduler of a project. What it knows is in the Catalog: another may go on at any moment."""

    def __init__(
        self,
        catalog: Catalog,
        root: str,
        holder: str,
        *,
        launch: Launch,
        tell: Tell,
        alive: Callable[[str], bool | None],
        random: Callable[[int], int] = secrets.randbits,
    ) -> None:
        """Serve the schedules of the project at `root`."""
        self._catalog = catalog
        self._root = root
        self._launch = launch
        self._tell = tell
        self._alive = alive
        self._random = random
        self._lease = Lease(catalog, root, holder, alive)
        self._leads = False
        self._telling: set[tuple[str, int, str]] = set()
        self._moving = threading.RLock()

    def tick(self) -> bool:
        """Look at the clock and do what is to be done; False where another scheduler has the lease."""
        led, self._leads = self._leads, self._lease.hold()
        if self._leads != led:
            LOG.info("the lease is %s", "held" if self._leads else "another's: waiting for it")
        if not self._leads:
            return False
        schedules = [each for each in self._catalog.schedules.all(self._root) if not each.where]
        for schedule in schedules:
            if not schedule.paused:
                self._enter(schedule)
        found = self._catalog.schedules.open(schedule.id for schedule in schedules)
        for schedule in schedules:
            self._serve(schedule, [due for due in found if due.schedule == schedule.id])
        return True

    def release(self) -> None:
        """Give the lease up. What runs goes on, and writes its own end."""
        self._lease.release()

    def _enter(self, schedule: Schedule) -> None:
        dues, moved = entered(schedule, self._catalog.claims.now())
        if not dues:
            return
        if self._catalog.schedules.change(schedule, moved, dues, by=self._lease.leader):
            for due in dues:
                LOG.info("%s: due %s: %s", schedule.name, shown(due.due, schedule.zone), due.state)

    def _serve(self, schedule: Schedule, dues: Sequence[Due]) -> None:
        now = self._catalog.claims.now()
        stand = [self._judged(schedule, due, now) for due in dues]
        for due in startable(schedule, stand, now):
            self._start(schedule, due, now)

    def _judged(self, schedule: Schedule, due: Due, now: float) -> Due:
        """Do what is to be done with a due time but start it; return how it stands then.

        One that is to be tried again has to be seen as waiting at once, or the next would start in its place.
        """
        after = given_up(due, now, self._alive) or retried(schedule, due, now)
        if after is not None:
            when, why = shown(due.due, schedule.zone), due.error or "its process is gone"
            LOG.warning("%s: due %s: %s, now %s (%s)", schedule.name, when, due.state, after.state, why)
            if not self._move(due, after):
                return due  # it has been changed meanwhile: the next look tells how it stands
        self._settle(schedule, after or due, now)
        return after or due

    def _start(self, schedule: Schedule, due: Due, now: float) -> None:
        after = msgspec.structs.replace(
            due,
            state="started",
            token=f"{self._random(64):016x}",
            run=new_id(now, self._random),
            expires=now + TTL,
            started=due.started or now,
        )
        if not self._move(due, after):
            return
        LOG.info("%s: due %s: run %s starts", schedule.name, shown(due.due, schedule.zone), after.run)
        try:
            self._launch(schedule, after)
        except OSError as error:
            failed = {"state": "failed", "error": f"it could not be started: {error}", "ended": now}
            self._move(after, msgspec.structs.replace(after, tries=after.tries + 1, **failed))

    def _settle(self, schedule: Schedule, due: Due, now: float) -> None:
        """Tell what is to be told of a due time, and close it where it has ended."""
        latest = self._catalog.schedules.dues(schedule.id) if due.state == "succeeded" else ()
        kind = alert_for(schedule, due, latest, now)
        told = (schedule.id, due.due, kind)
        if kind and told not in self._telling:
            self._telling.add(told)
            self._tell(kind, schedule, due, now, lambda: self._told(schedule, told))
        elif not kind and due.state in ENDED:
            self._close(schedule, due)

    def _told(self, schedule: Schedule, told: tuple[str, int, str]) -> None:
        """Write down that an alert was sent: not before, since a scheduler that dies in between must send it."""
        due = self._catalog.schedules.due(*told[:2])
        if due is not None:
            self._close(schedule, msgspec.structs.replace(due, told=(*due.told, told[2])))
        self._telling.discard(told)

    def _close(self, schedule: Schedule, due: Due) -> None:
        ended = due.state in ENDED
        if self._move(due, msgspec.structs.replace(due, open=0 if ended else 1)) and ended:
            LOG.info("%s: due %s: %s", schedule.name, shown(due.due, schedule.zone), due.state)

    def _move(self, before: Due, after: Due) -> bool:
        """Change a due time; the alerts that were told of it since `before` was read stay told."""
        with self._moving:
            now = self._catalog.schedules.due(before.schedule, before.due)
            since = () if now is None else tuple(kind for kind in now.told if kind not in (*before.told, *after.told))
            after = msgspec.structs.replace(after, told=(*after.told, *since))
            return self._catalog.schedules.move(before, after, by=self._lease.leader)
