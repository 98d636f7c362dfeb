"""The desk: it owns the tasks of all attempts on a cluster, and keeps what they tell.

An attempt goes on though whoever launched it is gone: who attaches hears it from its first event. In a cluster that is
there without us it is a detached actor, which ends by itself once it has had nothing to do for a while. A local Ray
ends with its driver, so its desk is in the driver: each step is spared two calls of an actor.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from steppe.executors.executor import End, Event
from steppe.executors.process.flight import ProcessFlight
from steppe.executors.process.folders import AttemptFolder, attempts_folder
from steppe.executors.ray.ends import ended
from steppe.executors.ray.inside import stand_aside
from steppe.executors.ray.messages import DESK, NAMESPACE, Batch, Order
from steppe.executors.ray.task import run

PATIENCE = 1.0
"""Seconds after which it is said for what a task waits."""

KEPT = 600.0
"""Seconds for which what an attempt told is kept after its end."""

INSISTS = 0.2
"""Seconds between two tries to end an attempt on this machine: its folder may not be there yet."""


class Kept:
    """One attempt, as the desk knows it.

    Attributes:
        order: what was ordered.
        events: what it has told, encoded.
        end: how it ended.
        over: when, on the monotonic clock.
        unwanted: whether somebody has cancelled it.
        cancelled: whether it is to end, or has ended.
        tasks: what its code was last seen to run on a cluster of its own.
        counted: whether that has been told of for the last time.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.events: list[bytes] = []
        self.end: End | None = None
        self.over = 0.0
        self.begun = self.unwanted = self.counted = False
        self.tasks: dict[str, dict[str, int]] = {}
        self.cancelled = asyncio.Event()
        self.task: Any = None
        self._changed = asyncio.Event()

    def hear(self, batch: Batch) -> None:
        """Keep what is told, and wake who waits for it.

        A task that Ray interrupts may end in whatever way: at an import, in a thread, or without a word.
        """
        self.events.extend(batch.events)
        if batch.end is not None:
            self.end, self.over = batch.end, time.monotonic()
            if self.unwanted and self.end.how not in ("done", "cancelled"):
                self.end = End(how="cancelled", why="it was cancelled", usage=self.end.usage)
            self.cancelled.set()
        self._changed.set()
        self._changed = asyncio.Event()

    def take_back(self) -> None:
        """Have Ray cancel its task."""
        if self.task is not None:
            import ray

            with contextlib.suppress(Exception):  # it has begun meanwhile, or ended
                ray.cancel(self.task, force=False, recursive=False)

    async def news(self, known: int) -> Batch:
        """Wait for what is not known yet."""
        while known >= len(self.events) and self.end is None:
            await self._changed.wait()
        return Batch(events=tuple(self.events[known:]), end=self.end)


class Desk:
    """The desk of a Ray whose tasks all run on this machine. Its calls are handled side by side, in one thread."""

    def __init__(self, check: Callable[[], object] = lambda: None) -> None:
        """Know of no attempt yet.

        Args:
            check: called where a task has failed, before anybody is told: it ends this process where Ray is broken.
        """
        self._check = check
        self._kept: dict[str, Kept] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._used = time.monotonic()

    async def launch(self, data: bytes) -> str:
        """Start an attempt; return the one to follow: for a key that is under way already, that."""
        order = msgspec.msgpack.decode(data, type=Order)
        launch = order.launch
        self._used = time.monotonic()
        for attempt, kept in self._kept.items():
            same = (kept.order.launch.key, kept.order.launch.store) == (launch.key, launch.store)
            if attempt == launch.attempt or (launch.key and same and kept.end is None and not kept.cancelled.is_set()):
                return attempt
        self._forget()
        kept = self._kept[launch.attempt] = Kept(order)
        self._in_background(self._carry(kept, data))
        self._in_background(self._say_what_for(kept))
        return launch.attempt

    async def follow(self, attempt: str, known: int) -> bytes | None:
        """Return the next Batch of an attempt, encoded, once there is one; None for one that is not known."""
        self._used = time.monotonic()
        kept = self._kept.get(attempt)
        return None if kept is None else msgspec.msgpack.encode(await kept.news(known))

    async def knows(self, attempt: str) -> bool:
        """Tell whether it knows an attempt."""
        return attempt in self._kept

    async def cancel(self, attempt: str) -> None:
        """End an attempt: its worker is told where it runs, and its task is taken back where it waits."""
        kept = self._kept.get(attempt)
        if kept is None or kept.end is not None:
            return
        if not kept.begun:
            kept.take_back()
        if not kept.unwanted:
            kept.unwanted = True
            kept.cancelled.set()
            self._insist(kept)

    def _insist(self, kept: Kept) -> None:
        """See to it that an attempt ends which has begun, or is about to."""
        self._in_background(_end_here(kept))

    async def under_way(self) -> int:
        """Return how many attempts have not ended."""
        return sum(kept.end is None for kept in self._kept.values())

    def _forget(self) -> None:
        """Forget what is over for long."""
        now = time.monotonic()
        for attempt, kept in list(self._kept.items()):
            if kept.end is not None and now > kept.over + KEPT:
                del self._kept[attempt]

    def _in_background(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, kept: Kept, data: bytes) -> None:
        """Run an attempt's task, and hear it to its end."""
        try:
            if kept.cancelled.is_set():
                kept.hear(Batch(end=End(how="cancelled", why="it was cancelled")))
                return
            kept.task = started(kept.order.options, data)
            async for batch in _batches(kept.task):
                kept.begun = True
                await self._hear(kept, batch)
            if kept.end is None:
                kept.hear(Batch(end=End(how="failed", why="its task ended without a word", again=True)))
        except Exception as error:  # whatever Ray raises is the end of this attempt
            self._check()
            cause = getattr(error, "cause", None) or error
            kept.hear(Batch(end=ended(type(cause).__name__, str(error), cancelled=kept.unwanted)))

    async def _hear(self, kept: Kept, batch: Batch) -> None:
        """Keep what a task tells."""
        kept.hear(batch)

    async def _say_what_for(self, kept: Kept) -> None:
        await asyncio.sleep(PATIENCE)
        if not kept.begun and kept.end is None:
            event = Event(kind="queued", at=time.time(), data={"for": kept.order.asked})
            kept.hear(Batch(events=(msgspec.msgpack.encode(event),)))


async def _end_here(kept: Kept) -> None:
    """End an attempt whose worker is a process of this machine, as soon as it is there."""
    tries = 0
    while kept.end is None:
        folder = AttemptFolder(f"{attempts_folder(os.environ)}/{kept.order.launch.attempt}")
        if folder.there:
            ProcessFlight(folder).cancel()
        elif tries % 5 == 4:  # Ray may have given its task other folders: it interrupts, and the task passes it on
            kept.take_back()
        tries += 1
        await asyncio.sleep(INSISTS)


async def _batches(task: Any) -> AsyncIterator[Batch]:
    async for each in task:
        yield msgspec.msgpack.decode(await each, type=Batch)


_REMOTE: list[Any] = []


def started(options: dict[str, Any], data: bytes) -> Any:
    """Start an order's Ray task."""
    import ray

    if not _REMOTE:
        _REMOTE.append(ray.remote(carry_out))
    strategy = options.get("scheduling_strategy")
    if isinstance(strategy, dict):
        options = {**options, "scheduling_strategy": _strategy(strategy)}
    return _REMOTE[0].options(num_returns="streaming", max_retries=0, **options).remote(data)


def _strategy(told: dict[str, str]) -> Any:
    from ray.util import get_placement_group
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    return PlacementGroupSchedulingStrategy(get_placement_group(told["group"]))


def carry_out(data: bytes) -> Any:
    """Run an order in this process of Ray's."""
    stand_aside()

    def cancelled(attempt: str) -> None:
        import ray

        ray.get(ray.get_actor(DESK, NAMESPACE).cancelled.remote(attempt))

    yield from run(data, cancelled, own_address)


def own_address() -> str:
    """Return the address of the cluster that this process belongs to."""
    import ray

    return str(ray.get_runtime_context().gcs_address)
