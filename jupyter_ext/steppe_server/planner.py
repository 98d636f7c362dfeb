"""Plans notebooks in a process of its own, kept warm: planning changes the folder that it works in.

One notebook is planned at a time, and nothing is remembered: a file may have changed without notice.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from steppe.errors import UsageError
from steppe_server.errors import Refused
from steppe_server.schemas.pipelines import Pipeline

PATIENCE = 60.0
"""Seconds that a plan may take."""


class Planner:
    """The process that plans, begun when it is first needed and again where it has died."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def plan(self, file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
        """Plan a notebook; see `pipelines.pipeline`.

        Raises:
            Refused: it is no notebook, or planning takes too long.
        """
        for again in (True, False):
            try:
                return await self._ask(file, path, document, steps)
            except BrokenProcessPool:
                self._pool = None
                if not again:
                    raise Refused("the process that plans notebooks has died twice: see the server's log.") from None
        raise AssertionError

    async def _ask(self, file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context)
        work = asyncio.get_running_loop().run_in_executor(self._pool, _plan, file, path, document, steps)
        try:
            return await asyncio.wait_for(work, PATIENCE)
        except UsageError as error:
            raise Refused(str(error)) from error
        except TimeoutError:
            self.close()
            raise Refused(f"the plan of {path} takes longer than {PATIENCE:.0f} s.") from None

    def close(self) -> None:
        """End the process."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def _plan(file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
    from steppe_server.pipelines import pipeline

    try:
        return pipeline(file, path, document, steps)
    except UsageError as error:
        raise UsageError(str(error)) from None
