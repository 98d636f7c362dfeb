"""A Catalog against dictionaries: the machine by which Hypothesis looks for a difference."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from steppe.catalog import Catalog, open_catalog
from steppe.testing.catalog.made import Clock, entry, file, step_run
from steppe.types import Claim, Entry

_NUMBERS = count(1)
_KEYS = st.sampled_from(["k1", "k2", "k3"])
_HOLDERS = st.sampled_from(["ann", "bob", "cy"])
_TRACES = st.lists(st.sampled_from([file("a"), file("a", 2), file("b")]), unique=True, max_size=3).map(tuple)
_TTLS = st.sampled_from([0.0, 1.0, 5.0, 20.0])


class CatalogMachine(RuleBasedStateMachine):
    """Does the same to a Catalog and to its model and compares what each answers."""

    def __init__(self, catalog: Catalog, url: str, clock: Clock) -> None:
        """Use keys that no other example uses, so that the catalog need not be empty."""
        super().__init__()
        self.first = catalog
        self.opened: list[Catalog] = [catalog]
        self.url = url
        self.clock = clock
        self.prefix = f"example {next(_NUMBERS)} "
        self.entries: dict[tuple[str, frozenset[object]], Entry] = {}
        self.claims: dict[str, Claim] = {}

    @property
    def catalog(self) -> Catalog:
        """The catalog to use next: each of those that are open takes its turn."""
        return self.opened[next(_NUMBERS) % len(self.opened)]

    @rule(key=_KEYS, trace=_TRACES, ago=st.integers(0, 3))
    def keep(self, key: str, trace: tuple[object, ...], ago: int) -> None:
        """Keep an execution that ended just now, or a little earlier."""
        number = next(_NUMBERS)
        execution = step_run(number, key=self.prefix + key, trace=trace, notebook=self.prefix)
        made = entry(execution, created=float(number - ago))
        self.catalog.entries.keep(made, {}, execution)
        place = (key, frozenset(trace))
        if place not in self.entries or self.entries[place].created <= made.created:
            self.entries[place] = made

    @rule(key=_KEYS)
    def find(self, key: str) -> None:
        """Find what a key has."""
        found = self.catalog.entries.find(self.prefix + key)
        wanted = [made for (of, _), made in self.entries.items() if of == key]
        assert sorted(found, key=repr) == sorted(wanted, key=repr)
        assert [one.created for one in found] == sorted((one.created for one in wanted), reverse=True)

    @rule(key=_KEYS)
    def forget(self, key: str) -> None:
        """Forget what a key has."""
        gone = [place for place in self.entries if place[0] == key]
        assert self.catalog.entries.forget(self.prefix + key) == len(gone)
        for place in gone:
            del self.entries[place]

    @rule(key=_KEYS, holder=_HOLDERS, ttl=_TTLS)
    def acquire(self, key: str, holder: str, ttl: float) -> None:
        """Claim a key."""
        attempt = str(next(_NUMBERS))
        claim = self.catalog.claims.acquire(self.prefix + key, holder, ttl, attempt=attempt, label="a step")
        made = Claim(
            key=self.prefix + key, holder=holder, attempt=attempt, expires=self.clock.now + ttl, label="a step"
        )
        assert claim == self.claims.setdefault(key, made)

    @rule(key=_KEYS, holder=_HOLDERS, ttl=_TTLS, stale=st.booleans())
    def steal(self, key: str, holder: str, ttl: float, stale: bool) -> None:
        """Take over a claim as it is, or as it was before another had it."""
        there = self.claims.get(key)
        seen = there or Claim(key=self.prefix + key, holder="gone")
        if stale:
            seen = Claim(key=self.prefix + key, holder="long gone")
        stolen = self.catalog.claims.steal(seen, holder, ttl, attempt=str(next(_NUMBERS)), executor="process")
        if there is None or (not stale and there.expires <= self.clock.now):
            assert (stolen.holder, stolen.expires, stolen.executor) == (holder, self.clock.now + ttl, "process")
            self.claims[key] = stolen
        else:
            assert stolen == there

    @rule(key=_KEYS, holder=_HOLDERS, ttl=_TTLS)
    def renew(self, key: str, holder: str, ttl: float) -> None:
        """Renew a claim, one's own or not."""
        there = self.claims.get(key)
        mine = there is not None and there.holder == holder
        assert self.catalog.claims.renew(self.prefix + key, holder, ttl) is mine
        if there is not None and mine:
            fields = {name: getattr(there, name) for name in Claim.__struct_fields__}
            self.claims[key] = Claim(**{**fields, "expires": self.clock.now + ttl})

    @rule(key=_KEYS, holder=_HOLDERS)
    def release(self, key: str, holder: str) -> None:
        """Release a claim, one's own or not."""
        there = self.claims.get(key)
        mine = there is not None and there.holder == holder
        assert self.catalog.claims.release(self.prefix + key, holder) is mine
        if mine:
            del self.claims[key]

    @rule(seconds=st.sampled_from([0.5, 1.0, 10.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.now += seconds

    @rule()
    def open(self) -> None:
        """Let another process, as it were, use the same catalog."""
        if len(self.opened) < 3:
            self.opened.append(open_catalog(self.url, clock=self.clock))

    @rule()
    def close(self) -> None:
        """Let it go again."""
        if len(self.opened) > 1:
            self.opened.pop().close()

    @invariant()
    def claims_are_those_of_the_model(self) -> None:
        """Nobody else's claim is ever seen."""
        seen = {claim.key: claim for claim in self.first.claims.all() if claim.key.startswith(self.prefix)}
        assert seen == {claim.key: claim for claim in self.claims.values()}

    def teardown(self) -> None:
        """Close what was opened, and leave no claim behind."""
        for claim in self.claims.values():
            self.first.claims.release(claim.key, claim.holder)
        for other in self.opened[1:]:
            other.close()
