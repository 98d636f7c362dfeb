"""Batches made of rows in an order: what the thread of a stream, and the workers of a DataLoader, run."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any, NamedTuple

from steppe.streaming.order import Order, Run, Window, ids_of
from steppe.streaming.rows import Rows, size_of

READ = 4 << 20
"""Bytes that are read at once where rows come as they are stored."""

BLOCK = 2 << 20
"""Bytes of rows that stay together until they are in memory, where rows are shuffled."""

WINDOW = 64 << 20
"""Bytes of rows that are in memory to be shuffled."""


class Batch(NamedTuple):
    """A batch, and which one it is."""

    epoch: int
    number: int
    rows: Any


def ordered(rows: Rows, batch_size: int, shard: tuple[int, int], seed: int | None, *, drop_last: bool) -> Order:
    """Return the order of a value's rows."""
    width = max(rows.width, 1e-9)
    whole = (READ if seed is None else WINDOW) / (width * batch_size)
    return Order(
        rows=rows.count,
        batch_size=batch_size,
        shard=shard,
        seed=seed,
        drop_last=drop_last,
        block=max(1, int(min(BLOCK / width, max(rows.count, 1)))),
        window=max(1, int(min(whole, rows.count // batch_size + 1))) * batch_size,
    )


def epochs_of(
    rows: Rows, order: Order, form: str, epoch: int, batch: int, until: int | None, ahead: float
) -> Iterator[tuple[Batch, float]]:
    """Iterate over the batches from one on, through the epochs before `until`, each with its size in bytes."""
    while order.batches and (until is None or epoch < until):
        for each in epoch_of(rows, order, form, epoch, batch, ahead=ahead):
            yield each, rows.width * order.batch_size
        epoch, batch = epoch + 1, 0


def epoch_of(
    rows: Rows, order: Order, form: str, epoch: int, start: int, *, every: int = 1, ahead: float = 0.0
) -> Iterator[Batch]:
    """Iterate over every so many batches of an epoch from one on.

    The last one is held back until all that was read is known to be what was stored.

    Args:
        rows: what they are made of.
        order: which rows come in which.
        form: what they are to be.
        epoch: which epoch.
        start: the first batch.
        every: steps between two: how many others make batches of the same epoch.
        ahead: bytes of rows that are asked for before they are read.
    """
    held: Batch | None = None
    alone = order.seed is None and every > 1
    windows = _single(order, epoch, start, every) if alone else _of_some(order, epoch, start, every)
    for window, numbers in _wanted(rows, windows, ahead):
        block = rows.read(window.runs)
        ids = range(*window.runs[0]) if order.seed is None else ids_of(window.runs)
        many = size_of(window.runs)
        for number in numbers:
            if held is not None:
                yield held
            first = (number - window.first) * order.batch_size
            stop = min(first + order.batch_size, many)
            places = slice(first, stop) if window.order is None else window.order[first:stop]
            held = Batch(epoch, number, rows.pick(block, ids, places, form))
    if held is not None:
        rows.settle()
        yield held


def _single(order: Order, epoch: int, start: int, every: int) -> Iterator[tuple[Window, range]]:
    """Iterate over windows of one batch each."""
    for number in range(start, order.batches, every):
        yield Window(number, [order.batch(epoch, number)], None), range(number, number + 1)


def _of_some(order: Order, epoch: int, start: int, every: int) -> Iterator[tuple[Window, range]]:
    """Iterate over the windows that have batches to make, and the numbers of these."""
    each = order.window // order.batch_size
    next_one = start
    for window in order.windows(epoch, start):
        end = min(window.first + each, order.batches)
        if next_one < end:
            numbers = range(next_one, end, every)
            next_one = numbers[-1] + every
            cut = order.seed is None and numbers[0] > window.first
            yield (_from(window, numbers[0], order.batch_size) if cut else window), numbers


def _from(window: Window, number: int, batch_size: int) -> Window:
    """Return a window without the rows of the batches before one."""
    first, stop = window.runs[0]
    return Window(number, [(first + (number - window.first) * batch_size, stop)], None)


def _wanted(rows: Rows, windows: Iterator[tuple[Window, range]], ahead: float) -> Iterator[tuple[Window, range]]:
    """Say of windows that they will be read, some time before they are."""
    coming: collections.deque[tuple[Window, range]] = collections.deque()
    asked = 0.0

    def size(runs: list[Run]) -> float:
        return size_of(runs) * rows.width

    for window in windows:
        rows.want(window[0].runs)
        coming.append(window)
        asked += size(window[0].runs)
        while coming and asked > ahead:
            first = coming.popleft()
            asked -= size(first[0].runs)
            yield first
    yield from coming
