"""How long a consumer waited for its batches; told to the step that runs."""

from __future__ import annotations

from steppe.measuring import log_metric

EVERY = 1.0
"""Seconds between two numbers of the series."""

STALL, WAITED = "input stall", "input waited"
"""What the numbers are called: the part of the last moments that was spent waiting, and all seconds so far."""


class Waiting:
    """The time that went by while a consumer waited, and while it did not.

    Attributes:
        waited: seconds that it waited, in all.
        batches: how many it got.
    """

    def __init__(self) -> None:
        self.waited = 0.0
        self.batches = 0
        self._since: float | None = None
        self._elapsed = self._stalled = 0.0
        self._told = (0.0, 0.0)

    def got(self, began: float, ended: float) -> None:
        """Note that a batch was waited for, from one time of `time.perf_counter` to another."""
        self.waited += ended - began
        self.batches += 1
        if self._since is not None:
            self._elapsed += ended - self._since
            self._stalled += ended - began
        self._since = ended
        if self._elapsed - self._told[0] >= EVERY:
            self.tell()

    @property
    def stall(self) -> float:
        """The part of the time since the first batch that was spent waiting for the others: 0 to 1."""
        return self._stalled / self._elapsed if self._elapsed else 0.0

    def pause(self) -> None:
        """Note that batches are no longer asked for: what goes by until the next one is neither."""
        self.tell()
        self._since = None

    def tell(self) -> None:
        """Log what came since the last time, with the step that runs."""
        elapsed, stalled = self._told
        if self._elapsed > elapsed:
            log_metric(STALL, (self._stalled - stalled) / (self._elapsed - elapsed), step=self.batches)
            log_metric(WAITED, self.waited, step=self.batches)
            self._told = self._elapsed, self._stalled
