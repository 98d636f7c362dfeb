"""What steps show and tell while they run, in a file each, for readers elsewhere: `lineage/logs.py` reads them.

The kernel's threads only append to a queue; one thread writes it out ten times a second. The file of a step goes when
its Result has what it showed; that of a step without a Result stays, until `steppe gc` finds it old.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from steppe.errors import SteppeError
from steppe.threads import OurThread
from steppe.types import Shown
from steppe.worker.events import Event, frame
from steppe.worker.trace import unseen

FOLDER = "live"
"""Where the files are, in the folder of Steppe's own files."""

PAUSE = 0.1
"""Seconds between two writes."""

IDLE = 5.0
"""Seconds without anything to write after which the thread ends."""

REMEMBERED = 200
"""Steps whose end is remembered: a sample that was being taken as a step ended is told after it."""


class LiveOutput:
    """The files of one session's steps, and the thread that writes them."""

    def __init__(self, state: Callable[[], Path]) -> None:
        """Write below the folder that `state` makes."""
        self._state = state
        self._pid = os.getpid()
        self._queue: deque[tuple[str, Event | bool]] = deque()
        self._begun: set[str] = set()
        self._over: dict[str, None] = {}
        self._files: dict[str, int] = {}
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, step_run: str, event: Event) -> None:
        """Take what a step shows or tells; a forked child's is not the step's, nor is what is told after its end."""
        if os.getpid() == self._pid and step_run not in self._over:
            self._begun.add(step_run)
            self._queue.append((step_run, event))
            if not self._wake.is_set():
                self._wake_up()

    def end(self, step_run: str, *, keep: bool) -> None:
        """End a step's file; keep it where nothing else has what it showed."""
        if step_run in self._begun:
            self._begun.discard(step_run)
            self._queue.append((step_run, keep))
            self._wake_up()
        else:
            self._over[step_run] = None

    def close(self) -> None:
        """Write what is left."""
        self._empty()

    def _wake_up(self) -> None:
        self._wake.set()
        if self._thread is None:
            thread = OurThread(target=self._work, name="steppe-output", daemon=True)
            with contextlib.suppress(RuntimeError):  # the interpreter is shutting down: `close` writes the rest
                thread.start()
                self._thread = thread

    def _work(self) -> None:
        pause = threading.Event()
        with unseen():
            while self._wake.wait(IDLE) or self._queue:
                pause.wait(PAUSE)
                self._wake.clear()
                self._empty()
            self._thread = None
            if self._queue:
                self._wake_up()

    def _empty(self) -> None:
        """Write out what the queue holds; nothing of a step that has ended meanwhile and whose Result has it."""
        with self._lock, unseen():
            told: dict[str, list[Event]] = {}
            ended: dict[str, bool] = {}
            for _ in range(len(self._queue)):
                step_run, item = self._queue.popleft()
                if isinstance(item, bool):
                    ended[step_run] = item
                    self._over[step_run] = None
                elif step_run not in self._over:
                    told.setdefault(step_run, []).append(item)
            for step_run, events in told.items():
                if ended.get(step_run, True):
                    with contextlib.suppress(OSError, SteppeError):  # a full disk: the cell shows it all the same
                        self._append(step_run, events)
            for step_run, keep in ended.items():
                file = self._files.pop(step_run, None)
                if file is not None:
                    if keep:
                        with contextlib.suppress(OSError):
                            os.write(file, frame(Event(kind="done")))  # who reads it knows that no more will come
                    os.close(file)
                    if not keep:
                        with contextlib.suppress(OSError, SteppeError):
                            os.unlink(self._state() / FOLDER / step_run)
            for step_run in list(self._over)[:-REMEMBERED]:
                self._over.pop(step_run, None)

    def _append(self, step_run: str, events: list[Event]) -> None:
        file = self._files.get(step_run)
        if file is None:
            path = self._state() / FOLDER / step_run
            path.parent.mkdir(exist_ok=True)
            file = self._files[step_run] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        view = memoryview(b"".join(frame(event) for event in joined(events)))
        while view:
            view = view[os.write(file, view) :]


def joined(events: Iterable[Event]) -> Iterable[Event]:
    """Yield events with writes to one stream that follow each other as one, and displays as the text that they have."""
    stream: Shown | None = None
    at, texts = 0.0, list[str]()
    for event in events:
        shown = event.shown
        if shown is not None and shown.kind == "stream":
            if stream is not None and stream.name != shown.name:
                yield Event(kind="shown", at=at, shown=Shown(kind="stream", name=stream.name, text="".join(texts)))
                texts = []
            stream, at = shown, event.at
            texts.append(shown.text)
            continue
        if stream is not None:
            yield Event(kind="shown", at=at, shown=Shown(kind="stream", name=stream.name, text="".join(texts)))
            stream, texts = None, []
        if shown is None:
            yield event
        elif shown.kind != "clear":
            text = str(shown.data.get("text/plain", ""))
            yield Event(kind="shown", at=event.at, shown=Shown(kind=shown.kind, data={"text/plain": text}))
    if stream is not None:
        yield Event(kind="shown", at=at, shown=Shown(kind="stream", name=stream.name, text="".join(texts)))
