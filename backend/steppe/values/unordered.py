"""An order for sets whose own hangs on the hash seed or on addresses: that of their items' digests, made of each alone.

An order that differs between processes costs a hit and is never a wrong one, since the items are written whole in it.
So what is looked at may be cut short: items may lead back to their set, and to as many sets as there are objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steppe.values.walk import Walk

NESTED = 6
"""Sets within sets whose items are looked at for the order of the outermost."""

BUDGET = 5_000
"""Values with an identity that are looked at for the order of one set; above it, no set within it is looked into."""


class _TooMany(BaseException):
    """More was to be looked at than is worth an order; no encoder takes it for an error of a value."""


class Ordering:
    """The sets of one root that are being put in order, one within another."""

    def __init__(self) -> None:
        self._within: list[int] = []
        self._spent = 0
        self._shallow = False

    def outline(self, value: Any) -> bytes | None:
        """Return what tells a set from others where its items are not looked at; None where they are."""
        depth = len(self._within)
        if id(value) in self._within:
            return b"^%d;" % (depth - self._within.index(id(value)))
        if depth < (1 if self._shallow else NESTED):
            return None
        return b"^" + ",".join(sorted(f"{type(item).__module__}.{type(item).__qualname__}" for item in value)).encode()

    def sort(self, walk: Walk, value: Any) -> list[Any]:
        """Return the items of a set in their order."""
        if len(value) == 1:
            return list(value)
        if not self._within:
            self._spent = 0
        self._within.append(id(value))
        try:
            digests = self._digests(walk, value)
        except _TooMany:
            if len(self._within) > 1:
                raise
            self._shallow = True
            digests = self._digests(walk, value)
        finally:
            self._within.pop()
        digests.sort(key=lambda pair: pair[0])
        return [item for _, item in digests]

    def _digests(self, walk: Walk, value: Any) -> list[tuple[bytes, Any]]:
        digests = []
        for item in value:
            digest, count = walk.alone(item)
            self._spent += 1 + count
            if self._spent > BUDGET and not self._shallow:
                raise _TooMany
            digests.append((digest, item))
        return digests
