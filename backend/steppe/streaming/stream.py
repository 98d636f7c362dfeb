"""The stream: batches of a value's rows, made ahead of whoever takes them, and where it stands."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import msgspec

from steppe.errors import UsageError
from steppe.streaming.ahead import Ahead
from steppe.streaming.batches import Batch, epochs_of
from steppe.streaming.order import Order
from steppe.streaming.rows import Rows
from steppe.streaming.waiting import Waiting
from steppe.worker.trace import note_outside, unseen

if TYPE_CHECKING:
    from steppe.streaming.torch_data import StreamDataset

TOLD = ("rows", "batch_size", "shard", "seed", "drop_last")
"""What of the order must be the same where a stream goes on."""


class Stream:
    """Batches of a value's rows, in order. Made by `steppe.stream`.

    A loop over it gives the batches of `epochs` epochs, and the next loop those of the epochs after; one that is left
    early is gone on with by the next. What is read ahead is freed when a loop ends, and all else by `close`, at the end
    of a `with`, or with the stream.
    """

    def __init__(
        self,
        rows: Rows,
        order: Order,
        *,
        name: str,
        version: str,
        form: str,
        prefetch: float,
        epochs: int | None,
    ) -> None:
        """See `steppe.stream`."""
        self.name, self.version, self.form = name, version, form
        self._rows, self._order = rows, order
        self._prefetch, self._epochs = prefetch, epochs
        self._epoch = self._batch = 0
        self._until = epochs
        self._ahead: Ahead | None = None
        self._waiting = Waiting()
        self._ended = self._closed = False

    @property
    def waited(self) -> float:
        """Seconds that loops over it have waited for batches, in all."""
        return self._waiting.waited

    @property
    def stall(self) -> float:
        """The part of the loops' time since their first batch that they spent waiting for others: 0 to 1."""
        return self._waiting.stall

    @property
    def epoch(self) -> int:
        """The epoch of the batch that comes next, counted from 0."""
        return self._epoch

    def __len__(self) -> int:
        """Return how many batches a whole loop gives."""
        if self._epochs is None:
            raise TypeError("a stream with epochs=None has no length: it does not end")
        return self._epochs * self._order.batches

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the batches, from where it stands."""
        if self._ended:
            self._ended = False
            self._until = None if self._epochs is None else self._epoch + self._epochs
        try:
            while (batch := self._next()) is not None:
                yield batch.rows
        finally:
            self._stop()

    def __next__(self) -> Any:
        """Return the next batch; what is read ahead stays until `close`, or the end."""
        batch = self._next()
        if batch is None:
            self._stop()
            raise StopIteration
        return batch.rows

    def state(self) -> dict[str, Any]:
        """Return where it stands, behind the batch that was given last: plain data, for `resume`."""
        place = {"version": self.version, "epoch": self._epoch, "batch": self._batch, "until": self._until}
        return {**place, **msgspec.structs.asdict(self._order), "shard": list(self._order.shard)}

    def resume(self, state: dict[str, Any]) -> Stream:
        """Go on where a stream of the same value and options stood; return this stream.

        Args:
            state: what `state` has returned there.

        Raises:
            steppe.errors.UsageError: it was of another value, or had other options.
        """
        self._stop()
        self._order = same_order(state, self._order, self.version)
        self._epoch, self._batch, self._until = state["epoch"], state["batch"], state.get("until", self._until)
        self._ended = False
        return self

    def torch(self) -> StreamDataset:
        """Return the same batches, as tensors, as an `IterableDataset` of PyTorch: see `StreamDataset`.

        Raises:
            steppe.errors.UsageError: PyTorch is not installed, or the values can't be tensors.
        """
        try:
            import torch  # noqa: F401  # so that it is its absence that is told
        except ImportError:
            raise UsageError(
                "stream().torch() needs PyTorch: install torch, for example `pip install torch`."
            ) from None
        from steppe.streaming.torch_data import StreamDataset

        if self.form not in ("torch", "") and (reason := self._rows.takes("torch")):
            raise UsageError(f"stream().torch(): {reason}.")
        return StreamDataset(self._rows, self._order, self.version, self.state())

    def close(self) -> None:
        """Stop reading, and free all that it holds."""
        self._stop()
        self._closed = True
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        """Say what it streams, and where it stands."""
        index, count = self._order.shard
        part = f", shard {index} of {count}" if count > 1 else ""
        what = f"{self._order.rows:,} rows of `{self.name}`" if self.name else f"{self._order.rows:,} rows"
        return f"<steppe stream: {what}{part}, epoch {self._epoch}, batch {self._batch} of {self._order.batches}>"

    def _next(self) -> Batch | None:
        """Return the next batch; None at the end."""
        if self._closed:
            raise UsageError("this stream is closed: make another with steppe.stream().")
        if self._ended:
            return None
        began = time.perf_counter()
        try:
            if self._ahead is None:
                place = (self._epoch, self._batch, self._until, self._prefetch)
                make = functools.partial(epochs_of, self._rows, self._order, self.form, *place)
                self._ahead = Ahead(make, self._prefetch)
            batch: Batch = self._ahead.take()
        except StopIteration:
            self._ended = True
            self._epoch = self._epoch if self._until is None else self._until
            return None
        self._waiting.got(began, time.perf_counter())
        self._epoch, self._batch = batch.epoch, batch.number + 1
        if self._batch == self._order.batches:
            self._epoch, self._batch = self._epoch + 1, 0
        return batch

    def _stop(self) -> None:
        """End what is read ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        with unseen():
            ahead.stop()
        self._waiting.pause()
        if not self._rows.sound and self._waiting.batches:
            note_outside(f"it stopped streaming {self._said} before its bytes were verified")

    @property
    def _said(self) -> str:
        return f"`{self.name}`" if self.name else "a value"


def same_order(state: Any, order: Order, version: str) -> Order:
    """Return the order of a stream that is to go on.

    Raises:
        UsageError: it was of another value, or had other options.
    """
    keys = {"version", "epoch", "batch", *Order.__struct_fields__}
    if not isinstance(state, dict) or not keys <= state.keys():
        raise UsageError("resume() takes what state() has returned.")
    if state["version"] != version:
        raise UsageError("resume(): that state is of another value, or of another version of it.")
    was = {**state, "shard": tuple(state["shard"])}
    for name in TOLD:
        if was[name] != getattr(order, name):
            said = "shuffle" if name == "seed" else name
            raise UsageError(f"resume(): that stream had {said}={was[name]!r}, and this has {getattr(order, name)!r}.")
    return Order(**{name: was[name] for name in Order.__struct_fields__})
