"""Memory that several arrays share: which of them overlap, and how far apart they begin."""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from typing import Any

from steppe.values.walk import Walk

WRITEABLE = 0x400
"""NumPy's flag of an array that may be written to. Asking `flags.writeable` of what `broadcast_arrays` gives warns."""


def is_writeable(array: Any) -> bool:
    """Tell whether an array may be written to, without a word."""
    return bool(array.flags.num & WRITEABLE)


def warns_of_writes(array: Any) -> bool:
    """Tell whether writing to an array warns, as to what `broadcast_arrays` gives: no copy does."""
    return bool(array.flags.num < 0)


def extent(array: Any) -> tuple[int, int]:
    """Return the first address that an array touches, and the one after the last."""
    address: int = array.__array_interface__["data"][0]
    low = high = address
    for length, stride in zip(array.shape, array.strides, strict=True):
        if length == 0:
            return address, address
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + array.itemsize


def address_of(value: bytearray) -> int:
    """Return the address of a bytearray's first byte."""
    return ctypes.addressof(ctypes.c_char.from_buffer(value))


class Views:
    """Stretches of memory in use, each named by the first array seen in it.

    Overlapping stretches are merged, so that the list is sorted and free of overlaps, and a search is logarithmic.
    """

    __slots__ = ("highs", "lows", "names", "origins")

    def __init__(self) -> None:
        self.lows: list[int] = []
        self.highs: list[int] = []
        self.names: list[Any] = []
        self.origins: dict[Any, int] = {}

    def add(self, name: Any, low: int, high: int) -> list[tuple[Any, int]]:
        """Add a stretch under `name`.

        Returns:
            The first array of each stretch that it overlaps, and how many bytes after that array's begin it begins.
        """
        if low == high:
            return []
        begin = bisect_left(self.highs, low + 1)
        end = bisect_left(self.lows, high)
        overlapped = self.names[begin:end]
        self.origins[name] = low
        self.highs[begin:end] = [max((high, *self.highs[begin:end]))]
        self.lows[begin:end] = [min((low, *self.lows[begin:end]))]
        self.names[begin:end] = [min(overlapped, default=name)]
        return [(other, low - self.origins[other]) for other in overlapped]


def note(walk: Walk, array: Any) -> None:
    """Write which earlier arrays of this root share memory with a NumPy array."""
    low, high = extent(array)
    note_stretch(walk, array, low, high, tuple(array.strides))


def note_stretch(walk: Walk, value: Any, low: int, high: int, strides: tuple[int, ...]) -> None:
    """Write which earlier arrays of this root share memory with one that touches the addresses `low` to `high`."""
    number = walk.memo[id(value)]
    walk.root.extents.append((number, low, high))
    for other, distance in sorted(walk.root.views.add(number, low, high)):
        walk.refer(b"W%d;" % other, other)
        walk.out += b"%d;" % distance
        walk.put(strides)
