"""Events as lines of a log: for a worker of which only the log can be followed. People can read most of them, too."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from steppe.types import Struct
from steppe.worker.events import Event


class Line(Struct, frozen=True, kw_only=True):
    """One line of a log.

    Attributes:
        n: its number, from 1: who reads a log again skips what it knows.
        event: what is told.
        packed: the same as MessagePack, where JSON can't say it exactly: bytes, NaN.
    """

    n: int
    event: Event | None = None
    packed: bytes = b""


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Line)
PACK = msgspec.msgpack.Encoder()
UNPACK = msgspec.msgpack.Decoder(Event)


def line(number: int, event: Event) -> bytes:
    """Return an event as a line of the log."""
    try:
        data = ENCODER.encode(Line(n=number, event=event))
        exact = DECODER.decode(data).event == event
    except (msgspec.MsgspecError, TypeError, ValueError):
        exact = False
    if not exact:
        data = ENCODER.encode(Line(n=number, packed=PACK.encode(event)))
    return data + b"\n"


class LineWriter:
    """Writes events to a descriptor, one a line; the only writer there."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._number = 0

    def write(self, event: Event) -> None:
        """Write one event whole; nothing where nobody takes it any more."""
        self._number += 1
        view = memoryview(line(self._number, event))
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            return


class LineReader:
    """Cuts a log into events, however often it is read from its beginning.

    Attributes:
        strays: the last lines that are no events: what was written before a worker could begin, or past it.
    """

    def __init__(self) -> None:
        self.strays: list[str] = []
        self._rest = b""
        self._known = 0
        self._read = 0
        self._line = 0

    def again(self) -> None:
        """Begin anew: what comes next is the log from its beginning."""
        self._rest = b""
        self._line = 0

    def add(self, data: bytes) -> Iterator[Event]:
        """Yield the events in what was read that are new."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        for each in whole:
            self._line += 1
            event = self._event(each)
            if event is not None:
                yield event
            self._read = max(self._read, self._line)

    def _event(self, data: bytes) -> Event | None:
        try:
            found = DECODER.decode(data)
        except msgspec.MsgspecError:
            if self._line > self._read and data.strip():
                self.strays = [*self.strays[-19:], data.decode(errors="replace")]
            return None
        if found.n <= self._known:
            return None
        self._known = found.n
        return found.event if found.event is not None else UNPACK.decode(found.packed)
