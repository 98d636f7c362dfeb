"""Rows of an array, or a tensor, that is stored as a .npy file: those of axis 0, read as they lie in the file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from steppe.errors import UsageError
from steppe.streaming.order import Run
from steppe.streaming.rows import as_tensor, size_of, taken
from steppe.streaming.source import Source
from steppe.streaming.stored_rows import StoredRows
from steppe.types import Part

_HEAD = 1 << 12
"""Bytes of a .npy file that surely hold its head, as Steppe writes it."""


class StoredArray(StoredRows):
    """The rows of a stored array."""

    def __init__(self, source: Source) -> None:
        """Read the head.

        Raises:
            UsageError: the array has no dimension, so no rows.
        """
        super().__init__(source)
        head = bytearray(min(_HEAD, source.size))
        source.read_into(0, memoryview(head))
        file = io.BytesIO(head)
        np.lib.format.read_magic(file)
        shape, self._fortran, self._dtype = np.lib.format.read_array_header_1_0(file)
        if not shape:
            raise UsageError("stream() takes arrays of one dimension or more: this one is a single number.")
        self._begin = file.tell()
        self._shape = shape
        self.count = shape[0]
        self._across = int(np.prod(shape[1:], dtype=np.int64))
        self.width = float(self._across * self._dtype.itemsize)

    def want(self, runs: list[Run]) -> None:
        """Have the bytes of some rows brought first."""
        if not self._fortran:
            width = int(self.width)
            self._source.want((self._begin + first * width, self._begin + stop * width) for first, stop in runs)

    def read(self, runs: list[Run]) -> Any:
        """Read rows: each run at once; where the array lies column by column, each column of each run."""
        many = size_of(runs)
        if not self._fortran:
            block = np.empty((many, *self._shape[1:]), self._dtype)
            flat, width = _bytes(block), int(self.width)
            done = 0
            for first, stop in runs:
                size = (stop - first) * width
                self._source.read_into(self._begin + first * width, flat[done : done + size])
                done += size
            return block
        item = self._dtype.itemsize
        across = np.empty((self._across, many), self._dtype)
        for column in range(self._across):
            flat, done = _bytes(across[column]), 0
            for first, stop in runs:
                size = (stop - first) * item
                at = self._begin + (column * self.count + first) * item
                self._source.read_into(at, flat[done : done + size])
                done += size
        return across.reshape((*reversed(self._shape[1:]), many)).T

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        del ids
        batch = taken(block, places)
        return as_tensor(batch) if form == "torch" else batch


class StoredTensor(StoredArray):
    """The rows of a stored tensor."""

    form = "torch"
    said = "a tensor"

    def __init__(self, source: Source, part: Part) -> None:
        super().__init__(source)
        self._kind: str = part.meta["dtype"]
        self._known: bool = part.meta["numpy"]

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        if form == "numpy" and self._known:
            return super().pick(block, ids, places, form)
        import torch

        batch = torch.from_numpy(taken(block, places)).view(getattr(torch, self._kind))
        return batch.numpy() if form == "numpy" else batch


def _bytes(array: Any) -> memoryview:
    """Return the memory of an array as bytes."""
    return memoryview(array.reshape(-1).view(np.uint8)) if array.size else memoryview(bytearray())
