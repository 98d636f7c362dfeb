"""A step's value that may not be there yet: to be waited for, awaited, or passed on to another step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

R = TypeVar("R")


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
    kind = type(value)
    if kind is StepFuture:
        return True
    if kind is list or kind is tuple:
        return any(map(holds_futures, value))
    return kind is dict and any(map(holds_futures, value.values()))


def resolved(value: Any) -> Any:
    """Return a value with the values of futures in their place, once they are there."""
    kind = type(value)
    if kind is StepFuture:
        return value.result()
    if not holds_futures(value):
        return value
    if kind is dict:
        return {key: resolved(item) for key, item in value.items()}
    return kind(resolved(item) for item in value)


async def awaited(value: Any) -> Any:
    """Return what `resolved` does, without keeping the event loop."""
    kind = type(value)
    if kind is StepFuture:
        return await value
    if not holds_futures(value):
        return value
    if kind is dict:
        return {key: await awaited(item) for key, item in value.items()}
    return kind([await awaited(item) for item in value])
