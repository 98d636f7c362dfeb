"""The first rows of a table by one of its columns, before its whole order is known: what is seen after a click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

PIECE = 1 << 20
"""Rows that are looked at in one go."""


def first_rows(column: Any, count: int, *, descending: bool) -> np.ndarray | None:
    """Return the numbers of the first rows by a column of numbers or times, as its whole order will have them.

    None where it holds anything else, or fewer than `count` values that are not missing.
    """
    keys: np.ndarray = np.empty(0)
    rows: np.ndarray = np.empty(0, np.int64)
    for begin, values, valid in _pieces(column, backwards=descending):
        piece = _falling(values) if descending else values
        wanted = valid if valid is not None else np.ones(len(piece), bool)
        if piece.dtype.kind == "f":
            wanted = wanted & ~np.isnan(piece)
        if len(rows) == count:
            wanted = wanted & (piece < keys[-1])
        places = np.flatnonzero(wanted)
        if not len(places):
            continue
        found = piece[places]
        if len(found) > count:
            few = found <= np.partition(found, count - 1)[count - 1]
            found, places = found[few], places[few]
        numbers: np.ndarray = begin + (len(piece) - 1 - places if descending else places)
        keys = np.concatenate([keys.astype(found.dtype), found])
        rows = np.concatenate([rows, numbers])
        order = np.argsort(keys, kind="stable")[:count]
        keys, rows = keys[order], rows[order]
    return rows if len(rows) == count and count else None


def _falling(values: np.ndarray) -> np.ndarray:
    """Return values, the last first, in such a way that the largest comes to be the smallest."""
    turned = values[::-1]
    return -turned if turned.dtype.kind == "f" else ~turned


def _pieces(column: Any, *, backwards: bool) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
    """Yield the first row, the values and which of them are there; nothing where they are no numbers."""
    chunks = [column] if isinstance(column, np.ndarray) else column.chunks
    begin, spans = 0, []
    for chunk in chunks:
        values, valid = _numbers(chunk)
        if values is None:
            return
        spans += [
            (begin + at, values[at : at + PIECE], None if valid is None else valid[at : at + PIECE])
            for at in range(0, len(values), PIECE)
        ]
        begin += len(values)
    for first, values, valid in reversed(spans) if backwards else spans:
        yield first, values, valid[::-1] if valid is not None and backwards else valid


def _numbers(chunk: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    if isinstance(chunk, np.ndarray):
        sound = chunk.dtype.kind in "iuf" and chunk.dtype.isnative and chunk.ndim == 1
        return (chunk if sound else None), None
    kind = chunk.type
    if pa.types.is_temporal(kind):
        kind = pa.int64() if kind.bit_width == 64 else pa.int32()
        chunk = chunk.view(kind)
    if not (pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)):
        return None, None
    valid = None
    if chunk.null_count:
        valid = chunk.is_valid().to_numpy(zero_copy_only=False)
        chunk = pa.Array.from_buffers(kind, len(chunk), [None, chunk.buffers()[1]], offset=chunk.offset)
    return chunk.to_numpy(zero_copy_only=True), valid
