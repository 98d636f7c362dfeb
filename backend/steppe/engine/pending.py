"""Steps that run in the background: what stands in for their results, and what must wait for them.

A background step's thread follows it and shows its output in its own cell. What touches the namespace is done in the
kernel's thread: when something reads one of its names, or before the next cell runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from steppe.engine.flight import Journey
from steppe.engine.outlet import Outlet, Shower
from steppe.engine.step import Step
from steppe.errors import StepFailed
from steppe.threads import OurThread
from steppe.types import Artifact, Digest
from steppe.values.lazy import PENDING, Lazy
from steppe.worker.events import Event
from steppe.worker.trace import unseen

if TYPE_CHECKING:
    from steppe.engine.fan_behind import FanJourney

MISSING = object()

Settle = Callable[["Pending"], None]
"""Binds a finished step's result in the kernel's thread, and writes down how it ended."""


FallBack = Callable[[], Coroutine[Any, Any, Step]]
"""Runs a step in the kernel."""


class Pending:
    """One step that runs in the background.

    Attributes:
        step: the step.
        journey: its way through an executor, or that of a fan-out's elements.
        outlet: the cell that it shows its output in.
        names: variables that it may bind, change or remove.
        error: why reading its names fails, once it has failed.
        settled: whether its result is bound.
        stale: whether a step before it changed something that it had used, so that it must run again.
        left: what its names had once its result was bound, though later cells have bound them anew.
        fall_back: runs it in the kernel where what it leaves can't come back; None where it may not run there.
        inputs: what it reads, as bound when it began.
        versions: the data versions of these then.
        returned: whether it was found, without a worker, that it is to run in the kernel.
    """

    def __init__(
        self,
        step: Step,
        journey: Journey | FanJourney,
        outlet: Outlet,
        names: Iterable[str],
        settle: Settle,
        fall_back: FallBack | None = None,
    ) -> None:
        self.step = step
        self.journey: Any = journey
        self.outlet = outlet
        self.fall_back = fall_back
        self.shower = Shower(outlet, hold=fall_back is not None)
        self.names = frozenset(names)
        self.inputs: dict[str, Any] = {}
        self.versions: dict[str, Digest] = {}
        self.error: BaseException | None = None
        self.settled = False
        self.returned = False
        self.stale = False
        self.before: dict[str, Any] = {}
        self.stand_ins: dict[str, Lazy] = {}
        self.left: dict[str, Any] = {}
        self._settle = settle
        self._thread = OurThread(target=self._follow, name=f"steppe-follow-{step.request.name}", daemon=True)

    def begin(self, namespace: dict[str, Any]) -> None:
        """Stand in for its names, and follow it."""
        gathered = self.step.gathered
        self.versions = dict(self.step.gathered.versions) if self.step.gathered is not None else {}
        self.inputs = {name: namespace.get(name, MISSING) for name in (gathered.names if gathered is not None else ())}
        artifact = Artifact(version=PENDING, type=PENDING)
        for name in self.names:
            self.before[name] = namespace.get(name, MISSING)
            self.stand_ins[name] = namespace[name] = Lazy(artifact, partial(self.value, name))
        self._thread.start()

    def _follow(self) -> None:
        with unseen():
            self.journey.keep_task()
        for event in self.journey.events():
            if event.shown is not None:
                self.shower.show(event.shown)
            else:
                self.step.hear(event)
        self._tell_end()

    def _tell_end(self) -> None:
        """Have its result bound when the kernel has a moment; say what it waits for where that is another step."""
        session = self.step.session
        before = [other.step.request.name for other in session.pending if other.step.started < self.step.started]
        if before and self.journey.error is None:
            text = f"done; its result comes after `{before[0]}`, which was started before it"
            data = {"done": 1.0, "total": 1.0, "text": text}
            self.step.tells(Event(kind="progress", at=time.time(), data=data))
        session.on_end()

    @property
    def done(self) -> bool:
        """Whether it has ended, bound or not."""
        return bool(self.journey.done.is_set())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for its end in the kernel's thread, where an interrupt ends the waiting alone; tell whether it ended."""
        waited = 0.0
        while not self.journey.done.wait(0.2):
            waited += 0.2
            if timeout is not None and waited >= timeout:
                return False
        self._thread.join(5)
        return True

    def settle(self) -> None:
        """Bind its result, once."""
        if not self.settled:
            self.settled = True
            self._settle(self)

    def settle_in_turn(self) -> None:
        """Wait for it and bind its result, after those of the steps that were started before it."""
        if not self.settled:
            for earlier in list(self.step.session.pending):
                if earlier is self:
                    break
                earlier.wait()
                earlier.settle()
        self.wait()
        self.settle()

    @contextmanager
    def as_it_began(self, inputs: dict[str, Any]) -> Iterator[None]:
        """Have the namespace as it was when the step began; what later cells bound or removed stands after.

        Args:
            inputs: what it reads, as bound then; empty where only its result is to be bound.
        """
        namespace = self.step.session.setting.namespace
        began = {**inputs, **self.before}
        now = {name: namespace.get(name, MISSING) for name in began}
        _bind(namespace, began)
        try:
            yield
            self.left = {name: namespace[name] for name in self.names if name in namespace}
            if self.error is not None:
                namespace.update(self.stand_ins)
        finally:
            began |= self.stand_ins
            _bind(namespace, {name: value for name, value in now.items() if value is not began[name]})

    def value(self, name: str) -> Any:
        """Return the value of a name that it binds; wait for it.

        Raises:
            NameError: it did not bind that name, and nothing did before.
            BaseException: the error that it failed with.
        """
        self.settle_in_turn()
        if self.error is not None:
            raise self.error
        if name not in self.left:
            raise NameError(f"name {name!r} is not defined")
        return self.left[name]

    def put_back(self, bound: Iterable[str]) -> None:
        """Give the names that it did not bind what they had before; those of a failed step raise its error."""
        namespace = self.step.session.setting.namespace
        for name in self.names - set(bound):
            if namespace.get(name) is not self.stand_ins[name]:
                continue
            if self.error is not None:
                continue
            if self.before[name] is MISSING:
                del namespace[name]
            else:
                namespace[name] = self.before[name]


def _bind(namespace: dict[str, Any], values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is MISSING:
            namespace.pop(name, None)
        else:
            namespace[name] = value


def failed(step: Step, error: BaseException, lines: list[str]) -> BaseException:
    """Return the error that reading a failed step's names raises: its own, with where it came from."""
    told = StepFailed(f"the step `{step.request.name}` failed: {type(error).__name__}: {error}")
    told.__cause__ = error
    told.add_note("\n".join(lines))
    return told
