"""Tables: Arrow's IPC files and arrays in .npy, mapped, and small ones that were noted. A page is read at a time."""

from __future__ import annotations

import json
import os
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from steppe.lineage.views.cells import cell, cells
from steppe.lineage.views.source import Source, Unreadable
from steppe.types import Struct

NOTED = 8 << 20
"""Bytes of a noted table."""
HEADER = 10_000
"""Characters of a .npy header."""


class Column(Struct, frozen=True, kw_only=True):
    """A column's name, and its type as people write it."""

    name: str
    type: str


class Table(Protocol):
    """Something with columns and rows.

    Attributes:
        columns: what it has.
        total: how many rows.
        noted: how many rows can be read, where these are fewer.
    """

    columns: tuple[Column, ...]
    total: int
    noted: int

    def column(self, at: int) -> Any:
        """Return a column whole, as an Arrow or a NumPy array that is mapped."""

    def page(self, rows: slice | np.ndarray, left: int, width: int) -> list[list[Any]]:
        """Return some rows of the columns from `left` on."""


def open_table(source: Source, at: tuple[int, ...] = ()) -> Table:
    """Open a table.

    Args:
        source: its bytes.
        at: of an array of more than two dimensions: where to cut through the first ones.

    Raises:
        Unreadable: it is none, or damaged.
    """
    try:
        if source.format == "arrow":
            return ArrowTable(source)
        if source.format == "npy":
            return ArrayTable(source, at)
        return NotedTable(source)
    except Unreadable:
        raise
    except Exception as error:  # parsers raise whatever damage leads them to
        said = str(error).partition("\n")[0][:200]
        raise Unreadable(
            f"its bytes are not what they should be ({said}): `steppe doctor` checks the store."
        ) from error


class ArrowTable:
    """An IPC file."""

    def __init__(self, source: Source) -> None:
        mapped = pa.memory_map(source.path) if source.path else pa.BufferReader(source.data)
        table = pa.ipc.open_file(mapped).read_all()
        table.validate()
        order = list(range(table.num_columns))
        if len(source.positions) == table.num_columns:
            order = list(np.argsort(np.array(source.positions, dtype=np.int64)))
        self._columns = [table.column(int(each)) for each in order]
        names = [table.schema.field(int(each)).name for each in order]
        self.columns = tuple(
            Column(name=name, type=_written(column.type)) for name, column in zip(names, self._columns, strict=True)
        )
        self.total = self.noted = table.num_rows

    def column(self, at: int) -> Any:
        """Return a column."""
        found = self._columns[at]
        if isinstance(found.type, pa.BaseExtensionType):
            return pa.chunked_array([each.storage for each in found.chunks], type=found.type.storage_type)
        return found

    def page(self, rows: slice | np.ndarray, left: int, width: int) -> list[list[Any]]:
        """Return some rows."""
        found = []
        for column in self._columns[left : left + width]:
            if isinstance(rows, slice):
                part = column.slice(rows.start, rows.stop - rows.start)
            else:
                part = column.take(pa.array(rows))
            found.append(cells(part))
        return [list(row) for row in zip(*found, strict=True)]


class ArrayTable:
    """An array in .npy: its last two dimensions, the rest cut through."""

    def __init__(self, source: Source, at: tuple[int, ...] = ()) -> None:
        self.whole = opened_array(source)
        array = self.whole
        if array.dtype.names:
            self._named = list(array.dtype.names)
            array = array.reshape(-1)
        else:
            self._named = []
            place = [*at, *[0] * array.ndim][: max(array.ndim - 2, 0)]
            for index, length in zip(place, array.shape, strict=False):
                if not 0 <= index < length:
                    raise Unreadable(f"there is nothing at {','.join(map(str, place))} of {array.shape}.")
            array = array[tuple(place)]
        if array.ndim == 0:
            array = array.reshape(1)
        self._array = array
        kind = str(array.dtype)
        if self._named:
            self.columns = tuple(Column(name=name, type=str(array.dtype[name])) for name in self._named)
        elif array.ndim == 1:
            self.columns = (Column(name="value", type=kind),)
        else:
            self.columns = tuple(Column(name=str(each), type=kind) for each in range(min(array.shape[1], 10_000)))
        self.total = self.noted = int(array.shape[0])

    def column(self, at: int) -> Any:
        """Return a column."""
        if self._named:
            return self._array[self._named[at]]
        return self._array if self._array.ndim == 1 else self._array[:, at]

    def page(self, rows: slice | np.ndarray, left: int, width: int) -> list[list[Any]]:
        """Return some rows."""
        chosen = range(len(self.columns))[left : left + width]
        found = [[_plain(item) for item in self.column(at)[rows].tolist()] for at in chosen]
        return [list(row) for row in zip(*found, strict=True)]


class NotedTable:
    """The first rows of a table that has no open format."""

    def __init__(self, source: Source) -> None:
        text = json.loads(source.read(NOTED))
        found = json.loads(text) if isinstance(text, str) else text
        self.columns = tuple(Column(name=str(each["name"]), type=str(each["type"])) for each in found["columns"])
        self._rows = [[cell(item) for item in row] for row in found["rows"]]
        if any(len(row) != len(self.columns) for row in self._rows):
            raise Unreadable("its note is damaged: its rows have not as many values as there are columns.")
        self.total, self.noted = int(found["total"]), len(self._rows)

    def column(self, at: int) -> Any:
        """Return what is noted of a column; values that differ in kind are taken as text."""
        values = [row[at] for row in self._rows]
        kinds = {type(value) for value in values if value is not None}
        numbers = kinds <= {int, float} and bool(kinds)
        if not numbers and len(kinds) > 1:
            values = [None if value is None else str(value) for value in values]
        return pa.chunked_array([pa.array(values, type=pa.float64() if numbers else None)])

    def page(self, rows: slice | np.ndarray, left: int, width: int) -> list[list[Any]]:
        """Return some rows."""
        chosen = self._rows[rows] if isinstance(rows, slice) else [self._rows[int(at)] for at in rows]
        return [row[left : left + width] for row in chosen]


def opened_array(source: Source) -> np.ndarray:
    """Map an array; what would need a pickle is refused.

    Raises:
        Unreadable: it is none.
    """
    try:
        if source.path:
            if os.path.getsize(source.path) < HEADER * 4:
                return _from_bytes(source.read(HEADER * 4))
            mapped: np.ndarray = np.lib.format.open_memmap(source.path, mode="r", max_header_size=HEADER)
            return mapped
        return _from_bytes(source.data)
    except Exception as error:  # NumPy reads the header as Python, which may raise anything
        said = str(error).partition("\n")[0][:200]
        raise Unreadable(f"its bytes are no array that can be shown ({said}).") from error


def _from_bytes(data: bytes) -> np.ndarray:
    import io

    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(file, max_header_size=HEADER)
    if dtype.hasobject:
        raise ValueError("it holds objects")
    rest = data[file.tell() :]
    count = 1
    for length in shape:
        count *= int(length)
    if count * dtype.itemsize != len(rest):
        raise ValueError("its length is not what its header says")
    flat: np.ndarray = np.frombuffer(rest, dtype, count)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, complex) else cell(value)


def _written(kind: Any) -> str:
    if isinstance(kind, pa.BaseExtensionType):
        return "bool" if "bool8" in str(kind) else str(kind)
    if pa.types.is_dictionary(kind):
        return "category"
    names = {"double": "float64", "float": "float32", "halffloat": "float16", "large_string": "text", "string": "text"}
    return names.get(str(kind), str(kind))
