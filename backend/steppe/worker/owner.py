"""Waits, in a process of ours, for the end of the one that started it: what that owned is then looked after."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator

PAUSE = 0.5
"""Seconds between two looks at who is there: a fork of the owner may hold the pipe when the owner is long gone."""

SIZE = 8
"""Bytes of a message's length."""


def messages(pipe: int = 0) -> Iterator[bytes]:
    """Yield what the owner says, until it closes the pipe or is gone. Signals that end its group do not end this.

    Args:
        pipe: the descriptor that the owner writes to, as `message` has it.
    """
    owner = os.getppid()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    said = b""
    while True:
        if select.select([pipe], [], [], PAUSE)[0]:
            try:
                heard = os.read(pipe, 1 << 20)
            except OSError:
                return
            if not heard:
                return
            said += heard
        elif os.getppid() != owner:
            return
        while len(said) >= SIZE and len(said) - SIZE >= (size := int.from_bytes(said[:SIZE], "big")):
            yield said[SIZE : SIZE + size]
            said = said[SIZE + size :]


def message(body: bytes) -> bytes:
    """Return a message as it is written to the pipe."""
    return len(body).to_bytes(SIZE, "big") + body
