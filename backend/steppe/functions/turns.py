"""Whose turn it is in this process: what a step is seen to do can be told for one at a time, and those inside of it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

PATIENCE = 1.0
"""Seconds for which a call waits for its turn in a thread: whoever has it may be waiting for this very call."""

LONG = 30.0
"""Seconds for which one waits that keeps nobody waiting."""


class Turns:
    """The steps of this process whose code is being observed: each runs inside of the one before it."""

    def __init__(self) -> None:
        self._stack: list[tuple[Any, int]] = []
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, step: Any, outer: Any) -> Iterator[bool]:
        """Have the turn for a while.

        Args:
            step: whose turn it is to be.
            outer: the step around it, or None.

        Returns:
            Whether it is its turn; else others go on.
        """
        mine = self._enter(step, outer)
        try:
            yield mine
        finally:
            if mine:
                self._leave(step)

    @asynccontextmanager
    async def awaited(self, step: Any, outer: Any) -> AsyncIterator[bool]:
        """Have the turn for a while, and let the event loop go on until it is there."""
        until = time.monotonic() + LONG
        while not (mine := self._take(step, outer)) and time.monotonic() < until:  # noqa: ASYNC110  # threads end it too
            await asyncio.sleep(0.005)
        try:
            yield mine
        finally:
            if mine:
                while self._stack[-1][0] is not step:  # noqa: ASYNC110  # it ends when those that it has begun have
                    await asyncio.sleep(0.005)
                self._leave(step)

    def _enter(self, step: Any, outer: Any) -> bool:
        until = time.monotonic() + PATIENCE
        while not self._take(step, outer):
            with self._changed:
                here = bool(self._stack) and self._stack[-1][1] == threading.get_ident()
                if here or not self._changed.wait(until - time.monotonic()):
                    return False
        return True

    def _take(self, step: Any, outer: Any) -> bool:
        with self._changed:
            top = self._stack[-1][0] if self._stack else None
            if top is not outer:
                return False
            self._stack.append((step, threading.get_ident()))
            return True

    def _leave(self, step: Any) -> None:
        with self._changed:
            while self._stack[-1][0] is not step and self._changed.wait(LONG):
                pass
            self._stack = [each for each in self._stack if each[0] is not step]
            self._changed.notify_all()

    def begin_anew(self) -> None:
        """Forget all: this process is a child of the one that they run in."""
        self.__init__()  # type: ignore[misc]


class Alone:
    """Work by its key: what is under way in one thread is waited for by others that want the same."""

    def __init__(self) -> None:
        self._under_way: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    @contextmanager
    def with_key(self, key: str) -> Iterator[None]:
        """Do the work of a key while nobody else in this process does."""
        mine = threading.Event()
        while True:
            with self._lock:
                other = self._under_way.setdefault(key, mine)
            if other is mine:
                break
            other.wait()
        try:
            yield
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()


TURNS = Turns()
ELSEWHERE = Alone()
"""The work that is done elsewhere for this process."""

os.register_at_fork(after_in_child=TURNS.begin_anew)
