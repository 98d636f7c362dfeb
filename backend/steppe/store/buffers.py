"""Chunks of any shape as flat bytes, without copies where they are large. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def flat_views(chunks: Iterable[Buffer], *, stable: bool = False) -> Iterator[memoryview]:
    """Iterate over the flat views of `chunks` that are not empty.

    Each view is released before the next chunk is asked for, so that a producer may resize its buffer; not so where
    the chunks are `stable`: there are all of them all the time.
    """
    for chunk in chunks:
        view = flat(chunk)
        if view.nbytes:
            yield view
        if not stable:
            view.release()


def gathered(views: Iterable[memoryview], size: int, *, stable: bool = False) -> Iterator[memoryview]:
    """Copy small views together into pieces of up to `size` bytes; pass those through that are a quarter of it.

    A piece is valid until the next one is asked for, and longer where the views are `stable`.
    """
    held = memoryview(bytearray(size))
    filled = 0
    for view in views:
        large = view.nbytes * 4 >= size
        if filled and (large or filled + view.nbytes > size):
            yield held[:filled]
            filled = 0
            if stable:
                held = memoryview(bytearray(size))
        if large:
            yield view
            continue
        held[filled : filled + view.nbytes] = view
        filled += view.nbytes
    if filled:
        yield held[:filled]


def cut(view: memoryview, size: int) -> Iterator[memoryview]:
    """Iterate over a view in slices of `size` bytes."""
    for start in range(0, view.nbytes, size):
        yield view[start : start + size]
