"""Chunks of any shape as flat bytes, without copies where they are large. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pickle import PickleBuffer

from steppe.types import Buffer


def flat(chunk: Buffer) -> memoryview:
    """Return a chunk's bytes as a flat view.

    Only what does not lie in C order in memory is copied, since its order is the order of its elements.
    """
    view = memoryview(chunk)
    if view.ndim == 1 and view.itemsize == 1 and view.c_contiguous:
        return view if view.format == "B" else view.cast("B")
    if not view.c_contiguous:
        return memoryview(view.tobytes())
    return PickleBuffer(view).raw()  # unlike `cast`, it takes every format: big-endian, records, no dimension at all


def flat_views(chunks: Iterable[Buffer]) -> Iterator[memoryview]:
    """Iterate over the flat views of `chunks` that are not empty.

    Each view is released before the next chunk is asked for, so that a producer may resize its buffer.
    """
    for chunk in chunks:
        with flat(chunk) as view:
            if view.nbytes:
                yield view


def copied(views: Iterable[memoryview], free: Callable[[], memoryview]) -> Iterator[memoryview]:
    """Copy views into buffers, each of which is full but for the last.

    Args:
        views: the bytes.
        free: gives a buffer that nobody uses.
    """
    held, filled = free(), 0
    for view in views:
        at = 0
        while at < view.nbytes:
            count = min(view.nbytes - at, held.nbytes - filled)
            held[filled : filled + count] = view[at : at + count]
            at, filled = at + count, filled + count
            if filled == held.nbytes:
                yield held
                held, filled = free(), 0
    if filled:
        yield held[:filled]


def cut(view: memoryview, size: int) -> Iterator[memoryview]:
    """Iterate over a view in slices of `size` bytes."""
    for start in range(0, view.nbytes, size):
        yield view[start : start + size]
