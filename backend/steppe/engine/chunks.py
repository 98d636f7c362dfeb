"""Elements on their way through an executor: made into tasks of several, launched, and told of as they finish."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from steppe.engine.checkpoints import owner_of_element
from steppe.engine.elements import Element
from steppe.engine.flight import CUT_SHORT, Journey
from steppe.engine.gather import Gathered
from steppe.engine.inline import intent_of, seed_of
from steppe.engine.luggage import pack
from steppe.engine.remote import HANDED, owner_of
from steppe.engine.step import Step
from steppe.engine.tasks import TaskMaker, encode
from steppe.errors import CannotMove, Unversionable
from steppe.executors.executor import End
from steppe.store.digest import digest_of
from steppe.values.pack import Packing
from steppe.values.walk import Walk
from steppe.worker.body import bound
from steppe.worker.events import Event
from steppe.worker.reach import named
from steppe.worker.task import ELEMENTS, ElementRecord, ElementTask, Task

Heard = tuple["ChunkJourney | None", list[ElementRecord] | None]
"""A journey, and what it tells: some of its elements, or, for None, that it is over. With no journey it only wakes."""

RECORDS = msgspec.msgpack.Decoder(list[ElementRecord])


class ChunkJourney(Journey):
    """One try of a chunk. What is left of it when it ends is the fan's to send out again.

    Attributes:
        elements: those that are not known to be done, by their index.
        alone: whether it began with one element, so that its end is that element's.
        end: how it ended.
    """

    def __init__(
        self, elements: Iterable[Element], heard: queue.SimpleQueue[Heard], *args: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.elements = {element.index: element for element in elements}
        self.alone = len(self.elements) == 1
        self.end: End | None = None
        self._heard = heard

    def _try_until_done(self) -> None:
        self.end = self._try(1)
        if not self.done.is_set():
            self.record = self._read_record()
            if self.record is None or (self.record.status == "failed" and self.end.how in CUT_SHORT):
                self.error = self._explain(self.end, 1)

    def _told(self, event: Event) -> None:
        if event.kind == "elements":
            self._heard.put((self, RECORDS.decode(event.data["records"])))
        elif event.kind == "progress" and (element := self.elements.get(event.data.get("element", -1))) is not None:
            self.tell(msgspec.structs.replace(event, data={**event.data, "said": element.said}))
        else:
            super()._told(event)

    def _finish(self) -> None:
        ended = not self.done.is_set()
        super()._finish()
        if ended:
            self._heard.put((self, None))


class Chunks:
    """Makes chunks of elements into tasks, and launches them.

    Attributes:
        step: the fan-out.
        heard: what its chunks tell.
    """

    def __init__(self, step: Step, read: tuple[str, ...], tell: Callable[[Event], object]) -> None:
        self.step = step
        self.heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._read = read
        self._tell = tell
        self._executor = step.session.executor(step.executor)
        self._tasks: dict[int, tuple[Gathered, Task | Exception]] = {}
        self._apart: dict[int, Task | Exception] = {}

    def launch(self, elements: list[Element], attempt: str) -> ChunkJourney:
        """Send elements that share one base on their way.

        Raises:
            CannotMove: a value can't leave the kernel.
            UsageError: the executor can't run them.
        """
        step, options = self.step, self.step.request.options
        data = encode(self._task(elements))
        handed = self._executor.hands_over and len(data) <= HANDED
        journey = ChunkJourney(
            elements,
            self.heard,
            step.session,
            self._executor,
            digest_of([data]) if handed else step.session.store.put([data]),
            body=data if handed else b"",
            step_run=step.id,
            attempt=attempt,
            label=step.request.name,
            pod=options.pod,
            owner=owner_of(step),
            resources=options.resources,
            tell=self._tell,
            timeout=float(options.timeout) if isinstance(options.timeout, float | int) else None,
        )
        for element in elements:
            element.tries += 1
        journey.start()
        journey.keep_task()
        return journey

    def wake(self) -> None:
        """Let whoever listens look up."""
        self.heard.put((None, []))

    def prepare(self, element: Element) -> None:
        """Make what an element's task has of the notebook's variables now: later ones are not to be seen by it."""
        made: Task | Exception
        if not element.joined and id(element.base) in self._tasks:
            return
        try:
            made = self._with_inputs(element) if element.joined else self._made(element.base)
        except (CannotMove, Unversionable) as error:  # told once it is to be launched
            made = error
        if element.joined:
            self._apart[element.index] = made
        else:
            self._tasks[id(element.base)] = element.base, made

    def _task(self, elements: list[Element]) -> Task:
        first = elements[0]
        if first.joined:
            return self._finished(_or_raise(self._apart.get(first.index)) or self._with_inputs(first), elements, None)
        known = self._tasks.get(id(first.base))
        if known is None:
            known = self._tasks[id(first.base)] = first.base, self._made(first.base)
        task = _or_raise(known[1])
        assert task is not None
        walk = Walk(self.step.session.setting.home)
        walk.walk(ELEMENTS, [{name: element.values[name] for name in self._read} for element in elements])
        session = self.step.session
        part = Packing(None, walk, {}, session.setting.table, session.put).pack([ELEMENTS])[0]
        return self._finished(task, elements, part)

    def _finished(self, task: Task, elements: list[Element], part: Any) -> Task:
        places = self.step.session.places
        made = tuple(
            ElementTask(
                index=element.index,
                key=element.key,
                versions=element.versions,
                seed=seed_for(self.step, element),
                reach=tuple(named(element.texts, places)) if element.texts else (),
                checkpoints=owner_of_element(self.step, element),
            )
            for element in elements
        )
        task = msgspec.structs.replace(task, elements=made, bound=part)
        if not self._executor.carries:
            return task
        reach = tuple(dict.fromkeys([*task.intent.reach, *(item for each in made for item in each.reach)]))
        along = msgspec.structs.replace(task.intent, reach=reach)
        luggage = self.step.luggage = pack(self.step, along, self._executor.whole(self.step.request.options.pod))
        return msgspec.structs.replace(task, luggage=luggage)

    def _with_inputs(self, element: Element) -> Task:
        """Make the task of an element whose values travel with the inputs, since they share parts or lead to code."""
        found, namespace = element.base, self.step.session.setting.namespace
        with bound(namespace, element.values):
            found.names |= set(self._read)
            found.walk.roots.update(element.roots)
            found.versions.update(element.versions)
            try:
                return self._made(found)
            finally:
                found.names -= set(self._read)
                for name in element.roots:
                    found.walk.roots.pop(name, None)
                    found.versions.pop(name, None)

    def _made(self, found: Gathered) -> Task:
        """Make the task of the body, without an element."""
        step, session = self.step, self.step.session
        intent = body_intent(step, found)
        maker = TaskMaker(session, found, step.executor)
        luggage = pack(step, intent, self._executor.whole(step.request.options.pod)) if self._executor.carries else None
        task = maker.make(step, intent, returns=False, luggage=luggage)
        return msgspec.structs.replace(task, checkpoints="", key=None)


def _or_raise(made: Task | Exception | None) -> Task | None:
    if isinstance(made, Exception):
        raise made
    return made


def body_intent(step: Step, found: Gathered) -> Any:
    """Return what is known of a loop's body before it runs for any element."""
    each = step.request.each
    assert each is not None
    outputs = tuple(item.name for item in each.gather)
    return msgspec.structs.replace(intent_of(step, found), outputs=outputs, seed=None, deletes=frozenset())


def seed_for(step: Step, element: Element) -> int | None:
    """Return the seed of an element's generators: it follows from its key, so that a rerun repeats it."""
    asked = step.request.options.seed
    if asked == "none":
        return None
    return asked if isinstance(asked, int) else seed_of(element.key or step.id)


__all__ = ["CannotMove", "ChunkJourney", "Chunks", "Heard", "body_intent", "seed_for"]
