"""A world in which schedulers and runs are killed, sleep and wake up too late, and clocks stand and jump.

The Catalog is a real one; its clock is this world's. A run is no notebook here, but it writes what a real one
writes.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec

from steppe.catalog import open_catalog
from steppe.catalog.schedules import NOBODY
from steppe.schedules.due_run import begun, finished
from steppe.schedules.scheduler import Scheduler


class Killed(BaseException):
    """A scheduler's process ends at once."""


class World:
    """Two machines' worth of schedulers, one after the other or one inside the other, and the runs that they launch."""

    def __init__(self, url: str, seed: int, start: float, *, trouble: float = 0.03, failing: float = 0.0) -> None:
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
        name, scheduler = self.schedulers[number]
        try:
            now, first = self.now, self.now >= self.furthest
            self.furthest = max(self.furthest, now)
            if scheduler.tick() and first and self.now == now:
                self.led.append(now)
        except Killed:
            self.living.discard(name)
            self.schedulers[number] = self._new()

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
        if self.random.random() < self.trouble:
            self.living.discard(mine.holder)
            self.seen["died"] += 1
            return
        self.processes.append((self.now + self.random.uniform(5, 50), "end", mine))

    def _end(self, due) -> None:
        state = "failed" if self.random.random() < self.failing else "succeeded"
        ended = msgspec.structs.replace(due, state=state, ended=self.now, error="" if state == "succeeded" else "boom")
        if finished(self.catalog, due, ended):
            self.completed[due.schedule, due.due] += state == "succeeded"
        else:
            self.seen["given up"] += 1
        self.living.discard(due.holder)

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
