"""How far a step says that it is: who listens, and how often they are told. Knows nothing of where it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from steppe.worker.events import Event

Listener = Callable[[Event], object]

EVERY = 0.1
"""Seconds between two that are told; the last one, at the end, always is."""

_LISTENERS: list[Listener] = []
_told = 0.0


@contextmanager
def following(listener: Listener) -> Iterator[None]:
    """Have `listener` told of the progress that code in this process reports meanwhile."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def report(done: float, total: float | None, text: str) -> None:
    """Tell how far it is; where nobody listens, in a script say, it goes nowhere."""
    global _told  # noqa: PLW0603
    now = time.monotonic()
    if not _LISTENERS or (now - _told < EVERY and not (total is not None and done >= total)):
        return
    _told = now
    data: dict[str, Any] = {"done": done, "total": total, "text": text}
    event = Event(kind="progress", at=time.time(), data=data)
    for listener in tuple(_LISTENERS):
        listener(event)
