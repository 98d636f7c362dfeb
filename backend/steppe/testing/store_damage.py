"""What every Store has to do about bytes that have changed where they lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import pytest

from steppe.errors import CorruptArtifact, MissingArtifact
from steppe.store.store import Store
from steppe.testing.store import some_bytes
from steppe.types import Digest


class DamageSuite(ABC):
    """The promises of `Store` about damage, as tests. A back end adds `damage` to its fixture `store`."""

    @abstractmethod
    def damage(self, store: Store, digest: Digest, change: Callable[[bytes], bytes]) -> None:
        """Change the bytes under a digest, behind the store's back."""

    @pytest.mark.parametrize("size", [1, 1000, 3 << 20])
    @pytest.mark.parametrize("known", [False, True])
    @pytest.mark.parametrize("kind", ["flipped", "truncated", "longer", "empty"])
    def test_damaged_bytes_are_set_aside_and_never_returned(
        self, store: Store, size: int, known: bool, kind: str
    ) -> None:
        """Also where they were read before; and the next put heals them."""
        data = some_bytes(size)
        digest = store.put([data])
        if known:
            store.get(digest)
        self.damage(store, digest, DAMAGES[kind])
        with pytest.raises(CorruptArtifact, match=digest):
            store.get(digest)
        assert not store.has(digest)
        with pytest.raises(MissingArtifact):
            store.get(digest)
        assert store.put([data]) == digest
        assert store.get(digest) == data

    @pytest.mark.parametrize("size", [1000, 3 << 20])
    @pytest.mark.parametrize("known", [False, True])
    def test_a_part_of_damaged_bytes_is_not_returned_either(self, store: Store, size: int, known: bool) -> None:
        """Though the damage is elsewhere."""
        digest = store.put([some_bytes(size)])
        if known:
            store.get(digest)
        self.damage(store, digest, DAMAGES["flipped"])
        with pytest.raises(CorruptArtifact):
            store.get(digest, start=0, stop=1)

    @pytest.mark.parametrize("size", [1000, 3 << 20])
    def test_verify_finds_damage(self, store: Store, size: int) -> None:
        """And sets it aside as `get` does."""
        digest = store.put([some_bytes(size)])
        store.verify(digest)
        self.damage(store, digest, DAMAGES["flipped"])
        with pytest.raises(CorruptArtifact):
            store.verify(digest)
        assert not store.has(digest)

    @pytest.mark.parametrize("size", [1000, 3 << 20])
    def test_put_heals_bytes_that_were_cut_off_before_anybody_reads_them(self, store: Store, size: int) -> None:
        """`put` has returned, so they are there."""
        data = some_bytes(size)
        digest = store.put([data])
        self.damage(store, digest, DAMAGES["truncated"])
        assert store.put([data]) == digest
        assert store.get(digest) == data


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "flipped": lambda data: data[:-1] + bytes([data[-1] ^ 4]),
    "truncated": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + b"\0",
    "empty": lambda data: data[:0],
}
