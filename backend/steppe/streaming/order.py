"""Which rows come in which batch: a function of sizes, seed, epoch and shard alone. No I/O.

The rows of an epoch stand in one sequence, of which each shard has a stretch: as they are stored, or block by block in
an order drawn for the epoch. A shard's stretch is cut into windows of whole batches; where it is shuffled, the rows of
a window change places. So each row comes once, and a batch can be made without those before it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from steppe.types import Struct

Run = tuple[int, int]
"""Rows that are stored one after the other: the first, and the one behind the last."""


class Window(NamedTuple):
    """Rows that are read together.

    Attributes:
        first: the number of its first batch in the shard's epoch.
        runs: where its rows are, in the order in which they are read.
        order: the places among these that its batches take them from, or None where they take them as they are read.
    """

    first: int
    runs: list[Run]
    order: Any


class Order(Struct, frozen=True, kw_only=True):
    """How rows are dealt out.

    Attributes:
        rows: how many there are.
        batch_size: rows in a batch.
        shard: which of how many.
        seed: what they are shuffled by; None leaves them as they are stored.
        drop_last: whether a batch that would be short is left out.
        block: rows that stay together until they are in memory, where they are shuffled.
        window: rows that are in memory at once: a multiple of `batch_size`.
    """

    rows: int
    batch_size: int
    shard: tuple[int, int] = (0, 1)
    seed: int | None = None
    drop_last: bool = False
    block: int = 1
    window: int = 1

    @property
    def stretch(self) -> Run:
        """The shard's places in the sequence of all rows. Those of two shards differ by one row at most."""
        index, count = self.shard
        return self.rows * index // count, self.rows * (index + 1) // count

    @property
    def batches(self) -> int:
        """Batches of this shard in an epoch."""
        first, end = self.stretch
        return (end - first) // self.batch_size if self.drop_last else -(-(end - first) // self.batch_size)

    def rows_before(self, batch: int) -> int:
        """Return how many rows the batches before one have."""
        first, end = self.stretch
        return min(batch * self.batch_size, end - first)

    def windows(self, epoch: int, start: int = 0) -> Iterator[Window]:
        """Iterate over the windows of an epoch, from the one that has the batch `start`."""
        each = self.window // self.batch_size
        for number in range(start // each, -(-self.batches // each)):
            yield self.window_at(epoch, number)

    def window_at(self, epoch: int, number: int) -> Window:
        """Return a window by its number."""
        first, end = self.stretch
        begin = first + number * self.window
        stop = min(begin + self.window, end)
        if self.seed is None:
            return Window(number * (self.window // self.batch_size), [(begin, stop)], None)
        runs = list(self._runs(epoch, begin, stop))
        order = drawn(stop - begin, self.seed, epoch, 1, *self.shard, number)
        return Window(number * (self.window // self.batch_size), runs, order)

    def batch(self, epoch: int, number: int) -> Run:
        """Return the rows of a batch that is not shuffled."""
        del epoch
        first, end = self.stretch
        begin = first + number * self.batch_size
        return begin, min(begin + self.batch_size, end)

    def _runs(self, epoch: int, begin: int, stop: int) -> Iterator[Run]:
        """Iterate over where the rows at some places of the epoch's sequence are stored."""
        blocks, starts = _sequence(self.rows, self.block, self.seed or 0, epoch)
        at = int(np.searchsorted(starts, begin, side="right")) - 1
        while begin < stop:
            first = int(blocks[at]) * self.block + begin - int(starts[at])
            until = min(stop, int(starts[at + 1]))
            yield first, first + until - begin
            begin, at = until, at + 1


@lru_cache(8)
def _sequence(rows: int, block: int, seed: int, epoch: int) -> tuple[Any, Any]:
    """Return the blocks in the order of an epoch, and the place at which each begins, with the end behind the last."""
    count = -(-rows // block)
    blocks = drawn(count, seed, epoch, 0)
    sizes: Any = np.full(count, block, np.int64)
    sizes[blocks == count - 1] = rows - (count - 1) * block
    return blocks, np.concatenate(([0], np.cumsum(sizes)))


def drawn(count: int, *seeds: int) -> Any:
    """Return the numbers up to `count` in an order that follows from the seeds, whatever the version of NumPy.

    Its generators' raw numbers are promised to stay; what `shuffle` and `permutation` make of them is not.
    """
    bits = np.random.PCG64(np.random.SeedSequence(seeds))
    return np.argsort(bits.random_raw(count), kind="stable")


def ids_of(runs: list[Run]) -> Any:
    """Return the numbers of the rows of some runs, in turn."""
    return np.concatenate([np.arange(first, stop) for first, stop in runs]) if runs else np.arange(0)


def joined(runs: list[Run]) -> list[Run]:
    """Return runs with those joined of which one begins where the one before it ends."""
    found = list(runs[:1])
    for before, (first, stop) in itertools.pairwise(runs):
        if first == before[1]:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return found
