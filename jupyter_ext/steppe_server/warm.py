"""A process beside the server, kept warm: begun when it is first needed, and again where it has died."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

START = 120.0
"""Seconds that a process may take to begin, on a machine that is busy."""


class Died(Exception):
    """A process died of what it was asked, twice."""


class WarmProcess:
    """One process, which does one thing at a time."""

    def __init__(self, begun: Callable[[], object] | None = None) -> None:
        """Take what the process does when it has begun."""
        self._initializer = begun
        self._pool: ProcessPoolExecutor | None = None
        self._begun: asyncio.Future[None] | None = None

    async def ask(self, work: Callable[..., Any], *words: Any, patience: float) -> Any:
        """Have the process do something, and return what comes of it.

        Args:
            work: a function of a module.
            words: what it is called with.
            patience: seconds that it may take once the process has begun.

        Raises:
            Died: it ended the process, and did so again in a new one.
            TimeoutError: it takes too long; the process has been ended.
        """
        deaths = 0
        while True:
            loop = asyncio.get_running_loop()
            if self._pool is None or self._begun is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=self._initializer)
                self._begun = loop.run_in_executor(self._pool, _ready)
            ours = self._pool
            try:
                if not self._begun.done():
                    await asyncio.wait_for(asyncio.shield(self._begun), START)
                return await asyncio.wait_for(loop.run_in_executor(ours, work, *words), patience)
            except TimeoutError:
                self._end(ours)
                raise
            except BrokenProcessPool:
                deaths += ours is self._pool  # where it is not, another's work was given up
                self._end(ours)
                if deaths > 1:
                    raise Died from None
            except asyncio.CancelledError:
                if ours is self._pool or _is_cancelled():
                    raise

    def give_up(self) -> None:
        """End what the process does; what else it was asked is begun again in a new one."""
        if self._pool is not None:
            self._end(self._pool)

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._end(self._pool)

    def _end(self, pool: ProcessPoolExecutor) -> None:
        """End a process; one that others have begun meanwhile stays."""
        if pool is self._pool:
            self._pool = self._begun = None
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def _is_cancelled() -> bool:
    """Tell whether whoever waits was cancelled, and not only what is waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _ready() -> None:
    """Do nothing: what answers has begun."""
