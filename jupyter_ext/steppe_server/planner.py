"""Plans notebooks in a process of its own: planning changes the folder that it works in.

One notebook is planned at a time. What a cell's text says is remembered, and what the catalog has answered until
somebody writes to it; files are looked at each time, since they change without notice.
"""

from __future__ import annotations

import asyncio
from typing import Any

from steppe.errors import UsageError
from steppe_server.errors import Refused
from steppe_server.schemas.pipelines import Pipeline
from steppe_server.warm import Died, WarmProcess

PATIENCE = 60.0
"""Seconds that a plan may take."""

CELLS = 4000
"""Cells whose analysis is remembered."""


class Planner:
    """The process that plans."""

    def __init__(self) -> None:
        self._process = WarmProcess(_begin)
        self._turn = asyncio.Lock()

    async def plan(self, file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
        """Plan a notebook; see `pipelines.pipeline`.

        Raises:
            Refused: it is no notebook, or planning takes too long.
        """
        try:
            async with self._turn:  # who waits may still go
                found: Pipeline = await self._process.ask(_plan, file, path, document, steps, patience=PATIENCE)
        except UsageError as error:
            raise Refused(str(error)) from error
        except TimeoutError:
            raise Refused(f"the plan of {path} takes longer than {PATIENCE:.0f} s.") from None
        except Died:
            raise Refused("the process that plans notebooks has died twice: see the server's log.") from None
        return found

    def close(self) -> None:
        """End the process."""
        self._process.close()


def _begin() -> None:
    from steppe.analysis import cell

    cell.remember(CELLS)


def _plan(file: str, path: str, document: dict[str, Any] | None, steps: str) -> Pipeline:
    from steppe_server.pipelines import pipeline

    try:
        return pipeline(file, path, document, steps)
    except UsageError as error:
        raise UsageError(str(error)) from None
