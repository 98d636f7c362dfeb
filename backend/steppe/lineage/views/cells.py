"""Values of a table's cells as JSON has them: numbers as they are, times as text, long texts cut."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LONGEST = 500
"""Characters of one cell."""
EXACT = 2**53
"""Larger whole numbers are told as text: a browser's numbers would round them."""

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def cells(column: Any) -> list[Any]:
    """Return the values of an Arrow array, each null, a truth, a number or a text."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        found = _storage(column)
        return [None if value is None else bool(value) for value in found.to_pylist()]
    if pa.types.is_dictionary(kind):
        return cells(_decoded(column))
    if pa.types.is_duration(kind):
        return [None if value is None else duration(value, kind.unit) for value in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_temporal(kind):
        return [None if value is None else _time(value) for value in _texts(column)]
    return [cell(value) for value in column.to_pylist()]


def cell(value: Any) -> Any:
    """Return one value."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value[:32].hex() + ("…" if len(value) > 32 else "")
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def duration(value: int, unit: str) -> str:
    """Return a span of time as people write it: `2 days 03:04:05.5`."""
    each = UNITS[unit]
    sign, value = ("-" if value < 0 else ""), abs(value)
    seconds, rest = divmod(value, each)
    days, seconds = divmod(seconds, 86400)
    clock = f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    tail = f".{rest:0{len(str(each)) - 1}}".rstrip("0") if rest else ""
    return f"{sign}{f'{days} days ' if days else ''}{clock}{tail}"


def _time(text: str) -> str:
    """Drop the parts of a second that are all 0, and midnight."""
    head, dot, tail = text.partition(".")
    digits = tail.rstrip("Z")
    zone = "Z" if tail.endswith("Z") else ""
    kept = digits.rstrip("0")
    text = head + (dot + kept if kept else "") + zone
    return text.removesuffix(" 00:00:00")


def _texts(column: Any) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp(column.type.unit, "UTC"))
        column = column.cast(pa.timestamp(column.type.unit))
        return [None if text is None else f"{text}Z" for text in pc.cast(column, pa.string()).to_pylist()]
    return list(pc.cast(column, pa.string()).to_pylist())


def _storage(column: Any) -> Any:
    return (
        column.storage if isinstance(column, pa.Array) else pa.chunked_array([each.storage for each in column.chunks])
    )


def _decoded(column: Any) -> Any:
    return column.cast(column.type.value_type)
