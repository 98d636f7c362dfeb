"""A step that is a function: called as it was, submitted, mapped. Light: the engine is loaded with the first call."""

from __future__ import annotations

import functools
import inspect
import operator
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast

from steppe.errors import UsageError
from steppe.functions.futures import StepFuture, done
from steppe.functions.options import Told

if TYPE_CHECKING:
    from steppe.functions.hints import Hints
    from steppe.functions.signature import Signature

P = ParamSpec("P")
R = TypeVar("R")

BESIDE = 32
"""Calls of one `.map()` that are under way at a time, where they don't run in this process one after another."""

OWN = frozenset({"told", "name", "awaits", "streams", "signature", "hints", "source"})
"""Attributes that are a step's own, not its function's."""

OF_FUNCTIONS = frozenset(
    {"__code__", "__defaults__", "__kwdefaults__", "__globals__", "__closure__", "__builtins__", "__type_params__"}
)
"""Attributes that a function has beside those that its wrappers take over: they are read and set in the function."""

_ELSEWHERE = threading.BoundedSemaphore(64)
"""Calls of `.submit()` that are under way elsewhere at a time."""


class StepFunction(Generic[P, R]):
    """A function that is a step: `@steppe.step` makes it.

    Attributes:
        told: what it was told.
        name: the step's name.
        awaits: whether it is a coroutine function.
        streams: whether it is a generator function, or an asynchronous one.
    """

    is_step_function = True
    """What tells a step to those who must not import this."""

    told: Told
    __name__: str
    __qualname__: str
    __wrapped__: types.FunctionType

    def __init__(self, function: Callable[P, R], told: Told) -> None:
        """Make a step of a function.

        Raises:
            UsageError: it is no function.
        """
        if not isinstance(function, types.FunctionType):
            kind = type(function).__name__
            raise UsageError(
                f"@steppe.{told.kind} makes a step of a function, not of a {kind}: write one that calls it."
            )
        functools.update_wrapper(self, function, updated=())
        self.told = told
        self.name: str = told.name or function.__qualname__.replace("<locals>.", "")
        self.awaits = inspect.iscoroutinefunction(function)
        self.streams = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute of the step; any other is the function's, which reads it by its own name."""
        if name in OF_FUNCTIONS:
            setattr(self.__wrapped__, name, value)
            for found in ("signature", "hints", "source"):  # they were found out of it
                vars(self).pop(found, None)
        elif name.startswith("__") or name in OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self.__wrapped__, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in OF_FUNCTIONS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.__wrapped__, name)

    def __delattr__(self, name: str) -> None:
        delattr(self.__wrapped__, name)

    @functools.cached_property
    def signature(self) -> Signature:
        """Its parameters."""
        from steppe.functions.signature import Signature

        return Signature(self.__wrapped__)

    @functools.cached_property
    def hints(self) -> Hints:
        """What it says that it takes and returns."""
        from steppe.functions.hints import Hints

        return Hints(self.__wrapped__, self.name)

    @functools.cached_property
    def source(self) -> str:
        """Its source, for people."""
        try:
            return inspect.getsource(self.__wrapped__)
        except (OSError, TypeError):
            return ""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the function's value: as it was, or as it is computed now; a coroutine of a coroutine function."""
        from steppe.functions import calling

        return cast("R", calling.call(self, self.told, args, kwargs))

    def submit(self, *args: Any, **kwargs: Any) -> StepFuture[R]:
        """Begin a call, and return the future of its value; futures among its arguments are waited for.

        What runs in this process and is kept runs at once: what it is seen to do can be told for one step at a time.

        Args:
            args: as in a call; each may be a future, or a list, tuple or dict with some in it.
            kwargs: likewise.
        """
        return self._submit(self.told, args, kwargs)

    def map(self, *iterables: Iterable[Any], **kwargs: Any) -> list[R]:
        """Call it for each item, or each of several, side by side where it can be, and return the values in order.

        Args:
            iterables: give the arguments, as for the builtin `map`.
            kwargs: arguments that are the same for each.

        Raises:
            BaseException: what the first call that failed has raised, once all have ended: what others made is kept.
        """
        found: list[R] = self._map(self.told, iterables, kwargs)
        return found

    def options(self, **options: Any) -> Bound[R]:
        """Return the step with other options, for a call: `train.options(on="process")(digits)`.

        Args:
            options: as for `steppe.step`; those that are not given stay as they were.

        Raises:
            UsageError: one is unknown, or does not fit.
        """
        return Bound(self, self.told.having(options))

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return Bound(self, self.told, (instance,))

    def __reduce__(self) -> Any:
        from steppe.values.code import importable

        return self.__qualname__ if importable(self, self.__module__, self.__qualname__) else self.made_of()

    def made_of(self) -> Any:
        """Return what makes it again, as pickle has it: for one that stands in no module that can be imported."""
        return remade, (self.__wrapped__, self.told.kind, self.told.mapping())

    def __repr__(self) -> str:
        return f"<steppe.{self.told.kind} {self.name}>"

    def _submit(self, told: Told, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> StepFuture[R]:
        from steppe.functions import calling

        work = functools.partial(calling.finished, self, told, args, kwargs)
        if self.awaits and (loop := calling.running_loop()) is not None:
            return calling.in_loop(loop, self, told, args, kwargs)
        if calling.in_turn(self, told):
            return done(self.name, work)
        future: Future[R] = Future()
        context = copy_context()

        def run() -> None:
            with _ELSEWHERE if not told.inline else threading.Lock():
                try:
                    value = context.run(work)
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(value)

        threading.Thread(target=run, name=f"steppe-{self.name}").start()
        return StepFuture(self.name, future)

    def _map(self, told: Told, iterables: tuple[Iterable[Any], ...], kwargs: Mapping[str, Any]) -> Any:
        from steppe.functions import calling

        if self.awaits:
            return calling.map_async(self, told, iterables, kwargs)
        calls = (  # taken one after another, as the builtin does: what gives the items may see what calls have done
            functools.partial(calling.finished, self, told, args, kwargs) for args in zip(*iterables, strict=False)
        )
        if calling.in_turn(self, told):
            outcomes = [_outcome(call) for call in calls]
        else:
            with ThreadPoolExecutor(BESIDE, thread_name_prefix=f"steppe-{self.name}") as pool:
                outcomes = list(pool.map(_outcome, (functools.partial(copy_context().run, call) for call in calls)))
        return values_of(self.name, outcomes)


class Bound(Generic[R]):
    """A step with options for this call, or of an object: a method."""

    def __init__(self, function: StepFunction[..., R], told: Told, first: tuple[Any, ...] = ()) -> None:
        self._step = function
        self._told = told
        self._first = first
        self.__wrapped__ = function
        self.__name__, self.__qualname__ = function.__name__, function.__qualname__
        self.__module__, self.__doc__ = function.__module__, function.__doc__
        if first:  # what a method of an object tells
            self.__self__, self.__func__ = first[0], function

    def __eq__(self, other: object) -> bool:
        if type(other) is not Bound:
            return NotImplemented
        same = self._step is other._step and self._told is other._told and len(self._first) == len(other._first)
        return same and all(map(operator.is_, self._first, other._first))

    def __hash__(self) -> int:
        return hash((self._step, *map(id, self._first)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name not in OF_FUNCTIONS:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._step, name)

    def __reduce__(self) -> Any:
        if self._first and self._told is self._step.told:
            return getattr, (self._first[0], self.__name__)
        return _bound_again, (self._step, self._told.mapping(), self._first)

    def __call__(self, *args: Any, **kwargs: Any) -> R:
        """See `StepFunction`."""
        from steppe.functions import calling

        return cast("R", calling.call(self._step, self._told, (*self._first, *args), kwargs))

    def submit(self, *args: Any, **kwargs: Any) -> StepFuture[R]:
        """See `StepFunction.submit`."""
        return self._step._submit(self._told, (*self._first, *args), kwargs)  # noqa: SLF001  # the other half

    def map(self, *iterables: Iterable[Any], **kwargs: Any) -> list[R]:
        """See `StepFunction.map`."""
        firsts = [_always(each) for each in self._first]
        found: list[R] = self._step._map(self._told, (*firsts, *iterables), kwargs)  # noqa: SLF001  # likewise
        return found

    def options(self, **options: Any) -> Bound[R]:
        """See `StepFunction.options`."""
        return Bound(self._step, self._told.having(options), self._first)


def _bound_again(function: StepFunction[..., R], mapping: Mapping[str, Any], first: tuple[Any, ...]) -> Bound[R]:
    return Bound(function, Told(function.told.kind, mapping), first)


def _always(value: Any) -> Iterator[Any]:
    while True:
        yield value


def _outcome(call: Callable[[], R]) -> tuple[R | None, BaseException | None]:
    try:
        return call(), None
    except Exception as error:  # raised once the others have ended
        return None, error


def values_of(name: str, outcomes: list[tuple[Any, BaseException | None]]) -> list[Any]:
    """Return the values of a map, or raise the first error, saying which calls have failed."""
    failed = [number for number, (_, error) in enumerate(outcomes) if error is not None]
    if failed:
        error = outcomes[failed[0]][1]
        assert error is not None
        which = ", ".join(map(str, failed[:10])) + (" …" if len(failed) > 10 else "")
        error.add_note(f"{len(failed)} of {len(outcomes)} calls of `{name}` have failed (from 0: {which}).")
        raise error
    return [value for value, _ in outcomes]


def remade(function: Any, kind: str, mapping: dict[str, Any]) -> StepFunction[..., Any]:
    """Make a step again that was stored."""
    return StepFunction(function, Told(kind, mapping))
