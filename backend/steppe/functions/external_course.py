"""What it takes to raise or end a resource, gone through in this thread or on an event loop.

A course says what is to be done next; whoever goes through it does that, and gives it the answer. Knows of no resource.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import time
from collections.abc import Callable, Generator
from contextvars import copy_context
from typing import Any, NamedTuple

from steppe.errors import ResourceFailed


class Work(NamedTuple):
    """Something that is to be done in time.

    Attributes:
        seconds: how long it may take.
        function: does it; it may be a coroutine function.
        what: what is so where it takes longer, in words.
    """

    seconds: float
    function: Callable[[], Any]
    what: str


class Ask(NamedTuple):
    """Something that is done at once.

    Attributes:
        function: does it; it may be a coroutine function.
    """

    function: Callable[[], Any]


class Pause(NamedTuple):
    """Nothing, for a while.

    Attributes:
        seconds: for how long.
    """

    seconds: float


Course = Generator[Work | Ask | Pause, Any, None]

LONG = 3600.0
"""Seconds that a coroutine has to answer in, where a thread waits for it."""


def go(course: Course) -> None:
    """Go through a course in this thread.

    Raises:
        BaseException: what it has ended with.
    """
    answer, error = None, None
    while True:
        try:
            todo = course.throw(error) if error is not None else course.send(answer)
        except StopIteration:
            return
        answer = error = None
        try:
            answer = _done(todo)
        except BaseException as raised:  # the course is to judge
            error = raised


async def go_async(course: Course) -> None:
    """Go through a course on the event loop, which goes on meanwhile.

    Raises:
        BaseException: what it has ended with.
    """
    answer, error = None, None
    while True:
        try:
            todo = course.throw(error) if error is not None else course.send(answer)
        except StopIteration:
            return
        answer = error = None
        try:
            answer = await _awaited(todo)
        except BaseException as raised:  # likewise; a cancelled task goes on to end what it has raised
            error = raised


def _done(todo: Work | Ask | Pause) -> Any:
    if isinstance(todo, Pause):
        return time.sleep(todo.seconds)
    return within(*todo) if isinstance(todo, Work) else called(todo.function)


async def _awaited(todo: Work | Ask | Pause) -> Any:
    if isinstance(todo, Pause):
        return await asyncio.sleep(todo.seconds)
    own = inspect.iscoroutinefunction(todo.function)
    work = todo.function() if own else _in_thread(todo.function)
    if isinstance(todo, Ask):
        return await work
    try:
        async with asyncio.timeout(todo.seconds) as limit:
            return await work
    except TimeoutError:
        if limit.expired():
            raise ResourceFailed(f"{todo.what} after {todo.seconds:g} s.") from None
        raise


def called(function: Callable[[], Any]) -> Any:
    """Call a function; a coroutine function in a thread of its own, as this one may have a loop that runs."""
    return within(LONG, function, "no answer") if inspect.iscoroutinefunction(function) else function()


def within(seconds: float, work: Callable[[], Any], what: str) -> Any:
    """Do something in a thread, so that it need not be waited for for ever, and return what it returns.

    Raises:
        ResourceFailed: it takes too long.
        Exception: what it has raised.
    """
    found: list[Any] = []
    raised: list[BaseException] = []
    thread = _thread(work, found.append, raised.append)
    thread.join(seconds)
    if thread.is_alive():
        raise ResourceFailed(f"{what} after {seconds:g} s.")
    if raised:
        raise raised[0]
    return found[0]


async def _in_thread(work: Callable[[], Any]) -> Any:
    """Do something in a thread that nobody has to wait for when this is cancelled."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def tell(how: Callable[[Any], object], what: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if done.done() else how(what))

    _thread(work, lambda value: tell(done.set_result, value), lambda error: tell(done.set_exception, error))
    return await done


def _thread(
    work: Callable[[], Any], tell: Callable[[Any], object], fail: Callable[[BaseException], object]
) -> threading.Thread:
    def run() -> None:
        try:
            value = work()
            tell(asyncio.run(value) if inspect.iscoroutine(value) else value)
        except BaseException as error:
            fail(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), name="steppe-resource", daemon=True)
    thread.start()
    return thread
