"""A fan-out in the background: all that it reads is taken before its cell ends, what it makes is bound after.

A thread launches what misses and listens to it. What touches the namespace is done in the kernel's thread: elements and
their keys at the beginning, values at the end, when something reads them or before the next cell runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from steppe.engine.chunks import Chunks
from steppe.engine.elements import Element
from steppe.engine.fan_elsewhere import FanElsewhere
from steppe.errors import CannotMove, StepCancelled, StepFailed, Unversionable
from steppe.threads import OurThread
from steppe.types import Result
from steppe.values.pack import Packing
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Walk
from steppe.worker.events import Event
from steppe.worker.task import ELEMENTS
from steppe.worker.trace import unseen


class FanBehind(FanElsewhere):
    """A fan-out that its cell does not wait for.

    Attributes:
        away: whether the kernel goes on meanwhile, so that values are not to be read yet.
        files: the files that its elements have written.
    """

    away = False

    def take_up(self) -> bool:
        """Take all elements, and those at once that hit; tell whether others are left to run in the background."""
        chunks = self.chunks = Chunks(self.step, self.keys.read, self._hear)
        self.files: set[str] = set()
        self._came: list[tuple[Element, Result, bool]] = []
        self._cancelled = threading.Event()
        known = 0
        while self.take_more():
            with unseen():
                fresh = list(self.todo)[known:]
                self._copy(fresh)
                for element in fresh:
                    chunks.prepare(element)
            known = len(self.todo)
        with unseen():
            self._copy(self.others)
            for element in self.others:
                chunks.prepare(element)
        self.keep()
        return bool(self.todo or self.others)

    def _copy(self, elements: list[Element]) -> None:
        """Give elements values of their own, where later cells may change these in place."""
        apart = [each for each in elements if not each.joined]
        changing = [each for each in apart if any(root.nodes or root.extents for root in each.roots.values())]
        if not changing:
            return
        try:
            copies = self._copied(changing)
        except (CannotMove, Unversionable):
            if len(changing) > 1:
                for each in changing:
                    self._copy([each])
            return  # what can't be copied can't be sent, which is told then
        for element, values in zip(changing, copies, strict=True):
            element.values = {**element.values, **values}

    def _copied(self, elements: list[Element]) -> list[dict[str, object]]:
        setting, store = self.session.setting, self.session.store
        walk = Walk(setting.home)
        walk.walk(ELEMENTS, [{name: each.values[name] for name in self.keys.read} for each in elements])
        (part,) = Packing(None, walk, {}, setting.table, self.session.put).pack([ELEMENTS])
        found: list[dict[str, object]] = Unpacking(
            store.get, setting.table, Anchors([part]), lambda: Walk(setting.home)
        ).values(part)[ELEMENTS]
        return found

    def take(self, element: Element, result: Result, *, hit: bool, show: bool = True) -> bool:
        """Take what an element has left: for later, where the kernel goes on meanwhile."""
        self.files.update(file.path for file in result.files)
        if not self.away:
            return super().take(element, result, hit=hit, show=show)
        self._came.append((element, result, hit))
        self.done(element, result, hit=hit, show=show)
        return True

    def bring_home(self) -> None:
        """Read what came while the kernel went on, in its own thread."""
        self.away = False
        came, self._came = self._came, []
        for element, result, hit in came:
            values = self.read_back(element, result, hit=hit)
            if values is None:
                self.step.elements["hits" if hit else "ran"] -= 1
                error = StepFailed(f"what the element {element.said} has left can't be read back.")
                self.fail(element, error, [f"StepFailed: {error}"])
            else:
                self.collect(element, values, result.metrics)

    def cancel(self) -> None:
        """End it; what has finished is kept."""
        self._cancelled.set()
        if self.chunks is not None:
            self.chunks.wake()

    def check_on(self) -> None:
        """Go on, unless it was cancelled.

        Raises:
            StepCancelled: it was.
        """
        if self._cancelled.is_set():
            raise StepCancelled(f"`{self.step.request.name}` was cancelled.")


class FanJourney:
    """The way of a fan-out in the background, from its cell's end to its last element: what a Pending follows.

    Attributes:
        fan: the fan-out.
        error: what has ended it before its last element.
        record: none: each element has its own.
        done: set at the end.
    """

    record = None

    def __init__(self, fan: FanBehind) -> None:
        self.fan = fan
        self.error: BaseException | None = None
        self.done = threading.Event()
        self._thread = OurThread(target=self._travel, name=f"steppe-{fan.step.request.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.fan.away = True
        self._thread.start()

    def cancel(self) -> None:
        """End it."""
        self.fan.cancel()

    def keep_task(self) -> None:
        """Keep nothing: each of its tasks is kept by itself."""

    def events(self) -> Iterator[Event]:
        """Wait for the end: what it tells, it tells itself."""
        self.done.wait()
        yield from ()

    def _travel(self) -> None:
        with unseen():
            try:
                self.fan.check_on()
                self.fan.run()
                self.fan.tell_progress(last=True)
            except BaseException as error:  # told in the kernel's thread
                self.error = error
            finally:
                self.fan.claims.end()
                self.done.set()
