"""The desk of a cluster that is there without us: a detached actor at its head, for all who use the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import msgspec

from steppe.executors.executor import Event
from steppe.executors.ray.desk import Desk, Kept
from steppe.executors.ray.inside import stand_aside
from steppe.executors.ray.messages import DESK, NAMESPACE, Batch
from steppe.executors.ray.tally import seen

IDLE = 300.0
"""Seconds without work after which it ends by itself."""

LOOKS, PART = 1.0, 60
"""Seconds between two looks at a cluster's tasks, at first; later a part of the time since its step began."""

SETTLES = 0.3, 3.0
"""Seconds between two looks that have to agree on what a step's code ran, and for how long they are waited for."""

GONE = ("ActorDiedError", "ActorUnavailableError", "RayActorError")
"""What Ray raises where it has ended."""


class DeskActor(Desk):
    """The desk of a cluster that is there without its drivers: the actor's class."""

    def __init__(self) -> None:
        stand_aside()
        super().__init__()

    def _insist(self, kept: Kept) -> None:
        """Do nothing more: the task asks, see `cancelled`."""

    async def _hear(self, kept: Kept, batch: Batch) -> None:
        """Keep what a task tells; where a cluster was raised for it, count what it ran there before it is over."""
        if kept.order.raised:
            kinds = {msgspec.msgpack.decode(data, type=Event).kind for data in batch.events}
            if "started" in kinds:
                self._in_background(self._watch(kept))
            if kinds & {"ended", "done"} and not kept.counted:
                kept.counted = True
                await self._count_all(kept)
        await super()._hear(kept, batch)

    async def _watch(self, kept: Kept) -> None:
        """Count what an attempt's code runs on the cluster, while it does."""
        began = time.monotonic()
        while kept.end is None and not kept.counted:
            await self._count(kept)
            await asyncio.sleep(max(LOOKS, (time.monotonic() - began) / PART))

    async def _count_all(self, kept: Kept) -> None:
        """Count what an attempt's code has run, once Ray knows of all of it."""
        pause, most = SETTLES
        until, agreed = time.monotonic() + most, False
        while not agreed and time.monotonic() < until:
            before = kept.tasks
            await asyncio.sleep(pause)
            agreed = not await self._count(kept) and kept.tasks == before

    async def _count(self, kept: Kept) -> bool:
        """Tell of what runs on the cluster where that has changed; return whether some of it is not over."""
        import ray

        tasks = kept.tasks
        with contextlib.suppress(Exception):  # whatever Ray raises: the step does not hang on it
            own = bytes.fromhex(ray.get_runtime_context().get_job_id())
            tasks = await asyncio.get_running_loop().run_in_executor(None, seen, own)
        if tasks != kept.tasks:
            kept.tasks = tasks
            event = Event(kind="tasks", at=time.time(), data={"tasks": tasks})
            kept.hear(Batch(events=(msgspec.msgpack.encode(event),)))
        return any(counts.keys() & {"waiting", "running"} for counts in tasks.values())

    async def cancelled(self, attempt: str) -> None:
        """Return once an attempt is to be cancelled, or is over."""
        kept = self._kept.get(attempt)
        if kept is not None:
            await kept.cancelled.wait()

    async def look(self) -> None:
        """Forget what is over for long; end where nothing was to do for long."""
        import ray

        while True:
            await asyncio.sleep(IDLE / 10)
            self._forget()
            now = time.monotonic()
            if await self.under_way():
                self._used = now
            if now > self._used + IDLE:
                ray.actor.exit_actor()


class DeskThere:
    """The desk of a cluster, as its drivers reach it; made anew where it has ended."""

    def __init__(self) -> None:
        """Find it, or have it made; it may have to be waited for."""
        import ray

        self._actor = self._opened()
        ray.get(self._actor.under_way.remote())

    @staticmethod
    def _opened() -> Any:
        import ray

        actor = (
            ray.remote(DeskActor)
            .options(
                name=DESK,
                namespace=NAMESPACE,
                lifetime="detached",
                get_if_exists=True,
                num_cpus=0,
                max_concurrency=10_000,
                resources={"node:__internal_head__": 0.001},
            )
            .remote()
        )
        actor.look.remote()
        return actor

    async def launch(self, data: bytes) -> str:
        """See `Desk.launch`; at a new desk where the one that was known has ended."""
        try:
            return str(await self._actor.launch.remote(data))
        except Exception as error:
            if type(error).__name__ not in GONE:
                raise
        self._actor = await asyncio.get_running_loop().run_in_executor(None, self._opened)
        return str(await self._actor.launch.remote(data))

    async def follow(self, attempt: str, known: int) -> bytes | None:
        """See `Desk.follow`."""
        found: bytes | None = await self._actor.follow.remote(attempt, known)
        return found

    async def knows(self, attempt: str) -> bool:
        """See `Desk.knows`."""
        return bool(await self._actor.knows.remote(attempt))

    async def cancel(self, attempt: str) -> None:
        """See `Desk.cancel`."""
        await self._actor.cancel.remote(attempt)

    async def under_way(self) -> int:
        """See `Desk.under_way`."""
        return int(await self._actor.under_way.remote())
