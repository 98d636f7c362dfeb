"""A fan-out on an executor: its elements in chunks, as many at once as there is room for."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Iterable

from steppe.engine.choose import Place
from steppe.engine.chunks import ChunkJourney, Chunks
from steppe.engine.elements import Element
from steppe.engine.fan import LARGE, Fan, size_of
from steppe.engine.flight import new_attempt
from steppe.engine.inline import may_reach_outside
from steppe.engine.lookup import DECODER, Hit
from steppe.engine.luggage import lacked
from steppe.engine.outlet import Outlet
from steppe.engine.remote import error_of
from steppe.engine.step import Step
from steppe.errors import CannotMove, StepCancelled, StepFailed, StoreError, Unversionable
from steppe.types import Digest, Result
from steppe.worker.events import Event
from steppe.worker.task import ElementRecord
from steppe.worker.trace import unseen

CHUNK = 500
"""Elements in one task, at most."""

LASTS = 1.0
"""Seconds that a chunk is to last."""

APART = 8
"""Into how many the rest of a chunk is taken apart that one of its elements has brought down."""

ASKS = 0.2
"""Seconds between two looks at what other kernels run."""

LOST = 2
"""Tries that an element has beside its `retries` where the place that it ran in was lost."""


class FanElsewhere(Fan):
    """A fan-out whose elements run on an executor."""

    def __init__(self, step: Step, outlet: Outlet, place: Place) -> None:
        super().__init__(step, outlet, place)
        self.todo: deque[Element] = deque()
        self.others: list[Element] = []
        self._looked = 0.0
        self._flying: set[ChunkJourney] = set()
        self._seconds = 0.0
        self._timed = 0
        self._missed: dict[int, set[tuple[str, str]]] = {}
        self.chunks: Chunks | None = None

    def run(self) -> None:
        """Run what misses on the step's executor, as much at once as there is room for."""
        executor = self.session.executor(self.step.executor)
        room = 1 if self.place.missing else executor.room(self.step.request.options.resources)
        chunks = self.chunks = self.chunks or Chunks(self.step, self.keys.read, self._hear)
        try:
            while True:
                while len(self._flying) < room:
                    if not self.todo and not self.take_more():
                        break
                    self._launch(chunks)
                if not self._flying and not self.todo and self.exhausted and not self.others:
                    break
                self._listen(chunks, ASKS if self.others else 1.0 if self._flying else 0.0)
                self.check_on()
                self._ask_for_others()
                self.tell_progress()
                if time.monotonic() - self.kept > self.pause:
                    self.keep()
        except BaseException:
            self._stop(chunks)
            raise
        self.keep()

    def check_on(self) -> None:
        """Look, now and again, whether it is to go on."""

    def take_more(self) -> bool:
        """Look a batch of elements up, and put those that miss in line; False where there are no more."""
        while not self.exhausted:
            batch = self.batch()
            hits = self.look_up(batch)
            missing = [element for element in batch if element.index not in hits]
            others = set() if self.step.refreshed else self.claims.take(missing)
            hits |= self._come_meanwhile(element for element in missing if element.index not in others)
            for element in batch:
                hit = hits.get(element.index)
                if hit is not None and self.take_hit(element, hit):
                    continue
                if element.key is not None:
                    same = self.recent.get(element.key)
                    if same is not None and self.take(element, same, hit=True):
                        continue
                    if element.key in self.waiting:
                        self.waiting[element.key].append(element)
                        continue
                    self.waiting[element.key] = []
                (self.others if element.index in others else self.todo).append(element)
            if self.todo:
                return True
        return False

    def _come_meanwhile(self, elements: Iterable[Element]) -> dict[int, Hit]:
        """Look up once more what has just been claimed: whoever had the claim may have entered it before."""
        mine = list(elements)
        hits = self.look_up(mine)
        self.claims.give_up(element for element in mine if element.index in hits)
        return hits

    def _ask_for_others(self) -> None:
        """Look whether what another kernel runs has come, or is ours to run by now."""
        if not self.others or time.monotonic() - self._looked < ASKS:
            return
        self._looked = time.monotonic()
        asked, self.others = self.others, []
        hits = self.look_up(asked)
        missing = [element for element in asked if element.index not in hits]
        others = self.claims.take(missing)
        hits |= self._come_meanwhile(element for element in missing if element.index not in others)
        for element in asked:
            hit = hits.get(element.index)
            if hit is not None and self.take_hit(element, hit):
                for other in self.waiting.pop(element.key, ()) if element.key is not None else ():
                    self.take(other, hit.result, hit=True)
            else:
                (self.others if element.index in others else self.todo).append(element)

    def _launch(self, chunks: Chunks) -> None:
        """Send the next elements out."""
        self.place.insist()
        self.record.begin(known=True)
        elements = self._chunk()
        executor = self.session.executor(self.step.executor)
        try:
            with unseen():
                attempt = new_attempt()
                its = {"executor": executor.name, "handle": executor.handle(attempt)}
                self.claims.describe(elements, attempt=attempt, **its)
                self._flying.add(chunks.launch(elements, attempt))
        except (CannotMove, Unversionable) as error:
            if len(elements) == 1:
                why = "; ".join(elements[0].why) or str(error)
                stays = CannotMove(f"the element {elements[0].said} can't leave the kernel: {why}. Use on=inline.")
                self.fail(elements[0], stays, [f"CannotMove: {stays}"])
                return
            for element in reversed(elements):  # one of them can't go
                element.within = max(1, len(elements) // APART)
                self.todo.appendleft(element)

    def _chunk(self) -> list[Element]:
        """Take as many elements out of the line as make a task of about a second."""
        first = self.todo.popleft()
        found, size = [first], size_of(first.values)
        if first.joined or self.step.request.options.timeout is not None:
            return found
        limit = 1 if not self._timed else max(1, min(CHUNK, int(LASTS / (self._seconds / self._timed + 0.001))))
        limit = min(limit, first.within or CHUNK)
        while len(found) < limit and size < LARGE:
            if not self.todo and not self.take_more():
                break
            after = self.todo[0]
            if after.joined or after.within != first.within or after.base is not first.base:
                break
            found.append(self.todo.popleft())
            size += size_of(after.values)
        return found

    def _listen(self, chunks: Chunks, seconds: float) -> None:
        """Take what chunks tell, until there is nothing more."""
        try:
            journey, records = chunks.heard.get(timeout=seconds) if seconds else chunks.heard.get_nowait()
            while True:
                if journey is None:
                    return
                if records is None:
                    self._flying.discard(journey)
                    self._ended(journey)
                else:
                    self._take_records(journey, records)
                journey, records = chunks.heard.get_nowait()
        except queue.Empty:
            return

    def _take_records(self, journey: ChunkJourney, records: Iterable[ElementRecord]) -> None:
        views: dict[Digest, memoryview] = {}
        for record in records:
            element = journey.elements.pop(record.index, None)
            if element is None:
                continue
            self._seconds += record.seconds
            self._timed += 1
            if record.status == "refused":
                raise self.refused("; ".join(record.reasons))
            if record.status == "failed" and record.failure is not None:
                if self.carries and self._lacks(element, Result(trace=record.trace)):
                    continue
                if element.tries <= (self.step.request.options.retries or 0):
                    element.within = 1
                    self.todo.append(element)
                    continue
                self.fail(element, error_of(record.failure), list(record.failure.traceback), record.shown)
                continue
            if record.blob is None:
                self._fail_unmoved(element, record)
                continue
            try:
                with unseen():
                    if record.blob not in views:
                        views[record.blob] = self.session.store.get(record.blob)
                    result = DECODER.decode(views[record.blob][record.start : record.stop])
            except StoreError as error:
                self.fail(element, error, [f"{type(error).__name__}: {error}"])
                continue
            self._take_result(element, record, result)

    def _take_result(self, element: Element, record: ElementRecord, result: Result) -> None:
        if self.carries and self._lacks(element, result):
            return
        if self.carries and (missing := lacked(self.step, result)):
            name = min(name for _, name in missing)
            error = StepFailed(f"an element saw something else at {name} on {self.step.executor} than is here.")
            self.fail(element, error, [f"StepFailed: {error}"])
            return
        reasons = list(record.reasons)
        if may_reach_outside(self.step.request.options):
            reasons = [reason for reason in reasons if not _is_outside(reason)]
        element.why += reasons
        if not self.take(element, result, hit=False):
            error = StepFailed(f"what the element {element.said} has left can't be read back.")
            self.fail(element, error, [f"StepFailed: {error}"])
            return
        self.saved += record.checkpoints
        if element.key is not None and not reasons:
            entry = self.entry(element, result, record.blob or "", record.start, record.stop)
            self.fresh.append((element, result, entry))
            self.recent[element.key] = result
        else:
            self.claims.give_up([element])
        for other in self.waiting.pop(element.key, ()) if element.key is not None else ():
            self.take(other, result, hit=True)

    def _lacks(self, element: Element, result: Result) -> bool:
        """Send an element out once more where it asked for files that had not gone along, and now will."""
        missing = lacked(self.step, result)
        if missing <= self._missed.get(element.index, set()):
            return False
        self._missed.setdefault(element.index, set()).update(missing)
        self.step.missed |= missing
        element.within = 1
        self.todo.append(element)
        return True

    def _fail_unmoved(self, element: Element, record: ElementRecord) -> None:
        why = "; ".join(reason.removesuffix(".") for reason in record.reasons) or "it left nothing"
        error = CannotMove(f"what the element {element.said} has made can't come back: {why}. Use on=inline.")
        self.fail(element, error, [f"CannotMove: {error}"], record.shown)

    def _ended(self, journey: ChunkJourney) -> None:
        """See to what is left of a chunk that is over."""
        self.step.used = {
            name: max(value, self.step.used.get(name, 0.0))
            for name, value in {**self.step.used, **journey.usage}.items()
        }
        if journey.record is not None:
            self._take_records(journey, journey.record.elements)
        left = list(journey.elements.values())
        if not left:
            return
        record, end = journey.record, journey.end
        if record is not None and record.status == "unmovable":
            error: BaseException = CannotMove(
                f"`{self.step.request.name}` can't run on {self.step.executor}: {'; '.join(record.reasons)}"
            )
        else:
            error = journey.error or StepFailed(f"`{self.step.request.name}`: its worker ended without a result.")
        cut = record is None or (record.status == "failed" and not isinstance(error, StepCancelled))
        lines = list(record.failure.traceback) if record is not None and record.failure is not None else []
        retries = self.step.request.options.retries or 0
        lost = end is not None and end.again
        for element in left:
            if cut and (not journey.alone or element.tries <= retries + (LOST if lost else 0)):
                element.tries -= not journey.alone
                element.within = max(1, len(left) // APART)
                self.todo.append(element)
            else:
                self.fail(element, error, [*lines, f"{type(error).__name__}: {error}"])

    def _stop(self, chunks: Chunks) -> None:
        """End what runs; what has finished until then is kept."""
        for flying in self._flying:
            flying.cancel()
        until = time.monotonic() + 10.0
        try:
            while self._flying and time.monotonic() < until:
                try:
                    journey, records = chunks.heard.get(timeout=0.5)
                except queue.Empty:
                    continue
                if journey is None:
                    continue
                if records is None:
                    self._flying.discard(journey)
                    records = list(journey.record.elements) if journey.record is not None else []
                done = [each for each in records if each.status == "succeeded"]
                self._take_records(journey, done)
        except (CannotMove, KeyboardInterrupt):
            return
        finally:
            self.keep()

    def _hear(self, event: Event) -> None:
        """Take what a chunk tells of its process."""
        if event.kind == "usage":
            self.step.tells(event)
        elif event.kind == "progress" and "said" in event.data:
            self.within(event.data["element"], event.data["said"], event)


def _is_outside(reason: str) -> bool:
    return reason.startswith(("it connects", "it starts a process", "it listens", "it opens a connection"))
