"""What a running task tells whoever follows it: frames of MessagePack, each after its length in four bytes."""

from __future__ import annotations

import os
import threading
from typing import Any

import msgspec

from steppe.types import Shown, Struct


class Event(Struct, frozen=True, kw_only=True):
    """Something that a running task tells.

    Attributes:
        kind: `started` (user code begins), `shown`, `usage`, `progress`, `metric`, or `done`.
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


class Sender:
    """Writes events to a descriptor; once nobody reads them any more, it drops them."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._encoder = msgspec.msgpack.Encoder()
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Write one event whole."""
        if self._descriptor is None:
            return
        data = self._encoder.encode(event)
        view = memoryview(len(data).to_bytes(4, "little") + data)
        with self._lock:
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError:
                self._descriptor = None

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
