"""Rows of values in memory: arrays, tensors, frames, lists. Batches are copies, as those of stored values are."""

from __future__ import annotations

import sys
from typing import Any

from steppe.errors import UsageError
from steppe.streaming.frame_forms import in_form
from steppe.streaming.order import Run
from steppe.streaming.rows import Rows, as_tensor, checked, taken


class LiveArray(Rows):
    """The rows of an array."""

    def __init__(self, array: Any) -> None:
        """Take them as they are when they are read.

        Raises:
            UsageError: it has no dimension, so no rows.
        """
        if not array.ndim:
            raise UsageError("stream() takes arrays of one dimension or more: this one is a single number.")
        self._array = array
        self.count = len(array)
        self.width = float(array.nbytes / max(self.count, 1))

    def read(self, runs: list[Run]) -> Any:
        """Copy rows."""
        return self.joined([self._array[first:stop] for first, stop in runs])

    @staticmethod
    def joined(blocks: list[Any]) -> Any:
        """Return rows in turn, in memory of their own."""
        import numpy as np

        return np.concatenate(blocks) if len(blocks) != 1 else blocks[0].copy()

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        del ids
        batch = taken(block, places)
        return as_tensor(batch) if form == "torch" else batch


class LiveTensor(Rows):
    """The rows of a tensor, on whatever device it is."""

    form = "torch"
    said = "a tensor"

    def __init__(self, tensor: Any) -> None:
        """Take them as they are when they are read.

        Raises:
            UsageError: it has no dimension, so no rows.
        """
        if not tensor.ndim:
            raise UsageError("stream() takes tensors of one dimension or more: this one is a single number.")
        self._tensor = tensor.detach()
        self.count = len(tensor)
        self.width = float(tensor.nbytes / max(self.count, 1))

    def read(self, runs: list[Run]) -> Any:
        """Copy rows."""
        return self.joined([self._tensor[first:stop] for first, stop in runs])

    @staticmethod
    def joined(blocks: list[Any]) -> Any:
        """Return rows in turn, in memory of their own."""
        import torch

        return torch.cat(blocks) if len(blocks) != 1 else blocks[0].clone()

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        import torch

        del ids
        batch = block[places if isinstance(places, slice) else torch.from_numpy(places)]
        return batch.cpu().numpy() if form == "numpy" else batch


class LiveFrame(Rows):
    """The rows of a frame of pandas or polars, or of a table of pyarrow."""

    said = "a frame"

    def __init__(self, frame: Any) -> None:
        library = type(frame).__module__.partition(".")[0]
        self.form = {"pyarrow": "arrow"}.get(library, library)
        if type(frame).__name__ == "RecordBatch":
            frame = sys.modules["pyarrow"].Table.from_batches([frame])
        self._frame = frame
        self.count = len(frame)
        self.width = float(_size(frame) / max(self.count, 1))

    def chosen(self, columns: list[str]) -> Rows:
        """Return the rows with some columns."""
        names = self._frame.column_names if self.form == "arrow" else list(self._frame.columns)
        checked(columns, names)
        return LiveFrame(self._frame.select(columns) if self.form == "arrow" else self._frame[columns])

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        del form
        return ""

    def read(self, runs: list[Run]) -> Any:
        """Copy rows; what can't be changed is looked at only."""
        return self.joined([_cut(self._frame, first, stop) for first, stop in runs])

    @staticmethod
    def joined(blocks: list[Any]) -> Any:
        """Return rows in turn, in memory of their own where they can be changed."""
        library: Any = sys.modules[type(blocks[0]).__module__.partition(".")[0]]
        if library.__name__ == "pandas":
            return blocks[0].copy() if len(blocks) == 1 else library.concat(blocks)
        if len(blocks) == 1:
            return blocks[0]
        return (
            library.concat(blocks) if library.__name__ == "polars" else library.concat_tables(blocks).combine_chunks()
        )

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        del ids
        if isinstance(places, slice):
            batch = _cut(block, places.start, places.stop)
        else:
            batch = block.take(places) if self.form != "polars" else block[places]
        return in_form(batch, form)


class LiveList(Rows):
    """The items of a list or tuple; batches are lists."""

    form = "list"
    said = "a list"

    def __init__(self, items: Any) -> None:
        self._items = items
        self.count = len(items)
        self.width = float(max(map(sys.getsizeof, items[:100]), default=1))

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        return "" if form == "list" else "the items of a list come as a list"

    def read(self, runs: list[Run]) -> Any:
        """Take items."""
        return [item for first, stop in runs for item in self._items[first:stop]]

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        del ids, form
        return block[places] if isinstance(places, slice) else [block[place] for place in places]


def _cut(frame: Any, first: int, stop: int) -> Any:
    return frame.iloc[first:stop] if hasattr(frame, "iloc") else frame.slice(first, stop - first)


def _size(frame: Any) -> float:
    if hasattr(frame, "estimated_size"):
        return float(frame.estimated_size())
    return float(frame.memory_usage(index=False).sum() if hasattr(frame, "iloc") else frame.nbytes)
