"""The scheduler's lease: a claim in the Catalog, one for a project."""

from __future__ import annotations

from collections.abc import Callable

from steppe.catalog import Catalog
from steppe.catalog.schedules import Leader
from steppe.types import Claim

TTL = 30.0
"""Seconds that a lease holds without being renewed."""


def key_of(root: str) -> str:
    """Return the claim's key."""
    return f"scheduler:{root}"


class Lease:
    """The lease of one scheduler, held or not."""

    def __init__(self, catalog: Catalog, root: str, holder: str, alive: Callable[[str], bool | None]) -> None:
        """Ask for nothing yet; `alive` tells of a holder as `steppe.engine.holder.alive` does."""
        self._catalog = catalog
        self._alive = alive
        self.leader = Leader(key_of(root), holder)

    def hold(self) -> bool:
        """Take or renew the lease; False where another has it."""
        claims, (key, holder) = self._catalog.claims, self.leader
        if claims.renew(key, holder, TTL):
            return True
        there = claims.acquire(key, holder, TTL)
        if there.holder != holder and self._is_over(there):
            there = claims.steal(there, holder, TTL, dead=True)
        return there.holder == holder

    def _is_over(self, claim: Claim) -> bool:
        """Tell whether another's lease has ended: its time has passed, its process is gone, or its clock was wrong."""
        now = self._catalog.claims.now()
        return claim.expires <= now or claim.expires > now + 2 * TTL or self._alive(claim.holder) is False

    def release(self) -> None:
        """Give it up, so that the next need not wait."""
        self._catalog.claims.release(*self.leader)


def runs(catalog: Catalog, root: str, alive: Callable[[str], bool | None]) -> bool:
    """Tell whether a scheduler runs for a project, as far as can be seen."""
    claim = catalog.claims.get(key_of(root))
    return claim is not None and claim.expires > catalog.claims.now() and alive(claim.holder) is not False
