"""Sorts keys by buckets: rows are dealt out between pivots, then each bucket is sorted by itself.

So it needs memory for a piece and a bucket, not for the column; and how far it is can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from steppe.lineage.views.keys import Keys

PIECE = 1 << 19
"""Rows that are dealt out in one go."""

ROWS = 1 << 19
"""Rows that a bucket is to have, more or less."""

MOST = 250
"""Buckets: each row's is a byte, and two say what is missing."""

LOOKS, LENGTH = 1024, 128
"""Places that are looked at for pivots, and rows at each."""

DEALING = 0.4
"""The part of the work that dealing out is."""


def write_order(keys: Keys, file: Path, tell: Callable[[float], object]) -> int:
    """Write the rows' numbers in the order of their keys: rising, equal ones as they stand, NaN and then none last.

    Args:
        keys: the column's.
        file: where to, as 32-bit numbers.
        tell: is told how far it is, from 0 to 1.

    Returns:
        How many rows have NaN or no value.
    """
    tell(0.0)
    if not keys.total:
        file.write_bytes(b"")
        return 0
    pivots = _pivots(keys)
    buckets = len(pivots) + 1
    dealt: np.ndarray = np.empty(keys.total, np.uint8)
    sizes: np.ndarray = np.zeros(buckets + 2, np.int64)
    for begin in range(0, keys.total, PIECE):
        end = min(begin + PIECE, keys.total)
        dealt[begin:end] = found = _bucket_of(keys, begin, end, pivots)
        sizes += np.bincount(found, minlength=buckets + 2)
        tell(DEALING / 2 * end / keys.total)
    ends = np.cumsum(sizes)
    order = np.memmap(file, np.uint32, mode="w+", shape=(keys.total,))
    at = ends - sizes
    for begin in range(0, keys.total, PIECE):
        piece = dealt[begin : begin + PIECE]
        rows = np.argsort(piece, kind="stable")
        counts = np.bincount(piece, minlength=buckets + 2)
        cuts = np.cumsum(counts)
        for bucket in np.flatnonzero(counts).tolist():
            order[at[bucket] : at[bucket] + counts[bucket]] = begin + rows[cuts[bucket] - counts[bucket] : cuts[bucket]]
        at += counts
        tell(DEALING / 2 * (1 + min(begin + PIECE, keys.total) / keys.total))
    for bucket in range(buckets):
        end = int(ends[bucket])
        rows = np.asarray(order[end - int(sizes[bucket]) : end])
        values = keys.at(rows.astype(np.int64)) if len(rows) else rows
        if len(rows) and values.min() != values.max():
            order[end - int(sizes[bucket]) : end] = rows[np.argsort(values, kind="stable")]
        tell(DEALING + (1 - DEALING) * end / keys.total)
    order.flush()
    return int(sizes[buckets:].sum())


def _bucket_of(keys: Keys, begin: int, end: int, pivots: np.ndarray) -> np.ndarray:
    """Return the bucket of some rows: the last but one is for NaN, the last for what has no value."""
    piece = keys.piece(begin, end)
    found: np.ndarray = np.searchsorted(pivots, piece, side="right").astype(np.uint8)
    if piece.dtype.kind == "f":
        found[np.isnan(piece)] = len(pivots) + 1
    if not keys.whole:
        there = keys.there(begin, end, np.arange(end - begin))
        found[~there] = len(pivots) + 2
    return found


def _pivots(keys: Keys) -> np.ndarray:
    """Return the keys at which buckets begin, but for the first, from a look at rows all over the column."""
    count = min(keys.total // ROWS, MOST)
    found: np.ndarray = np.sort(keys.looks(LOOKS, LENGTH)) if count > 1 else np.empty(0, keys.dtype)
    count = min(count, len(found))
    pivots: np.ndarray = np.unique(found[np.linspace(0, max(len(found) - 1, 0), count + 1).astype(np.int64)[1:-1]])
    return pivots
