"""A scheduler by a clock that a test sets, in a real Catalog; its runs begin at once and end when the test says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec

from steppe.catalog import Due, Schedule, open_catalog
from steppe.schedules.due_run import begun, finished
from steppe.schedules.scheduler import Scheduler

ROOT = "/project"
START = datetime(2026, 5, 4, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Clocked:
    """A project whose clock stands but for what `at` and `live` say. All times are seconds since `START`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.time = 0.0
        self.catalog = open_catalog(str(folder / "catalog.db"), clock=lambda: START + self.time)
        self.starts: list[tuple[str, float, float]] = []
        """Of each start: the schedule, the time at which it is due, and the one at which it has begun."""
        self.told: list[tuple[str, float]] = []
        self.on: dict[tuple[str, float], Due] = {}
        self.dead: set[str] = set()
        self.schedulers = 0
        self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.catalog.close()

    def add(self, name: str = "s", **more) -> Schedule:
        made = Schedule(id=name, name=name, root=ROOT, **{"cron": "0 * * * *", "cursor": START + self.time, **more})
        assert self.catalog.schedules.add(made)
        return made

    def restart(self) -> None:
        """Have another scheduler go on in the place of the one there was, which is killed."""
        self.dead.add(f"scheduler{self.schedulers}")
        self.schedulers += 1
        alive = lambda holder: holder not in self.dead
        self.scheduler = Scheduler(self.catalog, ROOT, f"scheduler{self.schedulers}", launch=self._launch,
                                   tell=self._tell, alive=alive)  # fmt: skip

    def _launch(self, schedule: Schedule, due: Due) -> None:
        mine = begun(self.catalog, due.schedule, due.due, due.token, f"process{len(self.starts)}")
        assert mine is not None
        self.starts.append((schedule.name, due.due - START, self.time))
        self.on[schedule.name, due.due - START] = mine

    def _tell(self, kind: str, schedule: Schedule, due: Due, now: float, done) -> None:
        self.told.append((kind, due.due - START))
        done()

    def at(self, time: float) -> None:
        """Set the clock, and have the scheduler look at it."""
        self.time = time
        assert self.scheduler.tick()

    def live(self, until: float, *, step: float = 20 * MINUTE) -> None:
        """Let time pass; what runs ends well before the next look at the clock."""
        while self.time < until:
            self.at(self.time + step)
            for name, time in list(self.on):
                self.end(time, name=name)

    def end(self, time: float, state: str = "succeeded", *, name: str = "s") -> None:
        """Have the run of a due time end."""
        mine = self.on.pop((name, time))
        error = "boom" if state == "failed" else ""
        ended = msgspec.structs.replace(mine, state=state, ended=START + self.time, error=error)
        assert finished(self.catalog, mine, ended)

    def die(self, time: float, *, name: str = "s") -> None:
        """Have the process of a due time be killed."""
        self.dead.add(self.on.pop((name, time)).holder)

    def due(self, time: float, name: str = "s") -> Due:
        found = self.catalog.schedules.due(name, int(START + time))
        assert found is not None
        return found

    def rows(self, name: str = "s") -> dict[float, str]:
        """What has become of a schedule's due times, in their order."""
        return {due.due - START: due.state for due in reversed(self.catalog.schedules.dues(name, 1000))}
