"""What a cell shows: recorded while it is shown, and shown again.

Works on any IPython shell: the streams, the display publisher and the display hook are wrapped on the instance for the
time of one cell, so that nobody who holds them sees another object.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from steppe.types import Shown

TROUBLED = "it shows an error, of a representation or a callback"


class Recording:
    """What one cell showed, in order.

    Attributes:
        shown: the records so far; writes to one stream that follow each other are one record.
        odd: why the record can't be replayed (a widget, say), or None.
        errors: how many errors were shown: one of the cell itself, where it fails, and those that are odd.
        prompted: how many records there were when the value of the last expression began to be shown.
    """

    def __init__(self, tell: Callable[[Shown], object] | None = None, *, keep: bool = True) -> None:
        """Record, and tell of all that is recorded; or, where nothing is to be kept, only tell of it."""
        self._tell = tell
        self._keep = keep
        self.shown: list[Shown] = []
        self.odd: str | None = None
        self.errors = 0
        self.prompted = 0
        self._texts: list[str] = []
        self._stream = ""
        self._lock = threading.Lock()
        self._muted = 0

    @contextmanager
    def muted(self, by: int = 1) -> Iterator[None]:
        """Do not record writes for a while: a terminal writes displays out as text, which are recorded already."""
        self._muted += by
        try:
            yield
        finally:
            self._muted -= by

    def write(self, name: str, text: str) -> None:
        """Record a write to a stream."""
        if self._muted > 0:
            return
        with self._lock:
            if self._tell is not None:
                self._tell(Shown(kind="stream", name=name, text=text))
            if not self._keep:
                return
            if name != self._stream:
                self._flush()
                self._stream = name
            self._texts.append(text)

    def add(self, shown: Shown) -> None:
        """Record anything but a write."""
        with self._lock:
            if self._tell is not None:
                self._tell(shown)
            if self._keep:
                self._flush()
                self.shown.append(shown)

    def finish(self) -> tuple[Shown, ...]:
        """Return all that was shown."""
        with self._lock:
            self._flush()
        return tuple(self.shown)

    def _flush(self) -> None:
        text = "".join(self._texts)
        if text:
            self.shown.append(Shown(kind="stream", name=self._stream, text=text))
        self._texts.clear()
        self._stream = ""


@contextmanager
def recording(shell: Any, record: Recording | None = None) -> Iterator[Recording]:
    """Record what is shown through `shell` and the standard streams."""
    record = record or Recording()
    undo: list[Callable[[], None]] = []

    def wrap(owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        had = name in vars(owner)
        before = getattr(owner, name)
        setattr(owner, name, lambda *args, **options: wrapper(before, *args, **options))
        undo.append(lambda: setattr(owner, name, before) if had else delattr(owner, name))

    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if name == "stderr" and stream is sys.stdout:
            continue
        wrap(stream, "write", _writer(record, name))
        if hasattr(stream, "writelines"):
            wrap(stream, "writelines", lambda _, lines, stream=stream: [stream.write(line) for line in lines] and None)
    wrap(shell.display_pub, "publish", _publisher(record))
    wrap(shell.display_pub, "clear_output", _clearer(record))
    wrap(shell.displayhook, "write_format_data", _resulter(record))
    wrap(shell.displayhook, "write_output_prompt", _prompter(record))
    wrap(shell, "_showtraceback", _troubled(record))
    wrap(shell.displayhook, "finish_displayhook", _quiet(record))
    try:
        yield record
    finally:
        for step in reversed(undo):
            step()


def _writer(record: Recording, name: str) -> Callable[..., Any]:
    def write(before: Callable[[str], Any], text: str) -> Any:
        done = before(text)
        record.write(name, text)
        return done

    return write


def _publisher(record: Recording) -> Callable[..., Any]:
    def publish(before: Callable[..., Any], data: Any, metadata: Any = None, **options: Any) -> Any:
        transient = options.get("transient") or {}
        kind = "update" if options.get("update") else "display"
        if "application/vnd.jupyter.widget-view+json" in data:
            record.odd = "it shows a live widget"
        shown = Shown(
            kind=kind,
            data=dict(data),
            metadata=dict(metadata or {}),
            display_id=str(transient.get("display_id", "")),
        )
        record.add(shown)
        with record.muted():
            return before(data, metadata, **options)

    return publish


def _clearer(record: Recording) -> Callable[..., Any]:
    def clear(before: Callable[..., Any], wait: bool = False) -> Any:
        record.add(Shown(kind="clear", wait=wait))
        return before(wait)

    return clear


def _resulter(record: Recording) -> Callable[..., Any]:
    def result(before: Callable[..., Any], data: Any, metadata: Any = None) -> Any:
        record.add(Shown(kind="result", data=dict(data), metadata=dict(metadata or {})))
        with record.muted():
            return before(data, metadata)

    return result


def _prompter(record: Recording) -> Callable[..., Any]:
    def prompt(before: Callable[[], Any]) -> Any:
        record.prompted = len(record.finish())
        with record.muted():
            return before()

    return prompt


def _troubled(record: Recording) -> Callable[..., Any]:
    def troubled(before: Callable[..., Any], *args: Any) -> Any:
        record.odd = record.odd or TROUBLED
        record.errors += 1
        return before(*args)

    return troubled


def _quiet(record: Recording) -> Callable[..., Any]:
    def quiet(before: Callable[[], Any]) -> Any:
        with record.muted():
            return before()

    return quiet


def replay(shell: Any, shown: tuple[Shown, ...], bind_result: Callable[[], Any]) -> None:
    """Show again what a cell showed.

    Args:
        shell: the IPython shell.
        shown: what to show.
        bind_result: gives the value of the cell's last expression, for `Out`; called only where one was shown.
    """
    for item in shown:
        if item.kind == "stream":
            getattr(sys, item.name).write(item.text)
        elif item.kind == "clear":
            shell.display_pub.clear_output(wait=item.wait)
        elif item.kind == "result":
            show_result(shell, item, bind_result())
        else:
            transient = {"display_id": item.display_id} if item.display_id else {}
            shell.display_pub.publish(
                dict(item.data), dict(item.metadata), transient=transient, update=item.kind == "update"
            )


def show_result(shell: Any, item: Shown, value: Any) -> None:
    """Show a cell's value as the display hook does, with the representations that were computed when it ran."""
    hook = shell.displayhook
    hook.check_for_underscore()
    hook.start_displayhook()
    hook.write_output_prompt()
    hook.update_user_ns(value)
    hook.fill_exec_result(value)
    if item.data:
        hook.write_format_data(dict(item.data), dict(item.metadata))
        hook.log_output(dict(item.data))
    hook.finish_displayhook()
