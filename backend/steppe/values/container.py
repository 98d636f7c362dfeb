"""The bytes of a pickled Part: a header, the pickle, then its large buffers, aligned so that they can be mapped."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import msgspec

from steppe.types import Buffer

MAGIC = b"STEPPE1\n"
ALIGNMENT = 64
LARGE = 1 << 16
"""Buffers smaller than this stay inside the pickle."""


def pack(data: bytes, buffers: list[pickle.PickleBuffer]) -> Iterator[Buffer]:
    """Yield the chunks of a container; the buffers are not copied."""
    views = [buffer.raw() for buffer in buffers]
    sizes = msgspec.msgpack.encode((len(data), [(len(view), view.readonly) for view in views]))
    at = len(MAGIC) + 4 + len(sizes) + len(data)
    yield b"".join((MAGIC, len(sizes).to_bytes(4, "little"), sizes, data))
    for view in views:
        gap = -at % ALIGNMENT
        yield bytes(gap)
        yield view
        at += gap + len(view)


def unpack(view: memoryview) -> tuple[memoryview, list[memoryview]]:
    """Return the pickle and the buffers of a container as views into it.

    Raises:
        ValueError: these bytes are no container.
    """
    if bytes(view[: len(MAGIC)]) != MAGIC:
        raise ValueError("not a container")
    begin = len(MAGIC) + 4
    length = int.from_bytes(view[len(MAGIC) : begin], "little")
    size, parts = msgspec.msgpack.decode(view[begin : begin + length], type=tuple[int, list[tuple[int, bool]]])
    at = begin + length + size
    data = view[begin + length : at]
    buffers = []
    for part, readonly in parts:
        at += -at % ALIGNMENT
        buffer = view[at : at + part]
        buffers.append(buffer.toreadonly() if readonly else buffer)
        at += part
    return data, buffers
