"""Rows of several values: one after the other, or side by side."""

from __future__ import annotations

import bisect
import itertools
from typing import Any

from steppe.errors import UsageError
from steppe.streaming.order import Run
from steppe.streaming.rows import Rows


class Beside(Rows):
    """Values of as many rows each, by name: a batch is a dict of their batches.

    Attributes:
        in_order: whether a batch is a tuple of them instead.
    """

    said = "a dict of values"

    def __init__(self, parts: dict[str, Rows]) -> None:
        """Take them together.

        Raises:
            UsageError: they have not as many rows.
        """
        counts = {name: rows.count for name, rows in parts.items()}
        if len(set(counts.values())) > 1:
            said = ", ".join(f"`{name}` has {count:,}" for name, count in counts.items())
            raise UsageError(f"stream() takes values side by side that have as many rows each: {said}.")
        self._parts = parts
        self.in_order = False
        self.count = next(iter(counts.values()))
        self.width = sum(rows.width for rows in parts.values())
        self.form = ""

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        return next((said for rows in self._parts.values() if (said := form and rows.takes(form))), "")

    def want(self, runs: list[Run]) -> None:
        """Have the bytes of some rows brought first."""
        for rows in self._parts.values():
            rows.want(runs)

    def read(self, runs: list[Run]) -> Any:
        """Read the same rows of each."""
        return {name: rows.read(runs) for name, rows in self._parts.items()}

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        batch = {name: rows.pick(block[name], ids, places, form or rows.form) for name, rows in self._parts.items()}
        return tuple(batch.values()) if self.in_order else batch

    @property
    def sound(self) -> bool:
        """Whether all of them are."""
        return all(rows.sound for rows in self._parts.values())

    def settle(self) -> None:
        """Wait for all of them."""
        for rows in self._parts.values():
            rows.settle()

    def close(self) -> None:
        """Close them."""
        for rows in self._parts.values():
            rows.close()


def in_order(rows: Any) -> Any:
    """Return the rows of several values side by side such that a batch is a tuple."""
    rows.in_order = True
    rows.said = "a tuple of values"
    return rows


class Chained(Rows):
    """Values of one kind, the rows of each behind those of the one before."""

    def __init__(self, parts: list[Rows], join: Any) -> None:
        """Take them one after the other.

        Args:
            parts: the rows of each.
            join: makes one block of several.
        """
        self._parts = parts
        self._join = join
        self._ends = list(itertools.accumulate(rows.count for rows in parts))
        self.count = self._ends[-1]
        self.width = sum(rows.width * rows.count for rows in parts) / max(self.count, 1)
        self.form, self.said = parts[0].form, parts[0].said

    def takes(self, form: str) -> str:
        """Say why batches can't be of a form, or nothing."""
        return self._parts[0].takes(form)

    def chosen(self, columns: list[str]) -> Rows:
        """Return the rows with some columns."""
        return Chained([rows.chosen(columns) for rows in self._parts], self._join)

    def read(self, runs: list[Run]) -> Any:
        """Read rows of each that has some."""
        return self._join([block for run in runs for block in self._of(*run)])

    def _of(self, first: int, stop: int) -> Any:
        at = bisect.bisect_right(self._ends, first)
        while first < stop:
            begin = self._ends[at] - self._parts[at].count
            until = min(stop, self._ends[at])
            if until > first:
                yield self._parts[at].read([(first - begin, until - begin)])
            first, at = max(first, until), at + 1

    def pick(self, block: Any, ids: Any, places: Any, form: str) -> Any:
        """Make a batch."""
        return self._parts[0].pick(block, ids, places, form)
