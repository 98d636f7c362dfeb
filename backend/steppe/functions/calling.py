"""Calls of steps: kept, traced, or plain where the process belongs to another's step."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from steppe.functions import mocks
from steppe.functions.futures import StepFuture, awaited, holds_futures, resolved
from steppe.functions.options import Told
from steppe.functions.sessions import View, home
from steppe.functions.spans import Live
from steppe.functions.streams import AsyncStream, Stream
from steppe.functions.tracebacks import pruned
from steppe.worker.running import RUNNING


def call(function: Any, told: Told, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call a step."""
    if function.awaits:
        return _call_async(function, told, args, kwargs)
    if mocks.MOCKS:
        return mocks.MOCKS[-1].call(function, *passed(args, kwargs))
    outer = RUNNING.get()
    session = session_of(outer)
    if session is None:
        return function.__wrapped__(*args, **kwargs)
    if (not told.cache and told.inline and told.timeout is None) or function.streams:
        if function.streams or told.retries or told.kind == "pipeline" or StepFuture.made:
            return _traced(function, told, session, outer, *passed(args, kwargs))
        live = Live(function.name, session, outer)  # from here on, what `_traced` does, but quickly
        token = RUNNING.set(live)
        try:
            hints = function.hints
            if hints.checks:
                _check(function, args, kwargs)
                value = function.__wrapped__(*args, **kwargs)
                hints.value(value, all_of_it=False)
            else:
                value = function.__wrapped__(*args, **kwargs)
        except BaseException as error:
            RUNNING.reset(token)
            live.end(error)
            raise
        RUNNING.reset(token)
        live.end()
        return value
    if session.pid != os.getpid():
        return _traced(function, told, session, outer, *passed(args, kwargs))
    from steppe.functions.call import Call

    args, kwargs = passed(args, kwargs)
    arguments = function.signature.bind(function.name, args, kwargs)
    function.hints.arguments(arguments)
    try:
        return Call(function, told, arguments, session, outer).run()
    except BaseException as error:
        raise error.with_traceback(pruned(error.__traceback__))  # noqa: B904  # it is the same


def session_of(outer: Any) -> Any:
    """Return the session that a call belongs to, given the step around it; None where steps run as they are."""
    if outer is None:
        return home()
    session = outer.session
    return session if type(outer) is Live else getattr(session, "origin", session)


def passed(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return arguments with the values of futures in their place."""
    if not StepFuture.made or not (holds_futures(args) or any(map(holds_futures, kwargs.values()))):
        return args, dict(kwargs)
    found: tuple[tuple[Any, ...], dict[str, Any]] = resolved((args, dict(kwargs)))
    return found


def _check(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Check what a class says of the arguments of a call that must not take long."""
    if function.hints.several:
        arguments = function.signature.bind(function.name, args, kwargs)
    else:
        arguments = dict(zip(function.signature.parameters, args, strict=False))
        arguments.update(kwargs)
    function.hints.arguments(arguments, all_of_them=False)


def _traced(function: Any, told: Told, session: Any, outer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a step that is only traced."""
    run = _Run(function, session, outer, args, kwargs) if told.kind == "pipeline" else None
    session = run.session if run is not None else session
    arguments = function.signature.bind(function.name, args, kwargs)
    function.hints.arguments(arguments)
    live = Live(function.name, session, outer)
    if told.kind == "pipeline":
        live.begin()
    if function.streams:
        generator = function.__wrapped__(*args, **kwargs)
        return Stream(live, generator) if hasattr(generator, "send") else AsyncStream(live, generator)
    token = RUNNING.set(live)
    error: BaseException | None = None
    try:
        value = _tried(function, told, args, kwargs)
        function.hints.value(value)
        return value
    except BaseException as raised:
        error = raised
        raise raised.with_traceback(pruned(raised.__traceback__))  # noqa: B904  # it is the same
    finally:
        RUNNING.reset(token)
        live.end(error)
        if run is not None:
            run.end(error)


def _tried(function: Any, told: Told, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    for _ in range(told.retries):
        try:
            return function.__wrapped__(*args, **kwargs)
        except Exception as error:
            if not told.worth(error):
                raise
    return function.__wrapped__(*args, **kwargs)


async def _call_async(function: Any, told: Told, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    if StepFuture.made:
        args, kwargs = await awaited((args, dict(kwargs)))
    if mocks.MOCKS:
        value = mocks.MOCKS[-1].call(function, args, dict(kwargs))
        return await value if asyncio.iscoroutine(value) else value
    outer = RUNNING.get()
    session = session_of(outer)
    if session is None:
        return await function.__wrapped__(*args, **kwargs)
    if (not told.cache and told.inline) or session.pid != os.getpid():
        return await _traced_async(function, told, session, outer, args, dict(kwargs))
    from steppe.functions.call import Call

    arguments = function.signature.bind(function.name, args, kwargs)
    function.hints.arguments(arguments)
    try:
        return await Call(function, told, arguments, session, outer).run_async()
    except BaseException as error:
        raise error.with_traceback(pruned(error.__traceback__))  # noqa: B904  # it is the same


async def _traced_async(
    function: Any, told: Told, session: Any, outer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    run = _Run(function, session, outer, args, kwargs) if told.kind == "pipeline" else None
    if function.hints.checks:
        _check(function, args, kwargs)
    live = Live(function.name, run.session if run is not None else session, outer)
    if told.kind == "pipeline":
        live.begin()
    token = RUNNING.set(live)
    error: BaseException | None = None
    try:
        return await _tried_async(function, told, args, kwargs)
    except BaseException as raised:
        error = raised
        raise raised.with_traceback(pruned(raised.__traceback__))  # noqa: B904  # it is the same
    finally:
        RUNNING.reset(token)
        live.end(error)
        if run is not None:
            run.end(error)


async def _tried_async(function: Any, told: Told, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    for number in range(told.retries + 1):
        try:
            work = function.__wrapped__(*args, **kwargs)
            if told.timeout is None:
                value = await work
            else:
                from steppe.functions.call import in_time

                value = await in_time(function, told.timeout, work)
            function.hints.value(value, all_of_it=False)
        except Exception as error:
            if number == told.retries or not told.worth(error):
                raise
        else:
            return value
    raise AssertionError


class _Run:
    """The Run that a call of a pipeline is, where no kernel and no other pipeline is around it."""

    def __init__(
        self, function: Any, session: Any, outer: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        from steppe.engine.session import user
        from steppe.ids import new_id
        from steppe.types import Run
        from steppe.worker.trace import unseen

        self.session = session
        self._run: Run | None = None
        if outer is not None or session.kind != "functions":
            return
        with unseen():
            self._run = Run(
                id=new_id(time.time(), secrets.randbits),
                kind="functions",
                parameters=_written(function.signature.bind(function.name, args, kwargs)),
                notebook=session.notebook,
                path=session.path,
                owner=user(),
                host=socket.gethostname(),
                pid=session.pid,
                holder=session.holder,
                started=time.time(),
            )
            self.session = View(session, run=self._run, origin=None)
            self.session.origin = self.session
            with session.forgiving("this run is not in the catalog"):
                session.catalog.runs.begin(self._run)
                session.describing.begin(self._run.id)

    def end(self, error: BaseException | None) -> None:
        """Write down how it has ended, after all that has happened in it."""
        from steppe.functions.recorder import RECORDER
        from steppe.worker.trace import unseen

        if self._run is None:
            return
        status = "succeeded" if error is None else "failed" if isinstance(error, Exception) else "cancelled"
        with unseen(), self.session.forgiving("the end of this run is not in the catalog"):
            RECORDER.flush()
            self.session.catalog.runs.finish(self._run, status=status, ended=time.time())


def _written(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as a run's parameters: what JSON has as it is, of others a preview."""
    from steppe.values.preview import preview

    plain = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, plain) else preview(value) for name, value in arguments.items()}


def finished(function: Any, told: Told, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Call a step, and where it is a coroutine function run it to its end."""
    value = call(function, told, args, kwargs)
    return asyncio.run(value) if function.awaits else value


def in_turn(function: Any, told: Told) -> bool:
    """Tell whether a call has to run in this thread, at once: it is observed, or stood in for."""
    return bool(mocks.MOCKS) or (told.inline and told.timeout is None and told.cache and not function.streams)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def in_loop(
    loop: asyncio.AbstractEventLoop, function: Any, told: Told, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> StepFuture[Any]:
    """Begin a call of a coroutine function in the event loop that runs."""
    future: Future[Any] = Future()
    task = loop.create_task(_call_async(function, told, args, kwargs))

    def settle(ended: asyncio.Task[Any]) -> None:
        if ended.cancelled():
            future.cancel()
        elif (error := ended.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(ended.result())

    task.add_done_callback(settle)
    return StepFuture(function.name, future)


async def map_async(
    function: Any, told: Told, iterables: tuple[Iterable[Any], ...], kwargs: Mapping[str, Any]
) -> list[Any]:
    """Call a coroutine function for each item, side by side, and return the values in order."""
    from steppe.functions.function import BESIDE, values_of

    room = asyncio.Semaphore(BESIDE)

    async def one(args: tuple[Any, ...]) -> Any:
        async with room:
            return await _call_async(function, told, args, kwargs)

    ended = await asyncio.gather(*(one(args) for args in zip(*iterables, strict=False)), return_exceptions=True)
    return values_of(
        function.name, [(None, each) if isinstance(each, BaseException) else (each, None) for each in ended]
    )
