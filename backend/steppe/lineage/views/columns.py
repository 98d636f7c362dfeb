"""A column told in short: missing values, the smallest and largest, how many differ, how they are spread; by pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steppe.lineage.views.cells import cells, duration
from steppe.lineage.views.tables import Table
from steppe.types import Struct

PIECE = 1 << 20
"""Rows that are looked at in one go."""
BINS = 24
DIFFERENT = 10_000
"""Different values that are counted; where there are more, their number is not told."""
TOP = 5


class Summary(Struct, frozen=True, kw_only=True):
    """What is told of a column.

    Attributes:
        name: the column's.
        type: as people write it.
        nulls: how many values are missing, NaN among them.
        distinct: how many values differ, or None where they are too many to count.
        min: the smallest, or None.
        max: the largest, or None.
        mean: of numbers, or None.
        edges: of the histogram's bins, one more than `counts`; empty where there is none.
        counts: values in each bin.
        top: the most frequent values and how often they occur, where they could be counted.
        rows: how many rows it was made from.
    """

    name: str
    type: str
    nulls: int
    distinct: int | None
    min: Any = None
    max: Any = None
    mean: float | None = None
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    top: tuple[tuple[Any, int], ...] = ()
    rows: int = 0


def summary(table: Table, at: int) -> Summary:
    """Return what is told of a column of a table."""
    return summary_of(table.column(at), table.columns[at].name, table.columns[at].type)


def summary_of(column: Any, name: str, kind: str) -> Summary:
    """Return what is told of an Arrow column, or of an array of any shape."""
    total = int(column.size) if isinstance(column, np.ndarray) else len(column)
    distinct = _Distinct()
    nulls, low, high, added, numbers = 0, None, None, 0.0, 0
    for piece in _pieces(column):
        sound, missing = _sound(piece)
        nulls += missing
        distinct.note(sound)
        if len(sound) == 0 or not _ordered(sound.type):
            continue
        sound = sound.cast(pa.int64()) if pa.types.is_duration(sound.type) else sound  # a span has no `min_max`
        ends = pc.min_max(sound)
        first, last = ends["min"], ends["max"]
        low = first if low is None or pc.less(first, low).as_py() else low
        high = last if high is None or pc.greater(last, high).as_py() else high
        if _number(sound.type):
            finite = sound.filter(pc.is_finite(sound)) if pa.types.is_floating(sound.type) else sound
            added += pc.sum(finite.cast(pa.float64(), safe=False)).as_py() or 0.0
            numbers += len(finite)
    spans = kind.startswith("duration")
    edges, counts = _histogram(column, low, high)
    return Summary(
        name=name,
        type=kind,
        nulls=nulls,
        distinct=distinct.count,
        min=_shown(low, kind),
        max=_shown(high, kind),
        mean=added / numbers if numbers and np.isfinite(added / numbers) and not spans else None,
        edges=edges,
        counts=counts,
        top=tuple((bool(value) if kind == "bool" else value, count) for value, count in distinct.top()),
        rows=total,
    )


class _Distinct:
    """The different values seen so far, while they are few."""

    def __init__(self) -> None:
        self._seen: dict[Any, int] = {}
        self._lost = False

    def note(self, values: Any) -> None:
        """Count the values of one piece."""
        if self._lost or len(values) == 0:
            return
        try:
            begun = values.slice(0, DIFFERENT * 2)
            if len(values) > len(begun) and len(pc.unique(begun)) > DIFFERENT:
                self._give_up()
                return
            found = pc.value_counts(values)
        except (pa.ArrowException, TypeError):
            self._give_up()
            return
        if len(found) > DIFFERENT:
            self._give_up()
            return
        for value, count in zip(cells(found.field("values")), found.field("counts").to_pylist(), strict=True):
            self._seen[value] = self._seen.get(value, 0) + count
        if len(self._seen) > DIFFERENT:
            self._give_up()

    def _give_up(self) -> None:
        self._seen, self._lost = {}, True

    @property
    def count(self) -> int | None:
        """How many there are, or None."""
        return None if self._lost else len(self._seen)

    def top(self) -> tuple[tuple[Any, int], ...]:
        """Return the most frequent."""
        return tuple(sorted(self._seen.items(), key=lambda item: (-item[1], str(item[0])))[:TOP])


def _pieces(column: Any) -> Iterator[Any]:
    """Yield a column as Arrow arrays of at most PIECE values."""
    if isinstance(column, np.ndarray):
        rows = max(1, PIECE // max(1, column[0].size if column.ndim and len(column) else 1))
        for begin in range(0, len(column) if column.ndim else 1, rows):
            piece = np.ascontiguousarray(column[begin : begin + rows] if column.ndim else column).reshape(-1)
            yield _arrow(piece)
        return
    for chunk in column.chunks:
        for begin in range(0, len(chunk), PIECE):
            piece = chunk.slice(begin, PIECE)
            yield piece.cast(piece.type.value_type) if pa.types.is_dictionary(piece.type) else piece


def _arrow(values: np.ndarray) -> Any:
    if values.dtype.kind == "c":
        values = np.abs(values)
    if values.dtype.kind in "SUV":
        return pa.array([str(value) for value in values.tolist()])
    if values.dtype.kind in "mM" and np.datetime_data(values.dtype)[0] not in ("D", "s", "ms", "us", "ns"):
        return pa.array([str(value) for value in values])
    return pa.array(values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("=")))


def _sound(piece: Any) -> tuple[Any, int]:
    """Return what is not missing in a piece, and how many values are."""
    total = len(piece)
    if pa.types.is_float16(piece.type):
        piece = piece.cast(pa.float32())
    if pa.types.is_floating(piece.type):
        piece = piece.filter(pc.invert(pc.is_nan(piece)))
    if piece.null_count:
        piece = piece.drop_null()
    return piece, total - len(piece)


def _number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _ordered(kind: Any) -> bool:
    types = pa.types
    return _number(kind) or bool(
        types.is_boolean(kind) or types.is_temporal(kind) or types.is_string(kind) or types.is_large_string(kind)
    )


def _shown(value: Any, kind: str) -> Any:
    """Return the smallest or largest value as a cell has it."""
    if value is None:
        return None
    if kind.startswith("duration"):
        return duration(value.as_py(), kind.partition("[")[2].rstrip("]"))
    found = cells(_one(value))[0]
    return bool(found) if kind == "bool" else found


def _one(value: Any) -> Any:
    """Return a scalar as an array of one; of times, whatever their resolution."""
    if not pa.types.is_temporal(value.type):
        return pa.array([value.as_py()], value.type)
    whole = pa.int64() if value.type.bit_width == 64 else pa.int32()
    return pa.array([value.cast(whole).as_py()], type=whole).cast(value.type)


def _histogram(column: Any, low: Any, high: Any) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Spread numbers and times over bins of one width."""
    if low is None or not (_number(low.type) or pa.types.is_temporal(low.type)):
        return (), ()
    begin, end = _as_number(low), _as_number(high)
    if not (np.isfinite(begin) and np.isfinite(end)):
        return (), ()
    if begin == end:
        begin, end = begin - 0.5, end + 0.5
    edges = np.linspace(begin, end, BINS + 1)
    if not np.all(np.diff(edges) > 0):
        return (), ()
    counts: np.ndarray = np.zeros(BINS, dtype=np.int64)
    for piece in _pieces(column):
        sound, _ = _sound(piece)
        if len(sound):
            counts += np.histogram(_numbers(sound), bins=BINS, range=(begin, end))[0]
    return tuple(float(edge) for edge in edges), tuple(int(count) for count in counts)


def _as_number(value: Any) -> float:
    return float(_numbers(_one(value))[0])


def _numbers(values: Any) -> np.ndarray:
    if pa.types.is_temporal(values.type):
        values = values.cast(pa.int64() if values.type.bit_width == 64 else pa.int32())
    found: np.ndarray = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return found
