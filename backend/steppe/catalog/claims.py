"""Claims: leases on keys, so that whoever asks for the same work at once shares one execution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from steppe.catalog.database import Database, Transaction
from steppe.catalog.rows import CLAIM
from steppe.types import Claim, Digest


class Claims:
    """Claims by key. At most one is there at any time, whatever the number of processes.

    All times are those of one clock: the server's on PostgreSQL, the machine's on SQLite. An expired claim stays until
    somebody steals or releases it, since the work may still go on: who finds it asks the executor first.
    """

    def __init__(self, database: Database) -> None:
        """Use the catalog's database."""
        self._database = database
        self._shared = database.backend.shared

    def acquire(
        self,
        key: Digest,
        holder: str,
        ttl: float,
        *,
        attempt: str = "",
        executor: str = "",
        handle: str = "",
        label: str = "",
        durable: bool = False,
    ) -> Claim:
        """Claim a key that nobody has claimed, and return the claim that is there now.

        It was granted if the claim's `holder` (and `attempt`, where one holder may ask twice) is the caller's; else it
        is the other's, which may have expired (see `now` and `steal`).

        Args:
            key: what to claim.
            holder: who claims it.
            ttl: for how many seconds, unless it is renewed.
            attempt: see Claim.
            executor: see Claim.
            handle: see Claim.
            label: see Claim.
            durable: it survives a crash of this machine: for work that goes on elsewhere.
        """
        row = {"key": key, "holder": holder, "ttl": ttl, "attempt": attempt, "executor": executor, "handle": handle}
        row |= {"label": label}

        def write(tx: Transaction) -> Claim | None:
            tx.run("claims.acquire", {**row, "now": self._database.now()})
            return _there(tx, key)

        return self._until_there(write, durable=durable)

    def acquire_each(self, keys: Iterable[Digest], holder: str, ttl: float, *, label: str = "") -> dict[Digest, Claim]:
        """Claim many keys as `acquire` does, in one transaction; return the claims that are there now, by their keys.

        A key that is missing was released by another just now, and may be asked for again.
        """
        wanted = sorted(set(keys))
        row = {"holder": holder, "ttl": ttl, "attempt": "", "executor": "", "handle": "", "label": label}

        def write(tx: Transaction) -> dict[Digest, Claim]:
            now = self._database.now()
            tx.run_each("claims.acquire", [{**row, "key": key, "now": now} for key in wanted])
            found = tx.rows("claims.among", {"keys": self._database.list_of(wanted)})
            return {claim.key: claim for claim in map(CLAIM.record, found)}

        return self._database.write(write, durable=self._shared)

    def steal(
        self,
        claim: Claim,
        holder: str,
        ttl: float,
        *,
        dead: bool = False,
        attempt: str = "",
        executor: str = "",
        handle: str = "",
        label: str = "",
        durable: bool = False,
    ) -> Claim:
        """Take over a claim that has expired or is gone, and return the claim that is there now.

        It is not taken if it has been renewed, or taken by another, since `claim` was read. For the other arguments,
        and to tell whether it worked, see `acquire`.

        Args:
            claim: the other's claim, as it was last seen.
            holder: who takes it over.
            ttl: for how many seconds.
            dead: its holder is known to be dead, and so is its work: take it even though it has not expired.
            attempt: see Claim.
            executor: see Claim.
            handle: see Claim.
            label: see Claim.
            durable: see `acquire`.
        """
        row = {"key": claim.key, "holder": holder, "ttl": ttl, "attempt": attempt, "executor": executor}
        row |= {"handle": handle, "label": label}
        its = {"its_key": claim.key, "its_holder": claim.holder, "its_attempt": claim.attempt, "dead": int(dead)}

        def write(tx: Transaction) -> Claim | None:
            at = {"now": self._database.now()}
            if not tx.run("claims.steal", {**row, **its, **at}):
                tx.run("claims.acquire", {**row, **at})
            return _there(tx, claim.key)

        return self._until_there(write, durable=durable)

    def renew(self, key: Digest, holder: str, ttl: float) -> bool:
        """Hold a claim for `ttl` seconds from now; False where the holder has lost it."""
        asked = {"its_key": key, "its_holder": holder, "ttl": ttl}
        return self._changed("claims.renew", asked, durable=False)

    def renew_all(self, holder: str, ttl: float) -> list[Claim]:
        """Hold all claims of a holder for `ttl` seconds from now; return those that it still has."""

        def write(tx: Transaction) -> list[Claim]:
            tx.run("claims.renew_all", {"its_holder": holder, "ttl": ttl, "now": self._database.now()})
            return [CLAIM.record(row) for row in tx.rows("claims.held", {"its_holder": holder})]

        return self._database.write(write, durable=self._shared)

    def describe(self, claim: Claim, *, durable: bool = False) -> bool:
        """Write down the attempt, executor, handle and label that a claim has by now; False where it is lost."""
        asked = {"its_key": claim.key, "its_holder": claim.holder, "attempt": claim.attempt}
        asked |= {"executor": claim.executor, "handle": claim.handle, "label": claim.label}
        return self._changed("claims.describe", asked, durable=durable)

    def describe_each(self, claims: Iterable[Claim]) -> None:
        """Write down what many claims have by now, as far as their holders have not lost them."""
        rows = [
            {
                "its_key": claim.key,
                "its_holder": claim.holder,
                "attempt": claim.attempt,
                "executor": claim.executor,
                "handle": claim.handle,
                "label": claim.label,
            }
            for claim in sorted(claims, key=lambda claim: claim.key)
        ]
        self._database.write(lambda tx: tx.run_each("claims.describe", rows), durable=self._shared)

    def release(self, key: Digest, holder: str) -> bool:
        """Give a claim up; False where the holder had lost it."""
        return self._changed("claims.release", {"its_key": key, "its_holder": holder}, durable=False)

    def release_each(self, keys: Iterable[Digest], holder: str) -> None:
        """Give many claims up, as far as the holder has not lost them."""
        rows = [{"its_key": key, "its_holder": holder} for key in sorted(set(keys))]
        self._database.write(lambda tx: tx.run_each("claims.release", rows), durable=self._shared)

    def get(self, key: Digest) -> Claim | None:
        """Return the claim on a key, expired or not."""
        rows = self._database.rows("claims.get", {"key": key})
        return CLAIM.record(rows[0]) if rows else None

    def all(self) -> list[Claim]:
        """Return all claims, in the order of their keys."""
        return [CLAIM.record(row) for row in self._database.rows("claims.all", {})]

    def now(self) -> float:
        """Return the time by which claims expire: a claim has expired when its `expires` is not after it."""
        now = self._database.now()
        return float(self._database.rows("claims.now", {"now": None})[0][0]) if now is None else now

    def _changed(self, statement: str, asked: Mapping[str, object], *, durable: bool) -> bool:
        def write(tx: Transaction) -> bool:
            return tx.run(statement, {**asked, "now": self._database.now()}) > 0

        return self._database.write(write, durable=durable or self._shared)

    def _until_there(self, write: Callable[[Transaction], Claim | None], *, durable: bool) -> Claim:
        while True:  # on PostgreSQL, the claim that was in the way may be released before it is read
            claim = self._database.write(write, durable=durable or self._shared)
            if claim is not None:
                return claim


def _there(tx: Transaction, key: Digest) -> Claim | None:
    row = tx.row("claims.get", {"key": key})
    return None if row is None else CLAIM.record(row)
