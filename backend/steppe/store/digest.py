"""The digest of bytes: BLAKE3, written `b3:` and 64 hex digits. Knows nothing of where the bytes are from."""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3

from steppe.store.buffers import flat
from steppe.store.keys import PREFIX
from steppe.types import Buffer, Digest


class Digester:
    """A digest under way.

    It uses one thread. BLAKE3's own pool of threads does not survive a fork: a child of a kernel that had once used
    it would wait for ever.
    """

    __slots__ = ("_state",)

    def __init__(self) -> None:
        self._state = blake3()

    def update(self, view: Buffer) -> None:
        """Go on with more bytes, without a copy. Other Python threads run meanwhile where there are many."""
        self._state.update(view)

    def digest(self) -> Digest:
        """Return the digest of all bytes so far."""
        return PREFIX + self._state.hexdigest()


def digest_of(chunks: Iterable[Buffer]) -> Digest:
    """Return the digest of the concatenation of `chunks`."""
    digester = Digester()
    for chunk in chunks:
        digester.update(flat(chunk))
    return digester.digest()
