"""Rows of a table of pyarrow, or a frame of polars, that is stored as an Arrow file: just the rows that are read.

Such a file has the table's chunks as batches of uncompressed columns (`values/format_table.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from steppe.streaming.arrow_files import described
from steppe.streaming.frame_forms import in_form
from steppe.streaming.order import Run
from steppe.streaming.rows import Rows, checked
from steppe.streaming.source import Source
from steppe.streaming.stored_rows import StoredRows
from steppe.types import Part
from steppe.values.format_table import as_polars, is_text


class _Place(NamedTuple):
    """Where a column of a batch lies in the file.

    Attributes:
        at: where its values begin; of text, where it says how long each is.
        valid: where the bits begin that say which rows have a value, or None where all have.
        text: where the text begins.
    """

    at: int
    valid: int | None
    text: int


class StoredTable(StoredRows):
    """The rows of a stored table."""

    said = "a frame"

    def __init__(self, source: Source, part: Part) -> None:
        super().__init__(source)
        self.form = "polars" if part.meta.get("polars") else "arrow"
        self.count = part.meta["rows"]
        file, start = described(source)
        self._schema = file.schema
        self._ends = [0]
        self._places: list[list[_Place]] = []
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            self._ends.append(self._ends[-1] + batch.num_rows)
            self._places.append([_place(column, start) for column in batch.columns])
        self.width = self._size() / max(self.count, 1) or 1.0

    def _size(self) -> float:
        """Return how many bytes the rows are."""
        total = 0.0
        for at, field in enumerate(self._schema):
            total += self.count * _bits(field.type) / 8
            if is_text(field.type):
                for number, places in enumerate(self._places):
                    last = self._numbers(places[at].at, field.type, self._ends[number + 1] - self._ends[number], 1)
                    total += float(last[0])
        return total

    def chosen(self, columns: list[str]) -> Rows:
        """Return the rows with some columns."""
        names = self._schema.names
        checked(columns, names)
        found = [names.index(name) for name in columns]
        less = object.__new__(type(self))
        less.__dict__.update(self.__dict__)
        less._schema = pa.schema([self._schema.field(at) for at in found], self._schema.metadata)
        less._places = [[places[at] for at in found] for places in self._places]
        less.width = less._size() / max(self.count, 1) or 1.0
        return less

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        if form == "torch" and (names := [field.name for field in self._schema if is_text(field.type)]):
            return f"the column `{names[0]}` holds text, of which PyTorch has no tensors: leave it out with columns="
        return ""

    def want(self, runs: list[Run]) -> None:
        """Have the bytes of some rows brought first; of text, the places alone."""
        self._source.want(
            (place.at + first * bits // 8, place.at + -(-stop * bits // 8) + is_text(field.type) * bits // 8)
            for number, first, stop in self._within(runs)
            for place, field in zip(self._places[number], self._schema, strict=True)
            for bits in (_bits(field.type),)
        )

    def _within(self, runs: list[Run]) -> Iterator[tuple[int, int, int]]:
        """Iterate over runs, cut where batches end: the batch, and the first and last row in it."""
        for first, stop in runs:
            at = first
            while at < stop:
                number = bisect_right(self._ends, at) - 1
                begin, end = self._ends[number], min(stop, self._ends[number + 1])
                yield number, at - begin, end - begin
                at = end

    def read(self, runs: list[Run]) -> Any:
        """Read rows, column by column."""
        pieces = list(self._within(runs))
        columns = [
            _joined([self._piece(self._places[number][at], field.type, *rows) for number, *rows in pieces], field.type)
            for at, field in enumerate(self._schema)
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _piece(self, place: _Place, kind: Any, first: int, stop: int) -> Any:
        """Read some rows of a column of a batch; a byte of bits tells of eight rows."""
        begin = first // 8 * 8
        rows = stop - begin
        valid = None if place.valid is None else self._bytes(place.valid + begin // 8, -(-rows // 8))
        if is_text(kind):
            marks = self._numbers(place.at, kind, begin, rows + 1)
            text = self._bytes(place.text + int(marks[0]), int(marks[-1] - marks[0]))
            buffers = [valid, pa.py_buffer(marks - marks[0]), text]
        else:
            bits = _bits(kind)
            buffers = [valid, self._bytes(place.at + begin * bits // 8, -(-rows * bits // 8))]
        return pa.Array.from_buffers(kind, rows, buffers).slice(first - begin)

    def _numbers(self, at: int, kind: Any, first: int, many: int) -> Any:
        """Read at which bytes texts begin."""
        marks: Any = np.empty(many, np.int64 if _bits(kind) == 64 else np.int32)
        self._source.read_into(at + first * marks.itemsize, memoryview(marks.view(np.uint8)))
        return marks

    def _bytes(self, at: int, many: int) -> Any:
        found: Any = np.empty(many, np.uint8)
        if many:
            self._source.read_into(at, memoryview(found))
        return pa.py_buffer(found)

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        del ids
        if isinstance(places, slice):
            batch = block.slice(places.start, places.stop - places.start)
        else:
            batch = block.take(pa.array(places))
        return in_form(as_polars(batch, {}) if self.form == "polars" else batch, form)


def _place(column: Any, start: int) -> _Place:
    """Return where a column of a batch lies in the file."""
    valid, values, *text = column.buffers()
    bits = None if valid is None or not column.null_count else valid.address - start
    return _Place(values.address - start, bits, text[0].address - start if text and text[0] is not None else 0)


def _bits(kind: Any) -> int:
    """Return how many bits a row of a column has where it says how large it is, or where its value is."""
    if not is_text(kind):
        return int(kind.bit_width)
    return 64 if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind) else 32


def _joined(pieces: list[Any], kind: Any) -> Any:
    if not pieces:
        return pa.array([], kind)
    return pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)
