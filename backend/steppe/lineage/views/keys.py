"""The values of a column as numbers that sort as they do, piece by piece: nothing is made of the column as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class Keys:
    """The keys of a column.

    Attributes:
        total: how many rows.
        least: the smallest key that there may be, where that is known beforehand: of truths and categories.
        most: the largest, likewise.
        dtype: the keys' type.
    """

    def __init__(self, chunks: list[Chunk], least: Any = None, most: Any = None) -> None:
        self._chunks = chunks
        self._ends = np.cumsum([len(chunk) for chunk in chunks]) if chunks else np.zeros(0, np.int64)
        self.total = int(self._ends[-1]) if chunks else 0
        self.least, self.most = least, most
        self.dtype = chunks[0].piece(0, 0).dtype if chunks else np.dtype(np.int64)

    def piece(self, begin: int, end: int) -> np.ndarray:
        """Return the keys of some rows; those of missing values are anything."""
        found: list[np.ndarray] = [chunk.piece(*span) for chunk, *span in self._spans(begin, end)]
        whole: np.ndarray = found[0] if len(found) == 1 else np.concatenate([np.empty(0, self.dtype), *found])
        return whole

    def there(self, begin: int, end: int, places: np.ndarray) -> np.ndarray:
        """Return which of some places from `begin` on have a value."""
        if all(chunk.whole for chunk, *_ in self._spans(begin, end)):
            return np.ones(len(places), bool)
        valid: np.ndarray = np.concatenate([chunk.valid(*span) for chunk, *span in self._spans(begin, end)])
        chosen: np.ndarray = valid[places]
        return chosen

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Return the keys of some rows, whose numbers rise."""
        cuts = [int(np.searchsorted(rows, end)) for end in (0, *self._ends)]
        found = [
            chunk.at(rows[cuts[at] : cuts[at + 1]] - (int(self._ends[at]) - len(chunk)))
            for at, chunk in enumerate(self._chunks)
            if cuts[at] < cuts[at + 1]
        ]
        whole: np.ndarray = found[0] if len(found) == 1 else np.concatenate([np.empty(0, self.dtype), *found])
        return whole

    @property
    def whole(self) -> bool:
        """Whether every row has a value, or NaN."""
        return all(chunk.whole for chunk in self._chunks)

    def looks(self, places: int, length: int) -> np.ndarray:
        """Return the keys that are found at some places all over the column, without NaN."""
        found: list[np.ndarray] = [np.empty(0, self.dtype)]
        for begin in np.unique(np.linspace(0, max(self.total - length, 0), places).astype(np.int64)).tolist():
            end = min(begin + length, self.total)
            piece = self.piece(begin, end)
            there = np.flatnonzero(piece == piece)  # noqa: PLR0124  all but NaN
            found.append(piece[there[self.there(begin, end, there)]])
        whole: np.ndarray = np.concatenate(found)
        return whole

    def _spans(self, begin: int, end: int) -> list[tuple[Chunk, int, int]]:
        found = []
        at = int(np.searchsorted(self._ends, begin, side="right"))
        while at < len(self._chunks) and begin < end:
            start = int(self._ends[at]) - len(self._chunks[at])
            stop = min(end, int(self._ends[at]))
            found.append((self._chunks[at], begin - start, stop - start))
            begin, at = stop, at + 1
        return found


class Chunk:
    """The keys of a run of rows.

    Attributes:
        whole: whether every row has a value.
    """

    def __init__(self, values: np.ndarray, valid: Any = None, ranks: np.ndarray | None = None) -> None:
        """Take numbers; which rows have a value, as an Arrow array of truths; and the key of each number, if other."""
        self._values = values
        self._valid = valid
        self._ranks = ranks
        self.whole = valid is None

    def __len__(self) -> int:
        return len(self._values)

    def piece(self, begin: int, end: int) -> np.ndarray:
        """Return some keys."""
        values = self._values[begin:end]
        if self._ranks is None:
            return values
        if self._valid is not None:  # what stands in the place of a missing value may be anything
            values = np.where(self.valid(begin, end), values, 0)
        found: np.ndarray = self._ranks[values] if len(self._ranks) else np.zeros(len(values), np.int64)
        return found

    def at(self, rows: np.ndarray) -> np.ndarray:
        """Return the keys of some rows, all of which have a value."""
        values = self._values[rows]
        found: np.ndarray = values if self._ranks is None else self._ranks[values]
        return found

    def valid(self, begin: int, end: int) -> np.ndarray:
        """Return which rows have a value."""
        if self._valid is None:
            return np.ones(end - begin, bool)
        found: np.ndarray = self._valid.slice(begin, end - begin).to_numpy(zero_copy_only=False)
        return found


def keys_of(column: Any) -> Keys | None:
    """Return the keys of a column of numbers, truths, times or categories; None of anything else."""
    if isinstance(column, np.ndarray):
        sound = column.dtype.kind in "biuf" and column.dtype.isnative and column.ndim == 1
        if column.dtype.kind in "mM" or not sound:
            return None
        truths = column.dtype.kind == "b"
        return Keys([Chunk(column)], *((False, True) if truths else (None, None)))
    if pa.types.is_boolean(column.type):
        return Keys([_truths(chunk) for chunk in column.chunks], False, True)
    if pa.types.is_dictionary(column.type):
        return _categories(column)
    chunks = [_numbers(chunk) for chunk in column.chunks]
    return None if any(chunk is None for chunk in chunks) else Keys([chunk for chunk in chunks if chunk is not None])


def _truths(chunk: Any) -> Chunk:
    return Chunk(chunk.fill_null(False).to_numpy(zero_copy_only=False), chunk.is_valid() if chunk.null_count else None)


def _categories(column: Any) -> Keys | None:
    """Return the places of categories in their own order, as the whole order takes them."""
    chunks, most = [], 0
    for chunk in column.unify_dictionaries().chunks:
        if chunk.dictionary.null_count:
            return None
        ranks = pc.rank(chunk.dictionary, sort_keys="ascending", tiebreaker="dense").to_numpy()
        codes = _numbers(chunk.indices)
        if codes is None:
            return None
        ranks = ranks.astype(np.min_scalar_type(len(ranks) + 1))
        most = int(ranks.max()) if len(ranks) else 0
        chunks.append(Chunk(codes.piece(0, len(codes)), chunk.is_valid() if chunk.null_count else None, ranks))
    return Keys(chunks, 1, most)


def _numbers(chunk: Any) -> Chunk | None:
    kind = chunk.type
    if pa.types.is_temporal(kind):
        kind = pa.int64() if kind.bit_width == 64 else pa.int32()
        chunk = chunk.view(kind)
    if not (pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind)):
        return None
    valid = None
    if chunk.null_count:
        valid = chunk.is_valid()
        chunk = pa.Array.from_buffers(kind, len(chunk), [None, chunk.buffers()[1]], offset=chunk.offset)
    return Chunk(chunk.to_numpy(zero_copy_only=True), valid)
