"""Reads stored values in processes beside the server: bytes that are damaged, or do harm, end such a process alone.

One process answers pages, another sorts, a third looks through columns; so a page does not wait for either.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from steppe.lineage.views.source import Source, Unreadable
from steppe_server.errors import Refused
from steppe_server.schemas.artifacts import Content, Summaries, Table
from steppe_server.warm import Died, WarmProcess

MEMORY = 12 << 30
"""Bytes of its own that a process may have; what it maps does not count."""
PATIENCE = 30.0
"""Seconds that a page may take."""
WORK = 900.0
"""Seconds that an order or a column may take."""


class Unable(Refused):
    """A value can't be shown."""

    status = 422


class Reader:
    """The processes that read."""

    def __init__(self) -> None:
        self._processes: dict[str, WarmProcess] = {}
        self._tasks: dict[tuple[Any, ...], asyncio.Task[Any]] = {}

    async def page(
        self,
        source: Source,
        folder: Path,
        *,
        at: tuple[int, ...],
        span: tuple[int, int],
        columns: tuple[int, int],
        sort: int | None,
        descending: bool,
        wait: float,
    ) -> Table:
        """Return a page of a table; see `readings.page`. An order that is not known yet is begun.

        Raises:
            Unable: it can't be read.
        """
        words = ("page", source, folder, at, span, columns, sort, descending)
        found: Table = await self._ask("pages", words, PATIENCE)
        if not found.sorting or sort is None:
            return found
        work = self._begin("orders", (str(folder), source.version, at, sort), ("order", source, folder, at, sort))
        if found.rows:
            return found
        done, _ = await asyncio.wait({work}, timeout=wait)
        if not done:
            return found
        work.result()
        again: Table = await self._ask("pages", words, PATIENCE)
        return again

    async def give_up(self, source: Source, folder: Path, *, at: tuple[int, ...], sort: int) -> bool:
        """End the computing of an order; tell whether there was any."""
        task = self._tasks.get(("orders", str(folder), source.version, at, sort))
        if task is None or task.done():
            return False
        task.cancel()
        await asyncio.wait({task})
        if "orders" in self._processes:  # else it had not begun
            self._processes["orders"].give_up()
        await self._ask("pages", ("forget", source, folder, at, sort), PATIENCE)
        return True

    async def columns(self, source: Source, folder: Path, columns: tuple[int, int], wait: float) -> Summaries:
        """Return columns in short, as far as they are known; what is not is looked into.

        Raises:
            Unable: it can't be read.
        """
        words = ("known", source, folder, columns)
        known, missing = await self._ask("pages", words, PATIENCE)
        works = {
            self._begin("columns", (str(folder), source.version, at), ("summarise", source, folder, at))
            for at in missing
        }
        if works:
            done, _ = await asyncio.wait(works, timeout=wait)
            for work in done:
                work.result()
            known, _ = await self._ask("pages", words, PATIENCE)
        found: Summaries = known
        return found

    async def content(self, source: Source, kind: str) -> Content:
        """Return what is drawn of a value.

        Raises:
            Unable: it can't be read.
        """
        found: Content = await self._ask("pages", ("drawn", source, kind), PATIENCE)
        return found

    async def shown(self, data: dict[str, Any]) -> Content:
        """Return what is drawn of a MIME bundle that a cell showed.

        Raises:
            Unable: it can't be drawn.
        """
        found: Content = await self._ask("pages", ("shown", data), PATIENCE)
        return found

    def _begin(self, pool: str, key: tuple[Any, ...], words: tuple[Any, ...]) -> asyncio.Task[Any]:
        """Begin some work that takes long, or return it where it is under way."""
        key = (pool, *key)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.get_running_loop().create_task(self._ask(pool, words, WORK))
            task.add_done_callback(lambda done: self._over(key, done))
        return task

    def _over(self, key: tuple[Any, ...], task: asyncio.Task[Any]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody else has to be

    async def _ask(self, pool: str, words: tuple[Any, ...], patience: float) -> Any:
        process = self._processes.setdefault(pool, WarmProcess(_begun))
        try:
            return await process.ask(_do, words, patience=patience)
        except Unreadable as error:
            raise Unable(str(error)) from error
        except TimeoutError:
            raise Unable(f"reading it takes longer than {patience:.0f} s.") from None
        except Died:
            raise Unable(
                "the process that reads values died of it: its bytes are damaged, or too much for its memory."
            ) from None

    def close(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            process.close()


def _begun() -> None:
    """Bound the memory of a process that reads, and load what it will need."""
    if sys.platform == "linux":
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    import_module("steppe_server.readings")


def _do(words: tuple[Any, ...]) -> Any:
    """Call one of the functions of `readings`: the server itself loads nothing that they need."""
    return getattr(import_module("steppe_server.readings"), words[0])(*words[1:])
