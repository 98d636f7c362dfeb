"""A stream as an `IterableDataset` of PyTorch, whose workers share its batches, and a loader that counts them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from steppe.errors import UsageError
from steppe.streaming.ahead import Ahead
from steppe.streaming.batches import epoch_of
from steppe.streaming.order import Order
from steppe.streaming.rows import Rows
from steppe.streaming.stream import same_order
from steppe.streaming.waiting import Waiting
from steppe.worker.trace import unseen

IN_WORKERS = 16 << 20
"""Bytes of batches that each worker makes ahead, beside those that its DataLoader has it make."""


class StreamDataset(IterableDataset):  # type: ignore[misc]  # PyTorch's types are not read
    """A stream's batches as tensors; made by `Stream.torch`. Give a DataLoader of it `batch_size=None`.

    Worker `w` of `n` makes the batches `w`, `w + n`, `w + 2 n` …, which a DataLoader takes from its workers in turn: so
    the order is the same for any number of workers, and so is the place at which it goes on.
    """

    def __init__(self, rows: Rows, order: Order, version: str, state: dict[str, Any]) -> None:
        """See `Stream.torch`."""
        super().__init__()
        self._rows, self._order, self._version = rows, order, version
        # Shared memory: workers that persist see what is set between two epochs.
        self._place = torch.tensor([state["epoch"], state["batch"]], dtype=torch.int64).share_memory_()

    def __len__(self) -> int:
        """Return how many batches are left of the epoch."""
        return max(0, self._order.batches - int(self._place[1]))

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the batches of the epoch that are this worker's."""
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info is not None else (0, 1)
        epoch, start = (int(each) for each in self._place)
        rows, order = self._rows, self._order

        def make() -> Iterator[tuple[Any, float]]:
            for batch in epoch_of(rows, order, "torch", epoch, start + worker, every=workers, ahead=IN_WORKERS):
                yield batch.rows, rows.width * order.batch_size

        ahead = Ahead(make, IN_WORKERS)
        try:
            while True:
                try:
                    batch = ahead.take()
                except StopIteration:
                    return
                yield batch
        finally:
            with unseen():
                ahead.stop()

    def set_epoch(self, epoch: int) -> None:
        """Have the next loop give an epoch, from its beginning: without it each loop gives the same one again."""
        self._place[0], self._place[1] = epoch, 0

    def state(self, batches: int = 0) -> dict[str, Any]:
        """Return where it stands once a loop has given so many batches: plain data, for `resume`.

        Args:
            batches: how many came out of the DataLoader since its loop began.
        """
        epoch, batch = (int(each) for each in self._place)
        batch += batches
        if batch >= self._order.batches:
            epoch, batch = epoch + 1, 0
        place = {"version": self._version, "epoch": epoch, "batch": batch}
        return {**place, **msgspec.structs.asdict(self._order), "shard": list(self._order.shard)}

    def resume(self, state: dict[str, Any]) -> StreamDataset:
        """Have the next loop go on where a stream of the same value and options stood; return this dataset.

        Raises:
            steppe.errors.UsageError: it was of another value, or had other options.
        """
        self._order = same_order(state, self._order, self._version)
        self._place[0], self._place[1] = state["epoch"], state["batch"]
        return self

    def loader(self, num_workers: int = 0, **options: Any) -> StreamLoader:
        """Return a DataLoader of these batches that counts them, goes from epoch to epoch, and tells of waiting.

        Args:
            num_workers: processes that make batches; 0 for a thread of this one.
            options: others that a DataLoader takes, such as `pin_memory`, `prefetch_factor`, `persistent_workers`.

        Raises:
            steppe.errors.UsageError: an option is the stream's own affair.
        """
        for name in ("batch_size", "shuffle", "sampler", "batch_sampler", "drop_last"):
            if name in options:
                raise UsageError(f"loader({name}=…): the stream makes the batches: give it to steppe.stream().")
        return StreamLoader(self, num_workers=num_workers, batch_size=None, **options)

    def close(self) -> None:
        """Free what it holds."""
        self._rows.close()


class StreamLoader(DataLoader):  # type: ignore[misc]  # likewise
    """A DataLoader of a stream: each loop over it gives the rest of an epoch, and the next one the epoch after."""

    def __init__(self, dataset: StreamDataset, **options: Any) -> None:
        super().__init__(dataset, **options)
        self._waiting = Waiting()
        self._given = 0

    @property
    def waited(self) -> float:
        """Seconds that loops over it have waited for batches, in all."""
        return self._waiting.waited

    @property
    def stall(self) -> float:
        """The part of the loops' time since their first batch that they spent waiting for others: 0 to 1."""
        return self._waiting.stall

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the rest of the epoch."""
        return self._counted()

    def _counted(self) -> Iterator[Any]:
        self._catch_up()
        batches = super().__iter__()
        try:
            while True:
                began = time.perf_counter()
                try:
                    batch = next(batches)
                except StopIteration:
                    break
                self._waiting.got(began, time.perf_counter())
                self._given += 1
                yield batch
        finally:
            self._waiting.pause()

    def state(self) -> dict[str, Any]:
        """Return where it stands, behind the batch that was given last: plain data, for `resume`."""
        state: dict[str, Any] = self.dataset.state(self._given)
        return state

    def resume(self, state: dict[str, Any]) -> StreamLoader:
        """Go on where a stream of the same value and options stood; return this loader."""
        self._given = 0
        self.dataset.resume(state)
        return self

    def _catch_up(self) -> None:
        """Let the dataset stand where the batches that were given end."""
        if self._given:
            self.resume(self.state())
