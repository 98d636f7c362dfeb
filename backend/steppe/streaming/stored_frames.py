"""Rows of a pandas frame that is stored as an Arrow file: of each column, the bytes of just the rows that are read.

Such a file has one batch of uncompressed columns (`values/format_arrow.py`). Where the columns' memory would lie is
asked of pyarrow, which is given the file's descriptions and none of its rows.
"""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from steppe.streaming.arrow_files import described
from steppe.streaming.frame_forms import in_form
from steppe.streaming.order import Run
from steppe.streaming.rows import Rows, checked, size_of
from steppe.streaming.source import Source
from steppe.streaming.stored_rows import StoredRows
from steppe.types import Part


class _Column(NamedTuple):
    """Where a column lies in the file.

    Attributes:
        name: its label.
        kind: its dtype.
        numbers: the dtype of its numbers, codes or offsets as they lie there.
        at: where these begin.
        valid: where the bits begin that say which rows have a value, or None; for text alone.
        text: where the text begins, or None.
    """

    name: str
    kind: Any
    numbers: Any
    at: int
    valid: int | None = None
    text: int | None = None


class StoredFrame(StoredRows):
    """The rows of a stored frame."""

    form = "pandas"
    said = "a frame"

    def __init__(self, source: Source, part: Part) -> None:
        super().__init__(source)
        self._index: pd.RangeIndex = pickle.loads(part.meta["index"])
        self._labels: pd.Index = pickle.loads(part.meta["columns"])
        self.count = part.meta["rows"]
        self._columns = _columns(source, part, list(self._labels))
        self.width = sum(map(self._width, self._columns)) or 1.0

    def _width(self, column: _Column) -> float:
        width = float(np.dtype(column.numbers).itemsize)
        if column.text is None:
            return width
        ends = np.empty(1, column.numbers)
        self._source.read_into(column.at + self.count * 8, _bytes(ends))
        return width + float(ends[0]) / max(self.count, 1)

    def chosen(self, columns: list[str]) -> Rows:
        """Return the rows with some columns."""
        there = {column.name: column for column in self._columns}
        checked(columns, list(there))
        less = object.__new__(type(self))
        less.__dict__.update(self.__dict__)
        less._columns = [there[name] for name in columns]
        less._labels = self._labels[[self._labels.get_loc(name) for name in columns]]
        less.width = sum(map(self._width, less._columns)) or 1.0
        return less

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        if form == "torch" and (names := [column.name for column in self._columns if column.text is not None]):
            return f"the column `{names[0]}` holds text, of which PyTorch has no tensors: leave it out with columns="
        return ""

    def want(self, runs: list[Run]) -> None:
        """Have the bytes of some rows brought first; of text, the places alone."""
        self._source.want(
            (column.at + first * width, column.at + (stop + (column.text is not None)) * width)
            for first, stop in runs
            for column in self._columns
            for width in (np.dtype(column.numbers).itemsize,)
        )

    def read(self, runs: list[Run]) -> Any:
        """Read rows, column by column."""
        return [
            self._text(column, runs) if column.text is not None else self._plain(column, runs)
            for column in self._columns
        ]

    def _plain(self, column: _Column, runs: list[Run]) -> Any:
        values = np.empty(size_of(runs), column.numbers)
        flat, width, done = _bytes(values), values.itemsize, 0
        for first, stop in runs:
            size = (stop - first) * width
            self._source.read_into(column.at + first * width, flat[done : done + size])
            done += size
        return values

    def _text(self, column: _Column, runs: list[Run]) -> Any:
        found = [self._text_of(column, first, stop) for first, stop in runs if stop > first]
        if not found:
            return pa.array([], pa.large_string())
        return found[0] if len(found) == 1 else pa.concat_arrays(found)

    def _text_of(self, column: _Column, first: int, stop: int) -> Any:
        begin = first // 8 * 8  # a byte of the bits tells of eight rows
        marks: Any = np.empty(stop - begin + 1, np.int64)
        self._source.read_into(column.at + begin * 8, _bytes(marks))
        data: Any = np.empty(int(marks[-1] - marks[0]), np.uint8)
        assert column.text is not None, "it is a column of text"
        self._source.read_into(column.text + int(marks[0]), memoryview(data))
        valid = None
        if column.valid is not None:
            bits: Any = np.empty(-(-(stop - begin) // 8), np.uint8)
            self._source.read_into(column.valid + begin // 8, memoryview(bits))
            valid = pa.py_buffer(bits)
        buffers = [valid, pa.py_buffer(marks - marks[0]), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.large_string(), stop - begin, buffers).slice(first - begin)

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        columns = [_taken(values, places) for values in block]
        if form in ("numpy", "torch"):
            named = {column.name: _values(values) for column, values in zip(self._columns, columns, strict=True)}
            return in_form(named, form)
        series = {
            at: _series(column, values) for at, (column, values) in enumerate(zip(self._columns, columns, strict=True))
        }
        index = _index(self._index, ids, places)
        frame = pd.DataFrame(series, index=index, copy=False)
        frame.columns = self._labels
        return in_form(frame, form)


def _columns(source: Source, part: Part, labels: list[str]) -> list[_Column]:
    """Find out where the columns lie, in the order of the frame."""
    file, start = described(source)
    batch = file.get_batch(0)
    found: list[_Column | None] = [None] * len(labels)
    at = 0
    for positions, kind in part.meta["blocks"]:
        for position in positions:
            found[position] = _column(labels[position], batch.column(at), kind, start)
            at += 1
    return [column for column in found if column is not None]


def _column(name: str, values: Any, kind: Any, start: int) -> _Column:
    dtype = np.dtype(kind) if isinstance(kind, str) else pickle.loads(kind)
    if isinstance(values, pa.DictionaryArray):
        numbers = np.dtype(values.indices.type.to_pandas_dtype())
        return _Column(name, dtype, numbers, values.indices.buffers()[1].address - start)
    if pa.types.is_large_string(values.type):
        valid, marks, text = values.buffers()
        bits = None if valid is None else valid.address - start
        return _Column(
            name, dtype, np.dtype(np.int64), marks.address - start, bits, text.address - start if text else 0
        )
    storage = values.storage if isinstance(values, pa.ExtensionArray) else values
    numbers = np.dtype(f"M8[{dtype.unit}]") if isinstance(dtype, pd.DatetimeTZDtype) else dtype
    return _Column(name, dtype, numbers, storage.buffers()[1].address - start)


def _taken(values: Any, places: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values[places]
    if isinstance(places, slice):
        return values.slice(places.start, places.stop - places.start)
    return values.take(pa.array(places))


def _values(values: Any) -> Any:
    """Return a column as an array: the categories' codes of a categorical one, text as objects."""
    return values if isinstance(values, np.ndarray) else values.to_numpy(zero_copy_only=False)


def _series(column: _Column, values: Any) -> Any:
    """Return a column as pandas keeps it, of the dtype that it had."""
    if isinstance(column.kind, pd.DatetimeTZDtype):
        return pd.arrays.DatetimeArray._simple_new(values, dtype=column.kind)  # noqa: SLF001  # as in format_arrow
    if isinstance(column.kind, pd.CategoricalDtype):
        return pd.Categorical.from_codes(values, dtype=column.kind, validate=False)
    if column.text is not None:
        return column.kind.construct_array_type()(pa.chunked_array([values]), dtype=column.kind)
    return values


def _index(index: pd.RangeIndex, ids: Any, places: Any) -> pd.Index:
    """Return the labels that some rows have in the frame."""
    if isinstance(ids, range) and isinstance(places, slice):
        found = ids[places]
        return index[found.start : found.stop]
    return index.take(np.asarray(ids)[places])


def _bytes(array: Any) -> memoryview:
    return memoryview(array.view(np.uint8)) if array.size else memoryview(bytearray())
