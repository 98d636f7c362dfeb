"""Arrow IPC files for plain tables of pyarrow and frames of polars: some rows are read without the others.

A table comes back with the chunks that it had, mapped. Those with nested columns, categories or extension types, or
whose columns are not chunked alike, are pickled instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from steppe.types import Buffer, Digest, Part
from steppe.values.format_arrow import SMALLEST, written
from steppe.values.walk import Root

POLARS = frozenset(
    {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64"}
    | {"Boolean", "String", "Binary", "Date", "Time", "Datetime", "Duration"}
)
"""Types of columns of polars that Arrow has, too, one for one."""


def store(name: str, root: Root, put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store a table, or return None where it is small or would not come back exactly."""
    value, meta = root.value, dict[str, Any]()
    table = value
    if type(value).__module__.startswith("polars"):
        if value.estimated_size() < SMALLEST or {type(kind).__name__ for kind in value.dtypes} - POLARS:
            return None
        ordered = {column.name: column.flags for column in value.get_columns()}
        meta = {"polars": True, "sorted": {name: _sorted(flags) for name, flags in ordered.items() if _sorted(flags)}}
        table = value.to_arrow(compat_level=sys.modules["polars"].CompatLevel.oldest()).combine_chunks()
    if table.nbytes < SMALLEST or not _plain(table):
        return None
    chunks = written(table)
    size = sum(map(len, chunks))
    return Part(names=(name,), format="arrow-table", blob=put(chunks), size=size, meta={"rows": table.num_rows, **meta})


def _sorted(flags: dict[str, bool]) -> str:
    return next((way for way in ("SORTED_ASC", "SORTED_DESC") if flags.get(way)), "")


def _plain(table: Any) -> bool:
    schema = table.schema
    chunks = {tuple(len(chunk) for chunk in column.chunks) for column in table.columns}
    return (
        len(chunks) == 1
        and all(chunks.pop())
        and table.num_rows > 0
        and len(set(schema.names)) == len(schema.names)
        and all(is_plain(field.type) for field in schema)
        and {} not in [schema.metadata, *(field.metadata for field in schema)]
    )


def is_plain(kind: Any) -> bool:
    """Tell whether a column's values lie one after the other: numbers, times, booleans, text."""
    return is_text(kind) or bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_time(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_duration(kind)
        or pa.types.is_decimal128(kind)
    )


def is_text(kind: Any) -> bool:
    """Tell whether a column's values are of any length: text or bytes."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def load(part: Part, view: memoryview) -> Any:
    """Read a table back: it shows the mapped file."""
    table = pa.ipc.open_file(pa.py_buffer(view)).read_all()
    return as_polars(table, part.meta["sorted"]) if part.meta.get("polars") else table


def as_polars(table: Any, ordered: dict[str, str]) -> Any:
    """Return a table as a frame of polars, which is told again which columns are sorted."""
    import polars as pl

    frame: Any = pl.from_arrow(table)
    told = [pl.col(name).set_sorted(descending=way == "SORTED_DESC") for name, way in ordered.items()]
    return frame.with_columns(told) if told else frame
