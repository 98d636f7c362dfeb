"""What the workers of a raised cluster hold of this machine: the fewest wait for it, more come as it is free."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from steppe.executors.process.capacity import Capacity
from steppe.executors.process.slots import Lease, Ledger
from steppe.executors.ray.messages import Wish
from steppe.executors.ray.room import whole


class Shares:
    """The shares of a cluster's workers, one after the other.

    Attributes:
        asked: what each of them has.
        left: how many workers may still come.
    """

    def __init__(self, wish: Wish, there: Capacity, most: int) -> None:
        """Hold nothing yet.

        Args:
            wish: the cluster.
            there: what the machine has.
            most: how many workers there may be.
        """
        self.asked = wish.resources
        self.left = most
        self._label = wish.label
        self._there = there
        self._fewest = min(wish.resources.fewest or most, most)
        self._ledger = Ledger(wish.slots, there) if wish.slots else None
        self._ready: deque[tuple[str, ...]] = deque()
        self._leases: list[Lease] = []

    def take(self, tell: Callable[[str], None]) -> None:
        """Wait for what the fewest workers need, and hold it; where somebody holds it for us, that is all of it.

        Args:
            tell: called with what it waits for, in words, when that changes; with nothing once it waits no more.
        """
        if self._ledger is None:
            self._divide(self._there.gpus, self.left)
            return
        lease = self._ledger.take(whole(self.asked, self._fewest), self._label, tell)
        self._leases.append(lease)
        self._divide(lease.holder.gpus, self._fewest)

    def next(self) -> tuple[str, ...] | None:
        """Return the devices of the next worker, once its share is held; None where there is no room, or no more."""
        if not self.left:
            return None
        if not self._ready and self._ledger is not None:
            lease = self._ledger.take_if_free(whole(self.asked, 1), self._label)
            if lease is None:
                return None
            self._leases.append(lease)
            self._divide(lease.holder.gpus, 1)
        self.left -= 1
        return self._ready.popleft()

    def _divide(self, gpus: tuple[str, ...], workers: int) -> None:
        for number in range(workers):
            self._ready.append(gpus[number * self.asked.gpu : (number + 1) * self.asked.gpu])
