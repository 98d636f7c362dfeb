"""Numbers that a step logs while it runs: who listens. Knows nothing of where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from steppe.types import Measured

Listener = Callable[[Measured], object]

_LISTENERS: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` told of each number that is logged meanwhile, in this process."""
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


def log(measured: Measured) -> None:
    """Tell of a number; where nobody listens, in a script say, it goes nowhere."""
    for listener in tuple(_LISTENERS):
        listener(measured)
