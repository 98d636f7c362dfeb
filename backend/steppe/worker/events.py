"""What a running task tells whoever follows it: frames of MessagePack, each after its length in four bytes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import msgspec

from steppe.types import Shown, Struct


class Event(Struct, frozen=True, kw_only=True):
    """Something that a running task tells.

    Attributes:
        kind: `queued` (it waits: `data["for"]` says for what), `started` (user code begins), `shown`, `usage`,
            `progress` (`data["element"]` says of which element of a fan-out), `metric`, `aside` (what another one than
            the first of several nodes shows: for the log alone),
            `tasks` (how many of each name have come to which state on the cluster that was raised for it:
            `data["tasks"]`), `ended` (user code has ended, and what it left is stored: `data["record"]` is the
            record, which is written next), or `done` (the last one of a task that came to its end by itself:
            `data["status"]` is that of its record in the Store, or `broken` where there is none; `data["why"]` then
            says why).
        at: seconds since 1970.
        shown: what was shown.
        usage: `cpu_seconds`, `memory` (bytes resident now), `gpu_memory` ….
        data: whatever else belongs to the kind.
    """

    kind: str
    at: float = 0.0
    shown: Shown | None = None
    usage: dict[str, float] = {}
    data: dict[str, Any] = {}


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(Event)


def frame(event: Event) -> bytes:
    """Return an event as it is written."""
    data = ENCODER.encode(event)
    return len(data).to_bytes(4, "little") + data


class Sender:
    """Writes events to a descriptor; once nobody reads them any more, it drops them.

    Attributes:
        descriptor: where it writes; None where nobody reads.
    """

    def __init__(self, descriptor: int | None, wake: int | None = None) -> None:
        """Write to `descriptor`; after each event a byte to `wake`, where there is one, tells a reader to look."""
        self.descriptor = descriptor
        self._wake = wake
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Write one event whole."""
        if self.descriptor is None:
            return
        view = memoryview(frame(event))
        with self._lock:
            try:
                while view:
                    view = view[os.write(self.descriptor, view) :]
            except OSError:
                self.descriptor = None
                return
        if self._wake is not None:
            wake(self._wake, b".")

    def close(self) -> None:
        """Close the descriptors."""
        for descriptor in (self.descriptor, self._wake):
            if descriptor is not None:
                os.close(descriptor)
        self.descriptor = self._wake = None


def wake(descriptor: int, byte: bytes) -> None:
    """Wake a reader; where nobody has read the last bytes, one more would say nothing."""
    try:
        os.write(descriptor, byte)
    except OSError:
        return


class Frames:
    """Cuts what was read into events.

    Attributes:
        broken: whether what was read can't be events, so that nothing more will come.
    """

    def __init__(self) -> None:
        self.broken = False
        self._rest = b""

    def add(self, data: bytes) -> Iterator[Event]:
        """Yield the events that are complete with `data`."""
        self._rest += data
        while len(self._rest) >= 4 and not self.broken:
            size = int.from_bytes(self._rest[:4], "little")
            if len(self._rest) < 4 + size:
                return
            body, self._rest = self._rest[4 : 4 + size], self._rest[4 + size :]
            try:
                event = DECODER.decode(body)
            except msgspec.MsgspecError:  # the writer was killed within a frame
                self.broken = True
                return
            yield event
