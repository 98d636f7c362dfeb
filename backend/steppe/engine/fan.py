"""A fan-out: a body run once for each element, here or elsewhere, each element cached by itself.

Elements are taken a batch at a time, looked up together, and those that miss are run: in the kernel one after another,
or in chunks on an executor. Their results are entered together, and what they show is shown in their order.
"""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from steppe.engine.bind import Binding
from steppe.engine.checkpoints import drop
from steppe.engine.choose import Place
from steppe.engine.collected import Collected, Grid
from steppe.engine.element_claims import ElementClaims
from steppe.engine.elements import Each, Element, ElementKeys
from steppe.engine.fan_record import FanRecord
from steppe.engine.lookup import ENCODER, Hit, blobs_of, choose
from steppe.engine.outlet import Outlet
from steppe.engine.step import Step
from steppe.errors import CannotMove, CatalogError, StoreError
from steppe.types import Digest, Entry, Measured, Part, Result, Shown, State
from steppe.values.unpack import Unpacking
from steppe.worker.events import Event
from steppe.worker.progress import EVERY
from steppe.worker.trace import unseen

BATCH = 256
"""Elements that are looked up together, at most."""

PATIENCE = 0.05
"""Seconds for which a batch is filled: what gives the elements may be slow."""

LARGE = 64 << 20
"""Bytes of arrays in a batch, or in a chunk, from which on it is full."""

KEEP = 0.1
"""Seconds after which finished elements are entered, at least."""

BETWEEN = 20
"""How much longer than a look at the inputs takes is run before the next one: large ones take long to digest."""


class Fan(ABC):
    """One fan-out on its way.

    Attributes:
        step: the step that it is.
        place: where it runs.
        each: what its body is run for.
        keys: gives elements their keys.
        collected: what they have left.
        claims: which of them are this kernel's to run.
        failed: the elements that failed, each with the error in words.
        raised: the first error, and the lines of its traceback.
        exhausted: whether all elements have been taken.
        waiting: elements that wait for an equal one which is under way, by its key.
        recent: what has just been left under a key, and is not entered yet.
        fresh: what is still to be entered: the element, its Result, and its entry where that is stored already.
        saved: the records of checkpoints of elements that have succeeded.
        kept: when elements were entered last.
        pause: seconds after which they are entered again.
        next: the number of the first element whose output is still to be shown.
    """

    def __init__(self, step: Step, outlet: Outlet, place: Place) -> None:
        assert step.request.each is not None
        self.place = place
        self.step = step
        self.session = step.session
        self.each: Each = step.request.each
        self.outlet = outlet
        request = step.request
        self.keys = ElementKeys(self.session, request.cell, request.options, self.each, request.extra)
        self.collected = Collected(self.each.gather)
        self.grid = Grid(self.each.names) if self.each.grid else None
        self.claims = ElementClaims(step)
        self.record = FanRecord(step, self.each, self.keys)
        self.failed: dict[int, tuple[Element, str]] = {}
        self.raised: tuple[BaseException, list[str]] | None = None
        self._first_failed = -1
        self._elements = enumerate(self.each.elements)
        self.exhausted = False
        self.waiting: dict[Digest, list[Element]] = {}
        self.recent: dict[Digest, Result] = {}
        self.fresh: list[tuple[Element, Result, Entry | None]] = []
        self.saved: list[str] = []
        self.kept = time.monotonic()
        self.pause = KEEP
        self._held: dict[int, tuple[Shown, ...]] = {}
        self.next = 0
        self._told = 0.0
        self._within: tuple[int, str] | None = None

    @abstractmethod
    def run(self) -> None:
        """Run the elements that are no hits, to the last one.

        Raises:
            CannotMove: the body changes what other elements see.
            KeyboardInterrupt: the user has interrupted it; what has finished is kept.
        """

    # Taking elements

    def batch(self) -> list[Element]:
        """Take the next elements, and give them their keys."""
        if self.exhausted:
            return []
        until, size, found = time.monotonic() + PATIENCE, 0, []
        for index, values in self._elements:
            with unseen():
                element = self.keys.of(index, values)
            found.append(element)
            size += size_of(values)
            if len(found) >= BATCH or size > LARGE or time.monotonic() > until:
                break
        else:
            self.exhausted = True
        self.record.met(found)
        return found

    def look_up(self, batch: list[Element]) -> dict[int, Hit]:
        """Return what is kept for elements, by their index."""
        asked = [element.key for element in batch if element.key is not None]
        if not asked or self.step.refreshed:
            return {}
        found: dict[int, Hit] = {}
        with unseen():
            try:
                entries = self.session.catalog.entries.among(asked)
            except CatalogError as error:
                self.session.warn_once("elements run without being looked up", error)
                return {}
            world, now = self.session.world(), time.time()
            for element in batch:
                if element.key in entries:
                    hit, reasons = choose(entries[element.key], self.session.store, world, now)
                    if hit is not None:
                        found[element.index] = hit
                    self.record.missed(reasons if hit is None else [])
        return found

    # What an element has come to

    def take_hit(self, element: Element, hit: Hit) -> bool:
        """Take what is kept of an element; False where it can't be read back."""
        if not self.take(element, hit.result, hit=True):
            return False
        self.record.used(hit.entry)
        return True

    def take(self, element: Element, result: Result, *, hit: bool, show: bool = True) -> bool:
        """Take what an element has left; False where it can't be read back."""
        values = self.read_back(element, result, hit=hit)
        if values is None:
            return False
        self.collect(element, values, result.metrics)
        self.done(element, result, hit=hit, show=show)
        return True

    def read_back(self, element: Element, result: Result, *, hit: bool) -> dict[str, Any] | None:
        """Return what an element has left, by name; None where it can't be read back."""
        try:
            with unseen():
                binding = _ElementBinding(
                    self.session.setting, self.session.store, element.base.walk, self.session.is_ours
                )
                element.base.walk.roots.update(element.roots)
                try:
                    values = binding.values_of(result, files=hit or self.carries)
                finally:
                    for name in element.roots:
                        element.base.walk.roots.pop(name, None)
        except (
            Exception
        ) as error:  # a stored value's own code, or that of a library that has changed, may raise anything
            self.record.missed([f"its stored result can't be used: {type(error).__name__}: {error}"])
            return None
        for note in binding.written.notes:
            self.session.warn(f"`{self.step.request.name}`: {note}")
        return values

    @property
    def carries(self) -> bool:
        """Whether workers see nothing of this machine's disk."""
        return self.step.executor != "inline" and self.session.executor(self.step.executor).carries

    def done(self, element: Element, result: Result, *, hit: bool, show: bool) -> None:
        """Take note of an element that has ended well, and show what it showed."""
        self._leave(element)
        self.measure(element, result.metrics)
        self.record.done(element, result, hit=hit)
        self._show(element.index, result.shown if show else ())
        self.tell_progress()

    def collect(self, element: Element, values: dict[str, Any], metrics: Iterable[Measured]) -> None:
        """Collect what comes back of an element."""
        self.collected.take(element.index, values)
        if self.grid is not None:
            last = {each.name: each for each in metrics}.values()
            self.grid.take(element.index, element.values, last, self.collected.scalars(element.index))

    def measure(self, element: Element, metrics: Iterable[Measured]) -> None:
        """Log the last of each number that an element has logged, under the element's index."""
        last = {each.name: each for each in metrics}
        for each in last.values():
            self.step.measured(Measured(name=each.name, value=each.value, step=element.index, time=each.time))

    def fail(self, element: Element, error: BaseException, lines: list[str], shown: tuple[Shown, ...] = ()) -> None:
        """Take note that an element failed, and with it those that are equal."""
        self._leave(element)
        self.failed[element.index] = element, f"{type(error).__name__}: {error}".partition("\n")[0]
        if self.raised is None or element.index < self._first_failed:
            self.raised, self._first_failed = (error, lines), element.index
        self.record.failed(element)
        self.claims.give_up([element])
        self._show(element.index, shown)
        for other in self.waiting.pop(element.key, ()) if element.key is not None else ():
            self.fail(other, error, lines, shown)
        self.tell_progress()

    def _show(self, index: int, shown: tuple[Shown, ...]) -> None:
        """Show what an element showed, once all before it have."""
        self._held[index] = shown
        while self.next in self._held:
            for item in self._held.pop(self.next):
                if item.kind != "result":
                    self.outlet.show(item)
                    self.record.shown(item)
            self.next += 1

    def within(self, index: int, said: str, event: Event) -> None:
        """Take how far an element that runs says that it is: it is told beside how many are done."""
        done, total, text = event.data["done"], event.data["total"], event.data["text"]
        amount = f"{done:g}" if total is None else f"{done:g} of {total:g}"
        self._within = index, f"{said}: {amount} {text}".rstrip()
        self.tell_progress()

    def _leave(self, element: Element) -> None:
        """Tell no more how far an element was: it has ended."""
        if self._within is not None and self._within[0] == element.index:
            self._within = None

    def tell_progress(self, *, last: bool = False) -> None:
        """Tell those who look from elsewhere how many are done; not too often, but for the last."""
        now = time.monotonic()
        if not last and now - self._told < EVERY:
            return
        self._told = now
        counts = self.step.elements
        hits = f"{counts['hits']:,} hits" if counts["hits"] else ""
        lost = f"{counts['failed']:,} failed" if counts["failed"] else ""
        running = self._within[1] if self._within is not None and not last else ""
        text = ", ".join(filter(None, (hits, lost, running)))
        data = {"done": sum(counts.values()), "total": self.each.total, "text": text}
        self.step.tells(Event(kind="progress", at=time.time(), data=data))

    def check(self) -> str:
        """Say what the body has changed that other elements see, in words; nothing where nothing."""
        return ""

    def refused(self, why: str) -> CannotMove:
        """Return the error of a body that can't be run for each element by itself."""
        option = "map" if self.step.request.options.map is not None else "sweep"
        return CannotMove(
            f"%%step {option}=: the body of `{self.step.request.name}` can't be run for each element by itself: {why}."
        )

    # Keeping

    def entry(self, element: Element, result: Result, blob: Digest, start: int, stop: int) -> Entry:
        """Return an element's entry, whose Result lies in a blob from `start` to `stop`."""
        expires, now = self.step.request.options.expires, time.time()
        assert element.key is not None
        return Entry(
            key=element.key,
            result=blob,
            trace=result.trace,
            seconds=result.seconds,
            created=now,
            expires=None if expires is None or expires == "never" else now + expires,
            step_run=self.step.id,
            size=sum(part.size for part in result.parts) + sum(file.size for file in result.files),
            start=start,
            stop=stop,
        )

    def keep(self) -> None:
        """Enter what has finished: from then on each element is a hit for whoever asks for its key."""
        began = time.monotonic()
        with unseen():
            if refused := self.check():
                self.fresh.clear()
                raise self.refused(refused)
            self.kept = time.monotonic()
            self.pause = max(KEEP, BETWEEN * (self.kept - began))
            fresh, self.fresh = self.fresh, []
            saved, self.saved = self.saved, []
            self.recent.clear()
            self.record.touch()
            if not fresh and not saved:
                return
            try:
                if fresh:
                    self.session.catalog.entries.keep_each(self._stored(fresh), self.step.record_as(State.RUNNING))
                drop(self.session, saved)
            except (CatalogError, StoreError) as error:
                self.session.warn_once("elements are not kept", error)
            self.claims.give_up(element for element, _, _ in fresh)

    def _stored(self, fresh: list[tuple[Element, Result, Entry | None]]) -> list[tuple[Entry, list[Digest]]]:
        """Return entries, with the Results that are not stored yet stored in one blob."""
        found, data, at = [], [], 0
        places: dict[int, tuple[int, int]] = {}
        for element, result, entry in fresh:
            if entry is None:
                encoded = ENCODER.encode(result)
                data.append(encoded)
                places[element.index] = at, at + len(encoded)
                at += len(encoded)
        blob = self.session.store.put(data) if data else ""
        for element, result, entry in fresh:
            made = entry or self.entry(element, result, blob, *places[element.index])
            found.append((made, list(blobs_of(result))))
        return found


class _ElementBinding(Binding):
    """One element's result, read back for what is gathered of it; nothing is bound."""

    def values_of(self, result: Result, *, files: bool) -> dict[str, Any]:
        """Return the element's values by name, all of them loaded."""
        self.read(result, files=files)
        if files:
            self.written.put_back(result.files)
        modules = {name: importlib.import_module(module) for name, module in result.modules.items()}
        return {**self._held, **modules}

    def _values(self, part: Part, result: Result, unpacking: Unpacking) -> dict[str, Any]:
        del result
        return self._load(part, unpacking)


def size_of(values: dict[str, Any]) -> int:
    """Return the bytes of the arrays and frames among values."""
    return sum(int(getattr(value, "nbytes", 0) or 0) for value in values.values() if hasattr(type(value), "nbytes"))
