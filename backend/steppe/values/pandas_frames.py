"""pandas: frames and series by columns, labels and types; indexes; extension arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from steppe.errors import Unversionable
from steppe.values import numpy_arrays
from steppe.values.reduced import put_object
from steppe.values.walk import ATOMS, Encoder, Walk


def _put_frame(walk: Walk, value: pd.DataFrame) -> None:
    walk.out += b"E"
    _put_kind(walk, value, pd.DataFrame)
    _part(walk, "columns", lambda: walk.put(value.columns))
    _part(walk, "index", lambda: walk.put(value.index))
    for label, column in zip(value.columns, arrays_of(value), strict=True):
        _part(walk, _name(label), lambda column=column: _put_values(walk, column))


def _put_series(walk: Walk, value: pd.Series) -> None:
    walk.out += b"e"
    _put_kind(walk, value, pd.Series)
    _part(walk, "name", lambda: walk.put(value.name))
    _part(walk, "index", lambda: walk.put(value.index))
    _part(walk, "values", lambda: _put_values(walk, value.array))


def _put_kind(walk: Walk, value: Any, usual: type) -> None:
    """Write the class where it is a subclass, what it declares as metadata, attrs and flags."""
    if type(value) is not usual:
        walk.put(type(value))
        for name in value._metadata:  # noqa: SLF001  # pandas documents it for subclasses
            walk.put(name)
            walk.put(getattr(value, name, None))
    if value.attrs:
        walk.put(dict(value.attrs))
    walk.put(value.flags.allows_duplicate_labels)


def _part(walk: Walk, name: str, put: Any) -> None:
    start = len(walk.out)
    try:
        put()
    except Unversionable as error:
        raise error.under(name if name.startswith("[") else f".{name}") from None
    if walk.depth == 1:
        walk.detail(name, start)


def _name(label: Any) -> str:
    return f"[{label!r}]" if type(label) in ATOMS or type(label) is tuple else f"[{type(label).__name__}]"


def arrays_of(value: pd.DataFrame) -> Iterator[Any]:
    """Iterate over a frame's columns as arrays, without copies."""
    for i in range(value.shape[1]):
        yield value._mgr.iget_values(i)  # noqa: SLF001  # `iloc` makes a Series each; same data


def _put_values(walk: Walk, column: Any) -> None:
    """Write one column: logical content, whatever block or chunk holds it."""
    if isinstance(column, np.ndarray):
        _put_plain(walk, column)
    else:
        _put_extension(walk, column)


def _put_plain(walk: Walk, column: np.ndarray) -> None:
    walk.out += b"v%d:" % len(column)
    walk.put(column.dtype)
    if column.dtype.hasobject:
        items = column.tolist()
        walk.put_items(items)
        return
    data = np.ascontiguousarray(column)
    walk.buffer(column if data is column else data, numpy_arrays.raw(data))


def _put_extension(walk: Walk, value: Any) -> None:
    kind = value.dtype
    walk.tag(f"{type(kind).__module__}.{type(kind).__qualname__}")
    name = type(value).__name__
    if isinstance(value, pd.Categorical):
        walk.out += b"k%d" % value.ordered
        walk.put(value.categories)
        _put_plain(walk, value.codes)
    elif hasattr(value, "_pa_array"):
        from steppe.values import arrow_tables

        walk.tag(str(kind) + repr(getattr(kind, "na_value", "")))
        arrow_tables.put_chunked(walk, value._pa_array)  # noqa: SLF001  # no public way without a copy
    elif hasattr(value, "_mask") and hasattr(value, "_data"):
        mask, data = value._mask, value._data  # noqa: SLF001  # likewise
        _put_plain(walk, mask)
        _put_plain(walk, np.where(mask, np.zeros(1, data.dtype), data) if mask.any() else data)
    elif isinstance(value, pd.arrays.DatetimeArray | pd.arrays.TimedeltaArray | pd.arrays.PeriodArray):
        walk.tag(str(kind))
        walk.put(getattr(kind, "tz", None))
        freq = getattr(value, "freq", None)
        walk.put(None if freq is None else str(freq))
        _put_plain(walk, value.asi8)
    elif isinstance(value, pd.arrays.IntervalArray):
        walk.tag(value.closed)
        walk.put(value.left)
        walk.put(value.right)
    elif isinstance(value, pd.arrays.SparseArray):
        walk.put(value.fill_value)
        walk.put(len(value))
        _put_plain(walk, np.asarray(value.sp_values))
        _put_plain(walk, np.asarray(value.sp_index.indices))
    elif isinstance(value, pd.arrays.NumpyExtensionArray):
        _put_plain(walk, value.to_numpy())
    elif name in {"StringArray", "ObjectStringArrayMixin"}:
        _put_plain(walk, np.asarray(value, dtype=object))
    else:
        put_object(walk, value)


def _put_index(walk: Walk, value: pd.Index) -> None:
    walk.out += b"i"
    walk.tag(type(value).__name__)
    walk.put(tuple(value.names))
    if isinstance(value, pd.RangeIndex):
        walk.put((value.start, value.stop, value.step))
    elif isinstance(value, pd.MultiIndex):
        for level, codes in zip(value.levels, value.codes, strict=True):
            walk.put(level)
            _put_plain(walk, np.asarray(codes))
        walk.put(value.sortorder)
    else:
        _put_values(walk, value.array)
        if hasattr(value, "freq"):
            walk.put(None if value.freq is None else str(value.freq))


def _put_masked_type(walk: Walk, value: Any) -> None:
    """Write a type such as `Int64`: its class, and what a subclass has added; what it has cached is no part of it."""
    walk.out += b"I"
    walk.put(type(value))
    if added := {name: item for name, item in vars(value).items() if name != "_cache"}:
        walk.put(added)


frame: tuple[Encoder, bool] = (_put_frame, True)
masked_type: tuple[Encoder, bool] = (_put_masked_type, False)
series: tuple[Encoder, bool] = (_put_series, True)
index: tuple[Encoder, bool] = (_put_index, True)
extension: tuple[Encoder, bool] = (_put_extension, True)
