"""A step's value that may not be there yet: to be waited for, awaited, or passed on to another step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

R = TypeVar("R")

CONTAINERS = frozenset({list, tuple, dict})
"""Types of values in which futures are found."""


class StepFuture(Generic[R]):
    """What `.submit()` returns.

    Attributes:
        name: the step's.
    """

    made = False
    """Whether there has been one in this process: else no argument need be looked through for some."""

    def __init__(self, name: str, future: Future[R]) -> None:
        """Wait for `future`."""
        StepFuture.made = True
        self.name = name
        self._future = future

    def result(self, timeout: float | None = None) -> R:
        """Return the step's value once it is there.

        Raises:
            BaseException: what the step has raised.
            TimeoutError: it is not there after `timeout` seconds.
        """
        return self._future.result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what the step has raised, once it has ended, or None.

        Args:
            timeout: how many seconds to wait for it; without end if not given.

        Raises:
            TimeoutError: it has not ended by then.
        """
        return self._future.exception(timeout)

    def done(self) -> bool:
        """Tell whether the step has ended."""
        return self._future.done()

    def add_done_callback(self, call: Callable[[StepFuture[R]], object]) -> None:
        """Call `call` with this, once the step has ended."""
        self._future.add_done_callback(lambda _: call(self))

    def __await__(self) -> Generator[Any, None, R]:
        return asyncio.wrap_future(self._future).__await__()

    def __repr__(self) -> str:
        state = "running" if not self.done() else "failed" if self._future.exception() else "done"
        return f"<StepFuture of {self.name}: {state}>"


def done(name: str, work: Callable[[], R]) -> StepFuture[R]:
    """Do some work now, and return the future that has its value, or its error."""
    future: Future[R] = Future()
    try:
        value = work()
    except Exception as error:  # what it is told to whoever asks for the value
        future.set_exception(error)
    else:
        future.set_result(value)
    return StepFuture(name, future)


def holds_futures(value: Any) -> bool:
    """Tell whether a value is a future, or a list, tuple or dict with one in it."""
    return any(type(each) is StepFuture for each in _parts(value))


def _parts(value: Any) -> Iterator[Any]:
    """Yield a value and what lies in it, lists, tuples and dicts once each: they may lie in themselves, and deep."""
    seen: set[int] = set()
    todo = [value]
    while todo:
        each = todo.pop()
        yield each
        kind = type(each)
        if kind in CONTAINERS and id(each) not in seen:
            seen.add(id(each))
            todo += each.values() if kind is dict else each


def resolved(value: Any) -> Any:
    """Return a value with the values of futures in their place, once they are there."""
    if not holds_futures(value):
        return value
    return _with_values(value, {id(each): each.result() for each in _parts(value) if type(each) is StepFuture}, {})


async def awaited(value: Any) -> Any:
    """Return what `resolved` does, without keeping the event loop."""
    if not holds_futures(value):
        return value
    return _with_values(value, {id(each): await each for each in _parts(value) if type(each) is StepFuture}, {})


def _with_values(value: Any, values: dict[int, Any], made: dict[int, Any]) -> Any:
    """Return a value with those of futures in their place; what was one list, or has no future in it, stays one."""
    kind = type(value)
    if kind is StepFuture:
        return values[id(value)]
    if kind not in CONTAINERS or not holds_futures(value):
        return value
    if id(value) not in made:
        if kind is tuple:
            found: Any = tuple(_with_values(item, values, made) for item in value)
            return made.setdefault(id(value), found)
        new = made[id(value)] = kind()
        if kind is dict:
            new.update((key, _with_values(item, values, made)) for key, item in value.items())
        else:
            new.extend(_with_values(item, values, made) for item in value)
    return made[id(value)]
