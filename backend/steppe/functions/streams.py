"""Steps that stream: generators and asynchronous ones. The step ends as its stream ends, is closed, or is let go of."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from steppe.functions.spans import Live
from steppe.worker.running import RUNNING

EARLY = "its reader has closed it before its end"


class _OfStep:
    """A generator of a step, which ends once: as the generator does, or before, where nobody wants more of it."""

    def __init__(self, live: Live, generator: Any) -> None:
        self._live = live
        self._generator = generator

    def _end(self, error: BaseException | None, why: str = "") -> None:
        if not self._live.ended:
            self._live.why = why or self._live.why
            self._live.end(error)

    def __del__(self) -> None:
        self._end(None, EARLY)


class Stream(_OfStep, Generator[Any, Any, Any]):
    """A step's generator: each of its turns runs inside of the step."""

    def send(self, value: Any) -> Any:
        """Go on to the next item."""
        return self._turn(self._generator.send, value)

    def throw(self, *error: Any) -> Any:
        """Raise an error where it stands."""
        return self._turn(self._generator.throw, *error)

    def close(self) -> None:
        """End it."""
        try:
            self._generator.close()
        finally:
            self._end(None, EARLY)

    def _turn(self, go: Any, *given: Any) -> Any:
        token = RUNNING.set(self._live)
        try:
            return go(*given)
        except StopIteration:
            self._end(None)
            raise
        except BaseException as error:
            self._end(error)
            raise
        finally:
            RUNNING.reset(token)


class AsyncStream(_OfStep, AsyncGenerator[Any, Any]):
    """The same for an asynchronous generator."""

    def asend(self, value: Any) -> Any:
        """Go on to the next item."""
        return self._turn(self._generator.asend, value)

    def athrow(self, *error: Any) -> Any:
        """Raise an error where it stands."""
        return self._turn(self._generator.athrow, *error)

    async def aclose(self) -> None:
        """End it."""
        try:
            await self._generator.aclose()
        finally:
            self._end(None, EARLY)

    async def _turn(self, go: Any, *given: Any) -> Any:
        token = RUNNING.set(self._live)
        try:
            return await go(*given)
        except StopAsyncIteration:
            self._end(None)
            raise
        except BaseException as error:
            self._end(error)
            raise
        finally:
            RUNNING.reset(token)
