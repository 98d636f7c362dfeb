"""The first rows of a table by one of its columns, before its whole order is known: what is seen after a click.

One pass over the column, piece by piece, with a bound that a look at some places of it gives: a value beyond the bound
is compared once and forgotten. So it takes about as long as to read the column.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steppe.lineage.views.keys import Keys, keys_of

PIECE = 1 << 19
"""Rows that are looked at in one go: few enough for what is made of them to stay in the processor's cache."""

LOOKS, LENGTH = 64, 2048
"""Places of a column that are looked at for a first bound, and rows at each."""


def first_rows(column: Any, count: int, *, descending: bool) -> np.ndarray | None:
    """Return the numbers of the first rows by a column, as its whole order will have them.

    None where it holds what can't be compared so, or fewer than `count` values that are not missing.
    """
    keys = keys_of(column)
    if keys is None:
        return _first_texts(column, count, descending=descending) if _is_text(column) else None
    if not count:
        return None
    best = _Best(count, keys, descending=descending)
    best.bound = _bound(keys, count, descending=descending)
    spans = [(at, min(at + PIECE, keys.total)) for at in range(0, keys.total, PIECE)]
    for begin, end in reversed(spans) if descending else spans:
        best.take(begin, end)
        if best.complete:
            break
    return best.rows if len(best.rows) == count else None


class _Best:
    """The best rows so far.

    Attributes:
        rows: their numbers, the first first.
        bound: what a key must not be beyond; None while anything may come.
    """

    def __init__(self, count: int, keys: Keys, *, descending: bool) -> None:
        self.rows: np.ndarray = np.empty(0, np.int64)
        self.bound: Any = None
        self._count = count
        self._keys = keys
        self._descending = descending
        self._values: np.ndarray = np.empty(0)

    @property
    def complete(self) -> bool:
        """Whether no later row can be better: all have the best key that there may be."""
        best = self._keys.most if self._descending else self._keys.least
        return best is not None and len(self.rows) == self._count and bool(self._values[-1] == best)

    def take(self, begin: int, end: int) -> None:
        """Take what is good enough of some rows, all of which come after those before."""
        piece = self._keys.piece(begin, end)
        places = np.flatnonzero(self._wanted(piece))
        if len(places):
            places = places[self._keys.there(begin, end, places)]
        if not len(places):
            return
        found = piece[places]
        if len(found) > self._count:
            at = len(found) - self._count if self._descending else self._count - 1
            edge = np.partition(found, at)[at]
            few = found >= edge if self._descending else found <= edge
            found, places = found[few], places[few]
        if self._descending:
            found, places = found[::-1], places[::-1]
        values = np.concatenate([self._values.astype(found.dtype), found])
        rows = np.concatenate([self.rows, begin + places])
        order = np.argsort(_falling(values) if self._descending else values, kind="stable")[: self._count]
        self._values, self.rows = values[order], rows[order]

    def _wanted(self, piece: np.ndarray) -> np.ndarray:
        """Return which keys are good enough; NaN never is."""
        wanted: np.ndarray
        if len(self.rows) == self._count:
            last = self._values[-1]
            wanted = piece > last if self._descending else piece < last
        elif self.bound is not None:
            wanted = piece >= self.bound if self._descending else piece <= self.bound
        else:
            wanted = piece == piece  # noqa: PLR0124  all but NaN
        return wanted


def _falling(values: np.ndarray) -> np.ndarray:
    """Return keys in such a way that the largest comes to be the smallest."""
    turned: np.ndarray = -values if values.dtype.kind == "f" else ~values
    return turned


def _bound(keys: Keys, count: int, *, descending: bool) -> Any:
    """Return a key that at least `count` rows are not beyond, from a look at some places; None where they tell none."""
    found = keys.looks(LOOKS, LENGTH) if keys.total > LOOKS * LENGTH else np.empty(0)
    if len(found) < count:
        return None
    at = len(found) - count if descending else count - 1
    return np.partition(found, at)[at]


def _is_text(column: Any) -> bool:
    kind = getattr(column, "type", None)
    return kind is not None and (pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _first_texts(column: Any, count: int, *, descending: bool) -> np.ndarray | None:
    """Return the first rows by a column of texts, which only Arrow can compare."""
    if not count:
        return None
    kept: Any = None
    rows: np.ndarray = np.empty(0, np.int64)
    for begin, piece in _arrow_pieces(column, backwards=descending):
        if kept is not None and len(rows) == count:
            beyond = (pc.greater if descending else pc.less)(piece, kept[-1])
            places = np.flatnonzero(pc.fill_null(beyond, False).to_numpy(zero_copy_only=False))
        else:
            places = np.flatnonzero(piece.is_valid().to_numpy(zero_copy_only=False))
        if not len(places):
            continue
        if descending:
            places = places[::-1]
        found = piece.take(pa.array(places))
        found = found if kept is None else pa.concat_arrays([kept, found])
        rows = np.concatenate([rows, begin + places])
        best = _sorted_texts(found, descending=descending)[:count]
        kept, rows = found.take(pa.array(best)), rows[best]
    return rows if len(rows) == count else None


def _sorted_texts(found: Any, *, descending: bool) -> np.ndarray:
    order = "descending" if descending else "ascending"
    places: np.ndarray = pc.array_sort_indices(found, order=order).to_numpy()
    return places.astype(np.int64)


def _arrow_pieces(column: Any, *, backwards: bool) -> Iterator[tuple[int, Any]]:
    begin, spans = 0, []
    for chunk in column.chunks:
        spans += [(begin + at, chunk.slice(at, PIECE)) for at in range(0, len(chunk), PIECE)]
        begin += len(chunk)
    yield from reversed(spans) if backwards else spans
