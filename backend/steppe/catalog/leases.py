"""Leases on blobs: what a kernel has mapped or is about to use is not removed under it."""

from __future__ import annotations

from collections.abc import Iterable

from steppe.catalog.database import Database
from steppe.types import Digest


class Leases:
    """Leases by holder. Their times are the one clock's: see `Claims`."""

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database

    def hold(self, holder: str, blobs: Iterable[Digest], ttl: float) -> None:
        """Hold blobs for at least `ttl` seconds from now."""
        rows = [
            {"holder": holder, "blob": blob, "ttl": ttl, "now": self._database.now()} for blob in sorted(set(blobs))
        ]
        if rows:
            self._database.write(lambda tx: tx.run_each("leases.hold", rows))

    def renew(self, holder: str, ttl: float) -> int:
        """Hold all that the holder holds for `ttl` seconds from now; return how many blobs that is."""
        asked = {"its_holder": holder, "ttl": ttl, "now": self._database.now()}
        return self._database.write(lambda tx: tx.run("leases.renew", asked))

    def release(self, holder: str) -> None:
        """End all leases of a holder."""
        self._database.write(lambda tx: tx.run("leases.release", {"its_holder": holder}))

    def expire(self) -> int:
        """Remove the leases that have ended, whose holders died; return how many."""
        return self._database.write(lambda tx: tx.run("leases.expire", {"now": self._database.now()}))
