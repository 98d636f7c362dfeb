"""The seam between what is stored and what a stream gives: rows that are read in runs, and batches made of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from steppe.errors import UsageError
from steppe.streaming.order import Run

FORMS = ("numpy", "torch", "pandas", "arrow", "polars")
"""What batches may be."""


class Rows(ABC):
    """The rows of one value.

    Attributes:
        count: how many there are.
        width: bytes of one, about.
        form: what its batches are if nothing else is asked for.
    """

    count: int
    width: float
    form: str = "numpy"

    @abstractmethod
    def read(self, runs: list[Run]) -> Any:
        """Return the rows of some runs, in turn, in memory of their own."""

    @abstractmethod
    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch.

        Args:
            block: what `read` has returned.
            ids: the numbers of its rows: a range, or an array where they are not in turn.
            places: which of these make the batch: a slice, or an array of numbers.
            form: what it is to be: of `FORMS`.
        """

    @property
    def sound(self) -> bool:
        """Whether all that was read is known to be what was stored."""
        return True

    def want(self, runs: list[Run]) -> None:  # noqa: B027  # what is here need not be asked for
        """Say which rows will be read next."""

    def settle(self) -> None:  # noqa: B027  # likewise
        """Wait until all that was read is known to be what was stored; raise where it is not."""

    def close(self) -> None:  # noqa: B027  # what is in memory goes with it
        """Free what it holds."""

    def chosen(self, columns: list[str]) -> Rows:
        """Return the rows with some of their columns, in that order.

        Raises:
            UsageError: it has no such column, or none at all.
        """
        raise UsageError(f"stream(columns={columns!r}): this value has no columns, it is {self.said}.")

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        return "" if form in ("numpy", "torch") else f"{self.said} comes as 'numpy' or 'torch'"

    said: str = "an array"


def taken(array: Any, places: Any) -> Any:
    """Return some rows of an array or a tensor: a view for a slice, their own memory for numbers."""
    return array[places]


def as_tensor(array: Any) -> Any:
    """Return an array as a tensor that shares its memory.

    Raises:
        UsageError: PyTorch has no such numbers.
    """
    import torch

    if array.dtype.kind in "mM":
        array = array.view("i8")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    try:
        return torch.from_numpy(array)
    except TypeError:
        raise UsageError(f"stream(as_='torch'): PyTorch has no numbers of type {array.dtype}.") from None


def dict_of(batch: dict[str, Any], form: str) -> dict[str, Any]:
    """Return columns as arrays, or as tensors where that is asked for."""
    return {name: as_tensor(array) for name, array in batch.items()} if form == "torch" else batch


def checked(names: list[str], there: list[str]) -> None:
    """Refuse names of columns that are not there, and those that are named twice.

    Raises:
        UsageError: there are some.
    """
    for name in names:
        if name not in there:
            shown = ", ".join(f"`{each}`" for each in there[:10]) + (" …" if len(there) > 10 else "")
            raise UsageError(f"stream(columns=…): there is no column `{name}`: there are {shown}.")
    if len(set(names)) < len(names):
        raise UsageError("stream(columns=…): a column is named twice.")


def size_of(runs: list[Run]) -> int:
    """Return how many rows some runs have."""
    return sum(stop - first for first, stop in runs)
