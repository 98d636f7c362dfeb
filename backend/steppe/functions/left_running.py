"""Tasks of an event loop that a step has begun and not waited for: a hit would not begin them again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from steppe.worker.trace import active


@contextmanager
def noting_tasks() -> Iterator[None]:
    """Note of the step that is observed where tasks that have come about meanwhile go on after it."""
    before = _tasks()
    yield
    trace = active()
    if trace is not None and any(not task.done() for task in _tasks() - before):
        trace.leaves("it has begun a task that goes on without it")


def _tasks() -> set[asyncio.Task[Any]]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:  # no event loop runs
        return set()
