"""One step on its way through an executor: launched, followed in a thread, tried again, settled into the Catalog."""

from __future__ import annotations

import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steppe.engine.lookup import DECODER
from steppe.engine.session import Session, log_metric
from steppe.errors import StepCancelled, StepFailed, StepTimedOut, StoreError, WorkerDied
from steppe.executors.executor import End, Executor, Flight, Launch
from steppe.ids import new_id
from steppe.threads import OurThread
from steppe.types import Attempt, Claim, Digest, Measured, Resources, Result, Shown, State
from steppe.worker.events import Event
from steppe.worker.probes import is_secret
from steppe.worker.task import AttemptRecord, record_name
from steppe.worker.trace import unseen

CUT_SHORT = frozenset({"cancelled", "timeout", "lost"})
"""Ends that the user's code meets as a KeyboardInterrupt."""

TOLD = frozenset({"shown", "usage", "progress", "tasks"})
"""Kinds of events that readers elsewhere see while a step runs."""

STATES = {
    "done": State.SUCCEEDED,
    "cancelled": State.CANCELLED,
    "killed": State.LOST,
    "lost": State.LOST,
    "left": State.LOST,
}
"""The states of attempts by how they have ended; every other end is a failure."""

LOST = 2
"""Tries that a step has beside its `retries` where the place that it ran in was lost: a node, an eviction."""

PAUSE = 1.0
"""Seconds before the second try; each further pause is twice as long."""


class Journey:
    """A Task's way through an executor, from its first attempt to its end.

    Attributes:
        again: tells whether what an attempt has failed of is worth another.
        tell: told at once of what the step shows, uses and says of its progress.
        session: the kernel's session.
        executor: where it runs.
        task: the Task's blob.
        key: the key that this session has claimed for it, or None.
        step_run: the StepRun's id.
        attempts: the attempts so far.
        record: what the last attempt left, once there is an end.
        error: why it has no result, once it has ended without one: it was killed, cancelled, or took too long. What
            it had bound until then may be in `record`.
        done: set at the end.
    """

    def __init__(
        self,
        session: Session,
        executor: Executor,
        task: Digest,
        *,
        body: bytes = b"",
        step_run: str,
        key: Digest | None = None,
        attempt: str = "",
        label: str,
        resources: Resources,
        retries: int = 0,
        timeout: float | None = None,
        pod: dict[str, Any] | None = None,
        owner: dict[str, str] | None = None,
        tell: Callable[[Event], object] = lambda _: None,
        again: Callable[[AttemptRecord], bool] = lambda _: True,
    ) -> None:
        self.tell = tell
        self.again = again
        self.session = session
        self.executor = executor
        self.task = task
        self._body = body
        self.step_run = step_run
        self.key = key
        self._first = attempt or new_attempt()
        self.label = label
        self.resources = resources
        self.retries = retries
        self.timeout = timeout
        self._pod = pod or {}
        self._owner = owner or {}
        self.attempts: list[Attempt] = []
        self.record: AttemptRecord | None = None
        self.error: StepFailed | None = None
        self.done = threading.Event()
        self.state = State.QUEUED
        self.waits_for = ""
        self.usage: dict[str, float] = {}
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._fault: Exception | None = None
        self._flight: Flight | None = None
        self._said: AttemptRecord | None = None
        self._thread = OurThread(target=self._travel, name=f"steppe-{label}", daemon=True)

    def start(self, flight: Flight | None = None) -> None:
        """Begin; with an attempt that is under way already, where there is one."""
        self._flight = flight
        if flight is None and self.executor.hands_over:
            self._send()
        self.session.journeys.add(self)
        self._thread.start()

    def _send(self) -> None:
        """Launch the first attempt in the caller's thread, where that takes a moment: another one begins later."""
        try:
            with unseen():
                self._launched(1)
        except Exception as error:  # told as any other is, where the step is followed
            self._fault = error
        except BaseException:  # an interrupt: nobody is going to follow it
            if (flight := self.executor.attach(self.executor.handle(self._first))) is not None:
                flight.cancel()
            raise

    def keep_task(self) -> None:
        """Store the Task while it runs, where it was handed over; call it once, from a thread that has the time."""
        if self._body:
            with self.session.forgiving("the tasks of steps are not kept"):
                self.session.store.put([self._body])

    def land(self, timeout: float) -> None:
        """Once it is done, wait for what is left: its record is written, its attempt's end noted."""
        if self.done.is_set():
            self._thread.join(timeout)

    def events(self) -> Iterator[Event]:
        """Iterate over what the step tells, as it comes, to the end."""
        while (event := self._events.get()) is not None:
            yield event

    def shown(self) -> Iterator[Shown]:
        """Iterate over what the step shows, as it comes, to the end."""
        for event in self.events():
            if event.shown is not None:
                yield event.shown

    @property
    def ending(self) -> bool:
        """Whether it was told to end."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End it."""
        self._cancelled.set()
        if self._flight is not None:
            self._flight.cancel()

    def _travel(self) -> None:
        with unseen():
            try:
                self._try_until_done()
            except Exception as error:  # whatever an executor raises is this step's failure, not the kernel's
                if not self.done.is_set():
                    self.error = StepFailed(f"`{self.label}` could not be run: {error}")
                    self.error.__cause__ = error
            finally:
                self._finish()
                self.session.journeys.discard(self)

    def _finish(self) -> None:
        """Let who waits go on; what it has come to does not change any more."""
        if not self.done.is_set():
            self._give_up()
            self.done.set()
            self._events.put(None)

    def _give_up(self) -> None:
        """Let others try what has failed: this kernel may come to settle it in hours, before its next cell."""
        if self.key is not None and (self.record is None or self.record.status == "failed"):
            self.session.let_go(self.key)

    def _try_until_done(self) -> None:
        number, tries, lost = 0, self.retries + 1, 0
        while True:
            number += 1
            end = self._try(number)
            if self.done.is_set():
                return
            self.record = self._read_record()
            failed = self.record is None or self.record.status == "failed"
            if end.how == "lost" and end.again and failed and lost < LOST:
                lost, tries = lost + 1, tries + 1
            last = number >= tries or (self.record is not None and not self.again(self.record))
            if not failed or self._cancelled.is_set() or last:
                if self.record is None or (failed and end.how in CUT_SHORT):
                    self.error = self._explain(end, tries)
                return
            self.state = State.RETRYING
            self._events.put(_again(number + 1, tries, end))
            if self._cancelled.wait(PAUSE * 2 ** (number - 1)):
                self.error = self._explain(End(how="cancelled", why="it was cancelled"), tries)
                return
            self.record = None
            self._events.put(Event(kind="queued", at=time.time()))

    def _try(self, number: int) -> End:
        self._said = None
        if self._fault is not None:
            raise self._fault
        flight = self._flight if self._flight is not None and number == 1 else self._launched(number)
        if self.attempts:
            self._note(self.attempts[-1])
        if self._cancelled.is_set():
            flight.cancel()
        end = None
        while end is None:
            self.waits_for = flight.queued
            end = flight.follow(self._told, timeout=1.0)
        self._ended(end)
        return end

    def _launched(self, number: int) -> Flight:
        """Launch an attempt, and write down with the claim which one it is."""
        attempt_id = self._first if number == 1 else new_attempt()
        attempt = Attempt(
            id=attempt_id,
            step_run=self.step_run,
            number=number,
            executor=self.executor.name,
            handle=self.executor.handle(attempt_id),
            task=self.task,
            started=time.time(),
        )
        if number > 1:
            self._describe(attempt)
        flight = self._flight = self.executor.launch(self._launch(attempt))
        if flight.attempt:
            attempt = msgspec.structs.replace(attempt, id=flight.attempt, handle=flight.handle)
            self._describe(attempt)
        self.attempts.append(msgspec.structs.replace(attempt, handle=flight.handle))
        if flight.handle != attempt.handle:
            self._describe(self.attempts[-1])
        return flight

    def _describe(self, attempt: Attempt) -> None:
        """Write down with the claim which attempt is under way, so that others can attach to it."""
        if self.key is not None:
            claim = Claim(
                key=self.key,
                holder=self.session.holder,
                attempt=attempt.id,
                executor=attempt.executor,
                handle=attempt.handle,
                label=self.label,
            )
            self.session.catalog.claims.describe(claim)

    def _launch(self, attempt: Attempt) -> Launch:
        project = self.session.project
        return Launch(
            task=self.task,
            attempt=attempt.id,
            store=project.settings.store or str(project.state / "store"),
            tier=str(project.state / "store"),
            resources=self.resources,
            timeout=self.timeout,
            label=self.label,
            folder=self.session.ambient.start,
            environ=environ_at_start(self.session),
            body=self._body,
            root=project.root,
            key=self.key,
            owner=self._owner,
            pod=self._pod,
        )

    def _told(self, event: Event) -> None:
        if event.kind == "ended":
            self._take(event)
            return
        if event.kind == "aside":
            self.tell(msgspec.structs.replace(event, kind="shown"))
            return
        if event.kind in TOLD:
            self.tell(event)
        if event.kind == "started":
            self.state = State.RUNNING
        if event.kind == "metric":
            log_metric(self.session, self.step_run, msgspec.convert(event.data, Measured))
        if event.usage:
            self.usage |= {name: max(value, self.usage.get(name, 0.0)) for name, value in event.usage.items()}
        self._events.put(event)

    def _take(self, event: Event) -> None:
        """Hear what the worker is about to leave as its record; a result that is stored counts from now on."""
        self.usage = {**self.usage, **event.usage}
        self._said = msgspec.msgpack.decode(event.data["record"], type=AttemptRecord)
        if self._said.status == "succeeded":
            self.record = self._said
            self._finish()

    def _ended(self, end: End) -> None:
        self.usage = {**self.usage, **end.usage}
        if not self.attempts:
            return
        state = State.SUCCEEDED if self.done.is_set() else STATES.get(end.how, State.FAILED)
        image = self._flight.image if self._flight is not None else ""
        ended = msgspec.structs.replace(self.attempts[-1], ended=time.time(), state=state, end=end.why, image=image)
        self.attempts[-1] = ended
        if self.done.is_set() and end.how != "done":
            self._leave_record(ended)
        self._note(ended)

    def _note(self, attempt: Attempt) -> None:
        """Write an attempt down; the step goes on where that can't be."""
        with self.session.forgiving("the attempts of steps are not written down"):
            self.session.catalog.attempts.record(attempt)

    def _leave_record(self, attempt: Attempt) -> None:
        """Write the record that a worker told of and could not leave: others look for it while this kernel is idle."""
        with self.session.forgiving("the records of steps are not kept"):
            self.session.store.write_record(record_name(attempt.id), msgspec.msgpack.encode(self.record))

    def _read_record(self) -> AttemptRecord | None:
        if not self.attempts:
            return None
        data = self.session.store.read_record(record_name(self.attempts[-1].id))
        return msgspec.msgpack.decode(data, type=AttemptRecord) if data is not None else self._said

    def _explain(self, end: End, tries: int) -> StepFailed:
        said = end.why or "it ended without a result"
        attempt = f" (attempt {len(self.attempts)} of {tries})" if tries > 1 else ""
        text = f"`{self.label}`{attempt}: {said}."
        kinds: dict[str, type[StepFailed]] = {"cancelled": StepCancelled, "timeout": StepTimedOut, "killed": WorkerDied}
        return kinds.get(end.how, WorkerDied)(text)


def _again(number: int, of: int, end: End) -> Event:
    """Return what is told when an attempt has failed and another one follows."""
    why = f"attempt {number} of {of} follows"
    return Event(kind="retrying", at=time.time(), data={"for": f"{why}: {end.why}" if end.why else why})


def new_attempt() -> str:
    """Return the id of a new attempt."""
    return new_id(time.time(), secrets.randbits)


def environ_at_start(session: Session) -> dict[str, str | None]:
    """Return what makes this process's environment the one that the kernel began with, but for secrets.

    What the notebook has changed since is in the Task; secrets never are, so they are handed down as they are now.
    """
    start = session.ambient.environ_at_start
    if start == dict(os.environ):
        return {}
    changed = {name for name in {*start, *os.environ} if start.get(name) != os.environ.get(name)}
    return {name: start.get(name) for name in changed if not is_secret(name)}


def result_of(session: Session, record: AttemptRecord) -> Result | None:
    """Read the Result that an attempt left.

    Raises:
        StoreError: it can't be read.
    """
    if record.result is None:
        return None
    return DECODER.decode(session.store.get(record.result))


__all__ = ["Any", "Journey", "StoreError", "result_of"]
