"""A world in which schedulers and runs are killed, sleep, wake up too late and fail, and clocks stand and jump.

The Catalog is a real one; its clock is this world's. A run is no notebook here, but it writes what a real one
writes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

import msgspec

from steppe.catalog import open_catalog
from steppe.catalog.schedules import NOBODY
from steppe.schedules.due_run import begun, finished
from steppe.schedules.scheduler import Scheduler

RETRIES, RETRY_WAIT = 2, 30.0
"""What each schedule of this world has."""


class Killed(BaseException):
    """A scheduler's process ends at once."""


class World:
    """Two machines' worth of schedulers, one after the other or one inside the other, and the runs that they launch."""

    def __init__(self, url: str, seed: int, start: float, *, trouble: float = 0.03, failing: float = 0.2) -> None:
        self.random = Random(seed)
        self.now = start
        self.trouble = trouble
        self.failing = failing
        self.catalog = open_catalog(url, clock=lambda: self.now)
        self.root = "/project"
        self.living: set[str] = set()
        self.names = 0
        self.processes: list[tuple[float, str, object]] = []
        self.completed: Counter[tuple[str, int]] = Counter()
        self.failed: Counter[tuple[str, int]] = Counter()
        self.failures: dict[tuple[str, int], tuple[float, int, int]] = {}
        """When a due time last failed, and how often a clock had been put back, and a scheduler killed, by then."""
        self.waits: list[tuple[str, int, float]] = []
        """After each failure that was tried again: the schedule, the failures so far, and the seconds until then."""
        self.ends: defaultdict[str, list[int]] = defaultdict(list)
        """The due times of a schedule that succeeded, or failed for good, in the order in which they did."""
        self.retrying = start
        """Until when a failed run waits for its retry, or about that."""
        self.kills = self.backs = 0
        self.most: Counter[str] = Counter()
        self.alerts: list[tuple[str, int, str]] = []
        self.led: list[float] = []
        """When a scheduler looked at the clock, at a time not seen before, and did all it had to without a pause."""
        self.furthest = start
        self.seen: Counter[str] = Counter()
        self.inside = False
        self.schedulers = [self._new(), self._new()]
        for name in ("change", "move"):
            setattr(self.catalog.schedules, name, self._troubled(getattr(self.catalog.schedules, name)))

    def _name(self, kind: str) -> str:
        self.names += 1
        name = f"{kind}{self.names}"
        self.living.add(name)
        return name

    def _new(self) -> tuple[str, Scheduler]:
        name = self._name("scheduler")
        alive = lambda holder: holder in self.living if self.random.random() < 0.9 else None
        made = Scheduler(self.catalog, self.root, name, launch=self.launch, tell=self.tell, alive=alive,
                         random=self.random.getrandbits)  # fmt: skip
        return name, made

    def _troubled(self, write):
        """Have a write of a scheduler be its last deed, before or after it is done, or come after a long sleep."""

        def troubled(*args, by=NOBODY, **more):
            if by == NOBODY or self.random.random() > self.trouble:
                return write(*args, by=by, **more)
            what = self.random.choice(["before", "after", "sleep"])
            self.seen[what] += 1
            if what == "before":
                raise Killed
            if what == "sleep" and not self.inside:
                self.inside = True
                self.now += self.random.uniform(1, 200)
                self.tick(1)
                self.inside = False
                self.furthest = max(self.furthest, self.now)
            done = write(*args, by=by, **more)
            if what == "after":
                raise Killed
            return done

        return troubled

    def tick(self, number: int) -> None:
        scheduler = self.schedulers[number][1]
        try:
            now, first = self.now, self.now >= self.furthest
            self.furthest = max(self.furthest, now)
            if scheduler.tick() and first and self.now == now:
                self.led.append(now)
        except Killed:
            self.kill(number)

    def kill(self, number: int) -> None:
        """Have a scheduler be killed, and another take its place."""
        self.living.discard(self.schedulers[number][0])
        self.schedulers[number] = self._new()
        self.kills += 1

    def put_back(self, seconds: float) -> None:
        """Have the clock pass the same times again."""
        self.now -= seconds
        self.retrying -= seconds
        self.backs += 1

    def launch(self, schedule, due) -> None:
        """Begin a process: at once, too late, or never."""
        self.processes.append((self.now + self.random.choice([0, 1, 5, 30, 90]), "begin", due))
        if self.random.random() < self.trouble:
            self.processes.pop()
            self.seen["never"] += 1

    def tell(self, kind, schedule, due, now, done) -> None:
        self.alerts.append((schedule.id, due.due, kind))
        done()

    def work(self) -> None:
        """Have each process do what it does until now."""
        for item in sorted((p for p in self.processes if p[0] <= self.now), key=lambda p: p[0]):
            self.processes.remove(item)
            _, what, due = item
            if what == "begin":
                self._begin(due)
            else:
                self._end(due)

    def _begin(self, due) -> None:
        mine = begun(self.catalog, due.schedule, due.due, due.token, self._name("process"))
        if mine is None:
            self.seen["too late"] += 1
            return
        running = sum(found.state == "running" for found in self.catalog.schedules.open([due.schedule]))
        self.most[due.schedule] = max(self.most[due.schedule], running)
        self._tried_again(due)
        if self.random.random() < self.trouble:
            self.living.discard(mine.holder)
            self.seen["died"] += 1
            return
        self.processes.append((self.now + self.random.uniform(5, 50), "end", mine))

    def _tried_again(self, due) -> None:
        key = due.schedule, due.due
        if key not in self.failures:
            return
        at, backs, kills = self.failures.pop(key)
        self.seen["retried over a kill" if self.kills > kills else "retried"] += 1
        if self.backs == backs:
            self.waits.append((due.schedule, self.failed[key], self.now - at))

    def _end(self, due) -> None:
        state = "failed" if self.random.random() < self.failing else "succeeded"
        ended = msgspec.structs.replace(due, state=state, ended=self.now, error="" if state == "succeeded" else "boom")
        if finished(self.catalog, due, ended):
            self._ended(due, state)
        else:
            self.seen["given up"] += 1
        self.living.discard(due.holder)

    def _ended(self, due, state: str) -> None:
        key = due.schedule, due.due
        (self.completed if state == "succeeded" else self.failed)[key] += 1
        if state == "succeeded" or self.failed[key] > RETRIES:
            self.ends[due.schedule].append(due.due)
        else:
            self.failures[key] = self.now, self.backs, self.kills
            self.retrying = self.now + RETRY_WAIT * 2 ** self.failed[key]

    def settle(self) -> None:
        """Go on in peace until nothing is left to be done."""
        self.trouble = 0.0
        ids = [schedule.id for schedule in self.catalog.schedules.all(self.root)]
        for _ in range(100_000):
            self.now += 20
            self.tick(0)
            self.work()
            if not self.processes and not self.catalog.schedules.open(ids):
                return
        raise AssertionError(self.catalog.schedules.open(ids)[:3])
