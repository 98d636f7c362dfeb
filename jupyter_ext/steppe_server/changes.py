"""What changes in a project's catalog, told to whoever follows it. One look serves all followers of a project."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import NamedTuple

import msgspec

from steppe.catalog import Catalog, RunFilter, StepRunFilter
from steppe.lineage.opened import Opened
from steppe.states import LIVE
from steppe.types import StepRun
from steppe_server import briefs
from steppe_server.progress import ProgressOf
from steppe_server.schemas.events import Measured
from steppe_server.schemas.runs import Run
from steppe_server.schemas.step_runs import StepRunBrief

PAUSE = 0.05
"""Seconds between two looks at whether anything was written."""

PROGRESS = 0.1
"""Seconds between two looks at how far running steps are."""

LINGER = 60.0
"""Seconds for which changes are still noted when nobody follows: a connection that was lost comes back."""

LIVING = 2.0
"""Seconds between two looks where nothing was written: a kernel that was killed writes nothing down."""

NEWEST = 200
"""StepRuns that are looked at when something was: those that go on, and the latest."""

RING = 10_000
"""Events that are kept for those whose connection was lost."""

EPOCH = secrets.token_hex(4)
"""Tells this server's numbers from those of the one before."""


class Event(NamedTuple):
    """Something that happened.

    Attributes:
        number: rises by one.
        kind: `step`, `run`, `metric` or `progress`.
        data: its JSON.
    """

    number: int
    kind: str
    data: bytes

    @property
    def id(self) -> str:
        """What a client gives back to go on after this event."""
        return f"{EPOCH}-{self.number}"


class Changes:
    """The changes of one project. Lives on the server's loop; reads the catalog beside it."""

    def __init__(self, opened: Callable[[], Opened | None], threads: Executor) -> None:
        """Follow what `opened` returns: None until something has been kept."""
        self._opened = opened
        self._threads = threads
        self._ring: deque[Event] = deque(maxlen=RING)
        self._next = 1
        self._news = asyncio.Event()
        self._followers = 0
        self._task: asyncio.Task[None] | None = None
        self._seen = _Seen()
        self._far = ProgressOf()

    async def begin(self) -> None:
        """Begin to follow; what is so now is no event."""
        self._followers += 1
        if self._task is None:
            await self._look(self._read, quiet=True)
            if self._task is None:
                self._task = asyncio.create_task(self._follow())

    def end(self) -> None:
        """End what `begin` began."""
        self._followers -= 1
        if self._followers == 0:
            asyncio.get_running_loop().call_later(LINGER, self._rest)

    def _rest(self) -> None:
        """Note no more changes; who comes back from before this has to ask anew."""
        if self._followers == 0 and self._task is not None:
            self._task.cancel()
            self._task = None
            self._ring.clear()
            self._next += 1

    @property
    def last(self) -> int:
        """The number of the latest event; 0 before the first."""
        return self._next - 1

    def since(self, number: int) -> list[Event] | None:
        """Return the events after one; None where some of them are no longer kept."""
        first = self._ring[0].number if self._ring else self._next
        if number > self.last or number < first - 1:
            return None
        return [event for event in self._ring if event.number > number] if number < self.last else []

    async def news(self, seconds: float) -> None:
        """Wait for an event, or for some seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    async def _follow(self) -> None:
        mark: object = None
        again = False
        looked = asked = 0.0
        while True:
            await asyncio.sleep(PAUSE)
            opened = self._opened_now()
            if opened is None:
                continue
            now = opened.catalog.mark()
            idle = time.monotonic() - looked
            if self._seen.going and time.monotonic() - asked > PROGRESS:
                asked = time.monotonic()
                await self._look(self._progress)
            if now is not None and now == mark and not again and idle < LIVING:
                continue
            looked = time.monotonic()
            again = now is not None and now != mark  # another write may have come within the same tick of the clock
            mark = now
            await self._look(self._read)

    def _opened_now(self) -> Opened | None:
        try:
            return self._opened()
        except Exception:  # the catalog can't be opened just now: it may be in a moment
            return None

    async def _look(self, read: Callable[[], list[tuple[str, bytes]]], *, quiet: bool = False) -> None:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, read)
        except Exception:  # as above: followers hear of it when it is there again
            return
        if found and not quiet:
            for kind, data in found:
                self._ring.append(Event(self._next, kind, data))
                self._next += 1
            self._news.set()
            self._news.clear()

    def _read(self) -> list[tuple[str, bytes]]:
        opened = self._opened()
        return [] if opened is None else self._seen.changes(opened.catalog)

    def _progress(self) -> list[tuple[str, bytes]]:
        opened = self._opened()
        told = [] if opened is None else self._far.news(opened.project.state, self._seen.going)
        return [("progress", msgspec.json.encode(item)) for item in told]


class _Seen:
    """What was so at the last look."""

    def __init__(self) -> None:
        self._newest = ""
        self._steps: dict[str, StepRunBrief] = {}
        self._runs: dict[str, Run] = {}
        self._metrics: dict[tuple[str, str], tuple[float | None, float]] = {}

    def changes(self, catalog: Catalog) -> list[tuple[str, bytes]]:
        """Return what is not as it was, as kinds and JSON."""
        steps = self._changed_steps(catalog)
        runs = self._changed_runs(catalog)
        metrics = self._changed_metrics(catalog, [step.id for step in steps])
        told: list[tuple[str, Iterable[object]]] = [("run", runs), ("step", steps), ("metric", metrics)]
        return [(kind, msgspec.json.encode(item)) for kind, items in told for item in items]

    @property
    def going(self) -> list[str]:
        """The StepRuns that wait or run."""
        return [id_ for id_, step in self._steps.items() if step.state in LIVE]

    def _changed_steps(self, catalog: Catalog) -> list[StepRunBrief]:
        newest = self._new_steps(catalog)
        going = catalog.step_runs.list(StepRunFilter(states=tuple(LIVE)), limit=NEWEST).items
        found = {step.id: step for step in (*newest, *going)}
        went_on = [id_ for id_, step in self._steps.items() if step.state in LIVE and id_ not in found]
        for id_ in went_on:
            step = catalog.step_runs.get(id_)
            if step is not None:
                found[id_] = step
        now = {each.id: each for each in briefs.briefs(found.values(), catalog)}
        changed = [now[id_] for id_ in sorted(now) if self._steps.get(id_) != now[id_]]
        self._steps = now
        return changed

    def _new_steps(self, catalog: Catalog) -> list[StepRun]:
        """Return the latest StepRuns, and all since the last look where those are more."""
        found: list[StepRun] = []
        after: str | None = None
        while True:
            page = catalog.step_runs.list(StepRunFilter(), after=after, limit=NEWEST)
            found += page.items
            after = page.next
            if after is None or not self._newest or after <= self._newest or len(found) >= RING:
                break
        self._newest = max([self._newest, *(step.id for step in found)])
        return found

    def _changed_runs(self, catalog: Catalog) -> list[Run]:
        found = {run.id: run for run in catalog.runs.list(RunFilter(), limit=20).items}
        for id_, run in self._runs.items():
            if run.status == "running" and id_ not in found:
                again = catalog.runs.get(id_)
                if again is not None:
                    found[id_] = again
        now = {run.id: run for run in briefs.runs(found.values(), catalog)}
        changed = [now[id_] for id_ in sorted(now) if self._runs.get(id_) != now[id_]]
        self._runs = now
        return changed

    def _changed_metrics(self, catalog: Catalog, steps: list[str]) -> list[Measured]:
        """Return the latest numbers of the steps that go on, and of those that have just changed: the last ones."""
        changed = []
        for id_, metrics in catalog.metrics.latest({*self.going, *steps}).items():
            for metric in metrics:
                told = Measured.of(id_, metric)
                if self._metrics.get((id_, metric.name)) != (told.value, told.time):
                    self._metrics[id_, metric.name] = (told.value, told.time)
                    changed.append(told)
        return changed
