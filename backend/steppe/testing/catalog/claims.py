"""Claims and leases: one holder of a key at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec

from steppe.catalog import Catalog, open_catalog
from steppe.testing.catalog.made import Clock, artifact, digest, entry, step_run
from steppe.types import Claim


class ClaimsSuite:
    """The promises of `Catalog.claims` and `Catalog.leases`."""

    def test_a_free_key_is_granted(self, catalog: Catalog, clock: Clock) -> None:
        """With all that was said of it."""
        claim = catalog.claims.acquire(
            "k", "me", 30.0, attempt="a1", executor="kubernetes", handle="job-1", label="train", durable=True
        )
        wanted = Claim(
            key="k", holder="me", attempt="a1", executor="kubernetes", handle="job-1", label="train",
            expires=clock.now + 30.0,
        )  # fmt: skip
        assert claim == wanted
        assert catalog.claims.get("k") == wanted
        assert catalog.claims.get("other") is None

    def test_a_claimed_key_is_not_granted_again(self, catalog: Catalog) -> None:
        """Neither to another, nor to the same holder for another attempt: both are told of the claim that is there."""
        mine = catalog.claims.acquire("k", "me", 30.0, attempt="a1")
        assert catalog.claims.acquire("k", "you", 30.0, attempt="a2") == mine
        assert catalog.claims.acquire("k", "me", 90.0, attempt="a3") == mine

    def test_many_keys_are_claimed_at_once(self, catalog: Catalog, clock: Clock) -> None:
        """Each as by itself: what another has stays the other's, and is told."""
        theirs = catalog.claims.acquire("b", "you", 30.0)
        found = catalog.claims.acquire_each(["c", "a", "b", "a"], "me", 20.0, label="score")
        mine = Claim(key="a", holder="me", label="score", expires=clock.now + 20.0)
        assert found == {"a": mine, "b": theirs, "c": msgspec.structs.replace(mine, key="c")}
        assert catalog.claims.acquire_each([], "me", 20.0) == {}
        catalog.claims.describe_each([Claim(key="a", holder="me", attempt="a1"), Claim(key="b", holder="me")])
        assert catalog.claims.get("a") == msgspec.structs.replace(mine, attempt="a1", label="")
        assert catalog.claims.get("b") == theirs
        catalog.claims.release_each(["a", "b"], "me")
        assert [claim.key for claim in catalog.claims.all()] == ["b", "c"]

    def test_an_expired_claim_stays_until_it_is_stolen(self, catalog: Catalog, clock: Clock) -> None:
        """For the work may still go on: whoever finds it asks the executor first."""
        mine = catalog.claims.acquire("k", "me", 30.0)
        clock.now += 30.0
        assert catalog.claims.acquire("k", "you", 30.0) == mine
        assert catalog.claims.now() >= mine.expires
        yours = catalog.claims.steal(mine, "you", 10.0, attempt="a2", executor="process", handle="pid", label="l")
        assert yours == Claim(
            key="k", holder="you", attempt="a2", executor="process", handle="pid", label="l", expires=clock.now + 10.0
        )
        assert catalog.claims.get("k") == yours

    def test_a_claim_that_holds_can_t_be_stolen(self, catalog: Catalog, clock: Clock) -> None:
        """Nor one that was renewed since the thief looked, nor one that another has stolen first."""
        mine = catalog.claims.acquire("k", "me", 30.0)
        clock.now += 29.0
        assert catalog.claims.steal(mine, "you", 30.0) == mine
        clock.now += 10.0
        assert catalog.claims.renew("k", "me", 30.0)
        assert catalog.claims.steal(mine, "you", 30.0).holder == "me"
        clock.now += 31.0
        first = catalog.claims.steal(mine, "first", 0.0)
        assert first.holder == "first"
        assert catalog.claims.steal(mine, "second", 30.0) == first

    def test_the_claim_of_a_dead_holder_can_be_taken_at_once(self, catalog: Catalog) -> None:
        """Once: of two that know of the death, one takes it."""
        mine = catalog.claims.acquire("k", "me", 30.0, attempt="a1")
        assert catalog.claims.steal(mine, "you", 30.0) == mine
        yours = catalog.claims.steal(mine, "you", 30.0, dead=True)
        assert yours.holder == "you"
        assert catalog.claims.steal(mine, "third", 30.0, dead=True) == yours

    def test_stealing_what_was_released_meanwhile_is_acquiring(self, catalog: Catalog) -> None:
        """The claim that was seen is gone: the key is free."""
        mine = catalog.claims.acquire("k", "me", 30.0)
        catalog.claims.release("k", "me")
        assert catalog.claims.steal(mine, "you", 30.0).holder == "you"

    def test_who_lost_a_claim_can_neither_renew_nor_describe_nor_release_it(self, catalog: Catalog) -> None:
        """The new holder's claim stays as it is."""
        mine = catalog.claims.acquire("k", "me", 0.0)
        yours = catalog.claims.steal(mine, "you", 30.0)
        assert not catalog.claims.renew("k", "me", 30.0)
        assert not catalog.claims.describe(mine)
        assert not catalog.claims.release("k", "me")
        assert catalog.claims.get("k") == yours

    def test_a_released_key_is_free(self, catalog: Catalog) -> None:
        """At once, for anybody."""
        catalog.claims.acquire("k", "me", 30.0)
        assert catalog.claims.release("k", "me")
        assert catalog.claims.get("k") is None
        assert catalog.claims.acquire("k", "you", 30.0).holder == "you"

    def test_a_claim_is_described_once_its_work_was_launched(self, catalog: Catalog) -> None:
        """Its end stays what it was."""
        mine = catalog.claims.acquire("k", "me", 30.0)
        known = msgspec.structs.replace(mine, attempt="a9", executor="ray", handle="h", label="words")
        assert catalog.claims.describe(known, durable=True)
        assert catalog.claims.get("k") == known

    def test_all_claims_of_a_holder_are_renewed_at_once(self, catalog: Catalog, clock: Clock) -> None:
        """And those that it has lost are missing from the answer."""
        for key in "abc":
            catalog.claims.acquire(key, "me", 1.0)
        catalog.claims.acquire("d", "you", 50.0)
        clock.now += 2.0
        lost = catalog.claims.get("b")
        assert lost is not None
        catalog.claims.steal(lost, "thief", 60.0)
        held = catalog.claims.renew_all("me", 30.0)
        assert [(claim.key, claim.expires) for claim in held] == [("a", clock.now + 30.0), ("c", clock.now + 30.0)]
        assert [(claim.key, claim.holder) for claim in catalog.claims.all()] == [
            ("a", "me"), ("b", "thief"), ("c", "me"), ("d", "you"),
        ]  # fmt: skip

    def test_of_many_threads_one_at_a_time_holds_a_key(self, catalog: Catalog, url: str) -> None:
        """Over one catalog and over several."""
        turns, held, seen = 25, threading.Lock(), []

        def work(number: int, mine: Catalog) -> None:
            for turn in range(turns):
                while True:
                    claim = mine.claims.acquire("k", f"thread {number}", 60.0, attempt=str(turn))
                    if claim.holder == f"thread {number}":
                        break
                assert held.acquire(blocking=False), "two hold the key"
                seen.append(number)
                held.release()
                assert mine.claims.release("k", f"thread {number}")

        with open_catalog(url) as other, ThreadPoolExecutor(6) as threads:
            jobs = [threads.submit(work, number, (catalog, other)[number % 2]) for number in range(6)]
            for job in jobs:
                job.result()
        assert len(seen) == 6 * turns

    def test_a_leased_blob_is_live_until_its_lease_ends(self, catalog: Catalog, clock: Clock) -> None:
        """By release, or by time; renewed, it lasts longer; held by two, as long as either holds it."""
        catalog.leases.hold("me", ["b3:a", "b3:b", "b3:a"], 10.0)
        catalog.leases.hold("you", ["b3:b"], 100.0)
        assert catalog.upkeep.live() == {"b3:a", "b3:b"}
        catalog.leases.hold("me", ["b3:a"], 5.0)
        clock.now += 7.0
        assert catalog.upkeep.live() == {"b3:a", "b3:b"}
        assert catalog.leases.renew("me", 10.0) == 2
        clock.now += 9.0
        assert catalog.upkeep.live() == {"b3:a", "b3:b"}
        clock.now += 1.0
        assert catalog.upkeep.live() == {"b3:b"}
        assert catalog.leases.expire() == 2
        catalog.leases.release("you")
        assert catalog.upkeep.live() == set()

    def test_a_lease_holds_the_entries_that_need_the_blob(self, catalog: Catalog) -> None:
        """For as long as it lasts."""
        value = artifact(digest("v"))
        execution = step_run(outputs={"model": value.version})
        catalog.entries.keep(entry(execution), {"model": value}, execution)
        assert [use.held for use in catalog.upkeep.entries()] == [False]
        catalog.leases.hold("me", [digest("blob", value.version)], 10.0)
        assert [use.held for use in catalog.upkeep.entries()] == [True]
        catalog.leases.release("me")
        assert [use.held for use in catalog.upkeep.entries()] == [False]
