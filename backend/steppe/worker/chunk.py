"""Several elements of a fan-out in one worker: run one after another, their results stored together as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from types import CodeType
from typing import Any, Protocol

import msgspec

from steppe.store.store import Store
from steppe.types import Buffer, Digest
from steppe.values.unpack import Anchors, Unpacking
from steppe.values.walk import Root, Walk
from steppe.worker.body import Body, Ran
from steppe.worker.checkpoints import Keeping
from steppe.worker.events import Event, Sender
from steppe.worker.execution import Execution
from steppe.worker.failures import failure_of
from steppe.worker.progress import following
from steppe.worker.setting import Setting
from steppe.worker.task import ELEMENTS, AttemptRecord, ElementRecord, ElementTask, Failure, Task

EVERY = 0.1
"""Seconds after which finished elements are stored and told of, at least, though the next ones are still to run."""

BETWEEN = 20
"""How much longer than a look at the inputs takes is run before the next one: large ones take long to digest."""

ENCODER = msgspec.msgpack.Encoder()


class Bytes(Protocol):
    """What a chunk needs of a Store."""

    def put(self, chunks: Iterable[Buffer]) -> Digest:
        """Keep bytes."""

    def get(self, digest: Digest) -> memoryview:
        """Return bytes."""


class Chunk:
    """The elements of one task.

    Attributes:
        task: what to do.
        setting: the namespace and what is around it.
        before: the walk over the inputs.
        store: where results go.
        sender: whom to tell.
        look: shows what was written past Python so far.
    """

    def __init__(
        self, task: Task, setting: Setting, before: Walk, store: Bytes, sender: Sender, look: Callable[[], object]
    ) -> None:
        self.task = task
        self.setting = setting
        self.before = before
        self.store = store
        self.sender = sender
        self.look = look
        self._all: list[ElementRecord] = []
        self._waiting: list[tuple[ElementRecord, bytes]] = []
        self._told = time.monotonic()
        self._pause = EVERY

    def run(self, code: CodeType) -> AttemptRecord:
        """Run the elements, until one has done what the others would see."""
        values = self._values()
        roots = [self._walked(element, bound) for element, bound in zip(self.task.elements, values, strict=True)]
        body = Body(self.setting, code, self.task.intent, self.before, ending=self.look)
        self.sender.send(Event(kind="started", at=time.time()))
        for element, bound, root in zip(self.task.elements, values, roots, strict=True):
            if isinstance(root, str):
                self._waiting.append((ElementRecord(index=element.index, status="unmovable", reasons=(root,)), b""))
                continue
            saves = self._saves(element)
            with following(partial(self._progress, element.index)):
                ran = body.run(bound, root, seed=element.seed, reach=element.reach, anyway=True, saves=saves)
            if isinstance(ran.error, KeyboardInterrupt):  # its end is not the element's own: the executor will tell
                self._tell(body)
                failure = self._failure(ran.error)
                return AttemptRecord(status="failed", failure=failure, ended=time.time(), elements=tuple(self._all))
            self._waiting.append(self._record(element, ran))
            if ran.refused:
                break
            if ran.seconds > self._pause or time.monotonic() - self._told > self._pause:
                self._tell(body)
        self._tell(body)
        return AttemptRecord(status="succeeded", ended=time.time(), elements=tuple(self._all))

    def _progress(self, index: int, event: Event) -> None:
        """Tell how far an element says that it is."""
        self.sender.send(msgspec.structs.replace(event, data={**event.data, "element": index}))

    def _saves(self, element: ElementTask) -> Callable[[Execution], Keeping] | None:
        """Return what gives what keeps an element's checkpoints, where its next try could find them."""
        store = self.store
        if not element.checkpoints or not isinstance(store, Store):
            return None
        return lambda execution: Keeping(store, element.checkpoints, execution)

    def _failure(self, error: BaseException) -> Failure:
        shell = self.setting.shell
        shell.failure = None
        shell.showtraceback((type(error), error, error.__traceback__), tb_offset=0)
        return failure_of(shell, error)

    def _values(self) -> list[dict[str, Any]]:
        """Return what each element binds."""
        if self.task.bound is None:
            namespace = self.setting.namespace
            return [{name: namespace[name] for name in element.versions} for element in self.task.elements]
        anchors = Anchors([self.task.bound, *self.task.inputs], self.before)
        home = self.setting.home
        unpacking = Unpacking(self.store.get, self.setting.table, anchors, lambda: Walk(home))
        found: list[dict[str, Any]] = unpacking.values(self.task.bound)[ELEMENTS]
        return found

    def _walked(self, element: ElementTask, values: dict[str, Any]) -> dict[str, Root] | str:
        """Walk an element's values; say so where they are not what the kernel has."""
        roots = {}
        for name, value in values.items():
            if self.task.bound is None and name in self.before.roots:
                roots[name] = self.before.roots.pop(name)
            elif name in element.versions:
                roots[name] = Walk(self.setting.home).walk(name, value)
            if name in roots and roots[name].version != element.versions[name]:
                return f"`{name}` comes out there as something else than it is in the kernel"
        return roots

    def _record(self, element: ElementTask, ran: Ran) -> tuple[ElementRecord, bytes]:
        index, seconds, reasons = element.index, ran.seconds, tuple(ran.reasons)
        if ran.refused:
            return ElementRecord(index=index, status="refused", reasons=(ran.refused,), seconds=seconds), b""
        if ran.error is not None:
            return (
                ElementRecord(
                    index=index,
                    status="failed",
                    failure=self._failure(ran.error),
                    shown=ran.shown,
                    trace=ran.trace if self.task.luggage is not None else (),
                    seconds=seconds,
                ),
                b"",
            )
        if ran.result is None:
            return ElementRecord(index=index, status="unmovable", reasons=reasons, seconds=seconds), b""
        record = ElementRecord(
            index=index, key=element.key, reasons=reasons, seconds=seconds, checkpoints=ran.checkpoints
        )
        return record, ENCODER.encode(ran.result)

    def _tell(self, body: Body) -> None:
        """Store what has finished, in one blob, and tell of it; nothing of it counts where an input has changed."""
        began = time.monotonic()
        refused = body.check() if self._waiting else ""
        self._told = time.monotonic()
        self._pause = max(EVERY, BETWEEN * (self._told - began))
        if not self._waiting:
            return
        if refused:
            records = [
                ElementRecord(index=record.index, status="refused", reasons=(refused,)) for record, _ in self._waiting
            ]
        else:
            records = self._stored()
        self._waiting.clear()
        self._all += records
        self.sender.send(Event(kind="elements", at=time.time(), data={"records": ENCODER.encode(records)}))

    def _stored(self) -> list[ElementRecord]:
        blob = self.store.put([data for _, data in self._waiting if data]) if any(d for _, d in self._waiting) else None
        found, at = [], 0
        for record, data in self._waiting:
            if data:
                placed = msgspec.structs.replace(record, blob=blob, start=at, stop=at + len(data))
                found.append(placed)
                at += len(data)
            else:
                found.append(record)
        return found
