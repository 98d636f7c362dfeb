"""Arrow IPC files (https://arrow.apache.org/docs/format/Columnar.html), for plain pandas frames; mapped, not read.

A frame comes back with the very blocks that it had, since NumPy sums a block in the order in which it lies in memory.
Frames with parts that Arrow has no zero-copy form for (objects, masks, rows side by side) are pickled instead.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from steppe.types import Buffer, Digest, Part
from steppe.values.arrow_tables import whole
from steppe.values.walk import Root

SMALLEST = 1 << 16
"""Smaller frames are pickled: they load faster so, and have their memory to themselves."""


def store(name: str, root: Root, put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store a frame, or return None where it is small or has a part that would not come back exactly."""
    frame: pd.DataFrame = root.value
    if not _plain(frame):
        return None
    arrays: list[Any] = []
    blocks: list[tuple[list[int], Any]] = []
    for block in frame._mgr.blocks:  # noqa: SLF001  # pandas has no public view of its blocks
        columns = _columns(block.values)
        if columns is None:
            return None
        arrays += columns
        blocks.append((block.mgr_locs.as_array.tolist(), _kind(block.values)))
    order = [position for positions, _ in blocks for position in positions]
    labels = [str(frame.columns[position]) for position in order]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(zip(labels, (a.type for a in arrays), strict=True)))
    chunks = written(table, len(table))
    meta = {"columns": pickle.dumps(frame.columns, 5), "index": pickle.dumps(frame.index, 5), "blocks": blocks}
    size = sum(map(len, chunks))
    return Part(names=(name,), format="arrow", blob=put(chunks), size=size, meta={**meta, "rows": len(frame)})


def _plain(frame: pd.DataFrame) -> bool:
    return (
        hasattr(pd.api, "internals")
        and not frame.attrs
        and frame.flags.allows_duplicate_labels
        and isinstance(frame.index, pd.RangeIndex)
        and len(frame) > 0
        and all(type(label) is str for label in frame.columns)
        and frame.columns.is_unique
        and sum(block.values.nbytes for block in frame._mgr.blocks) >= SMALLEST  # noqa: SLF001, PD011
    )


def _columns(values: Any) -> list[Any] | None:
    """Return a block's columns as Arrow arrays that share its memory, or None where they can't."""
    if isinstance(values, pd.arrays.DatetimeArray | pd.arrays.TimedeltaArray):
        regular = getattr(values, "freq", None) is not None
        return None if regular else _columns(values._ndarray)  # noqa: SLF001  # `to_numpy` would copy
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "biufmM" or values.dtype.byteorder == ">" or values.dtype.char == "g":
            return None
        if not (values.flags.c_contiguous and values.flags.writeable):
            return None
        return [_array(row) for row in values]
    if isinstance(values, pd.Categorical):
        categories = _categories(values.categories)
        return None if categories is None else [pa.DictionaryArray.from_arrays(_codes(values.codes), categories)]
    if type(values).__name__ == "ArrowStringArray" and pa.types.is_large_string(values._pa_array.type):  # noqa: SLF001
        return [whole(values._pa_array)] if values._pa_array.num_chunks else None  # noqa: SLF001
    return None


def _array(row: np.ndarray) -> Any:
    kind = row.dtype
    data = pa.py_buffer(row.view(np.uint8))
    if kind.kind == "b":
        return pa.ExtensionArray.from_storage(pa.bool8(), pa.Array.from_buffers(pa.int8(), len(row), [None, data]))
    if kind.kind in "mM":
        missing = np.isnat(row)
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
        return pa.Array.from_buffers(pa.from_numpy_dtype(kind), len(row), [valid, data])
    return pa.Array.from_buffers(pa.from_numpy_dtype(kind), len(row), [None, data])


def _codes(codes: np.ndarray) -> Any:
    missing = codes < 0
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.Array.from_buffers(pa.from_numpy_dtype(codes.dtype), len(codes), [valid, pa.py_buffer(codes)])


def _categories(categories: pd.Index) -> Any | None:
    try:
        return pa.array(categories, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _kind(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values.dtype.str
    return pickle.dumps(values.dtype, 5)


def written(table: Any, rows: int | None = None) -> list[Buffer]:
    """Return the chunks of an IPC file; the columns' buffers among them are not copied.

    Args:
        table: what is in it.
        rows: how many of them a batch has at most; None for the table's own chunks.
    """
    sink = _Chunks()
    with pa.ipc.new_file(pa.PythonFile(sink, mode="w"), table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return sink.chunks


class _Chunks:
    """A file that keeps what is written as chunks."""

    closed = False

    def __init__(self) -> None:
        self.chunks: list[Buffer] = []
        self.at = 0

    def write(self, data: Any) -> int:
        self.chunks.append(data if isinstance(data, bytes) else memoryview(data))
        self.at += len(data)
        return len(data)

    def tell(self) -> int:
        return self.at

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def load(part: Part, view: memoryview) -> Any:
    """Read a frame back: its blocks show the mapped file, copy-on-write."""
    rows = part.meta["rows"]
    data = np.frombuffer(view, np.uint8)
    table = pa.ipc.open_file(pa.py_buffer(view)).read_all()
    blocks = []
    at = 0
    for positions, kind in part.meta["blocks"]:
        columns = [column.chunk(0) for column in table.columns[at : at + len(positions)]]
        at += len(positions)
        blocks.append((_block(data, columns, kind, rows), np.array(positions, dtype=np.intp)))
    columns_, index = pickle.loads(part.meta["columns"]), pickle.loads(part.meta["index"])
    return pd.api.internals.create_dataframe_from_blocks(blocks, index=index, columns=columns_)


def _block(data: np.ndarray, columns: list[Any], kind: Any, rows: int) -> Any:
    if isinstance(kind, str):
        return _stacked(data, [_offset(data, column) for column in columns], np.dtype(kind), rows)
    dtype = pickle.loads(kind)
    if isinstance(dtype, pd.DatetimeTZDtype):
        times = _stacked(data, [_offset(data, column) for column in columns], np.dtype(f"M8[{dtype.unit}]"), rows)
        return pd.arrays.DatetimeArray._simple_new(times, dtype=dtype)  # noqa: SLF001  # all else looks at each value
    if dtype.kind in "mM":
        return _stacked(data, [_offset(data, column) for column in columns], dtype, rows)
    column = columns[0]
    if isinstance(dtype, pd.CategoricalDtype):
        codes = _stacked(data, [_offset(data, column.indices)], column.indices.type.to_pandas_dtype(), rows)[0]
        return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)
    return dtype.construct_array_type()(pa.chunked_array([column]), dtype=dtype)


def _offset(data: np.ndarray, column: Any) -> int:
    storage = column.storage if isinstance(column, pa.ExtensionArray) else column
    address: int = storage.buffers()[1].address
    return address - int(data.__array_interface__["data"][0])


def _stacked(data: np.ndarray, offsets: list[int], dtype: Any, rows: int) -> np.ndarray:
    """Return columns that lie one after the other as one array of two dimensions."""
    kind = np.dtype(dtype)
    steps = {second - first for first, second in itertools.pairwise(offsets)} or {rows * kind.itemsize}
    if len(steps) > 1:
        apart: np.ndarray = np.stack([np.ndarray(rows, kind, data, offset) for offset in offsets])
        return apart
    return np.ndarray((len(offsets), rows), kind, data, offsets[0], (steps.pop(), kind.itemsize))
