"""The order in which a set is iterated, and a way to make a set with that order again.

The order is that of the places in the set's table: it follows from the hashes, the table's size, and, where items
collide, from which came first. Put in again as it is iterated, a set of numbers below 1000 comes out otherwise two
times in five. So the items' places are found from the order and CPython's way to probe (`Objects/setobject.c`:
`LINEAR_PROBES`, `PERTURB_SHIFT`), and items go in after those that were in their way. What comes out is compared.
"""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterable
from typing import Any

LINEAR_PROBES, PERTURB_SHIFT, ROUNDS = 9, 5, 6
MOST = 5000
"""Items of a set up to which an order to put them in is looked for: it takes some 30 ms."""

EMPTY, ENTRY = sys.getsizeof(set()), 16
OF_NUMBERS = frozenset({int.__hash__, float.__hash__, complex.__hash__, range.__hash__})
OF_ITEMS = frozenset({tuple.__hash__, frozenset.__hash__})
OTHERS = frozenset({("decimal", "Decimal"), ("fractions", "Fraction"), ("uuid", "UUID")})
"""Types of the standard library that make their hash from that of numbers."""


def steady(value: Iterable[Any]) -> bool:
    """Tell whether a set is iterated in an order that can be relied on: its items' hashes are the same everywhere.

    That is so where all are known to be made from numbers alone: not from texts, nor from a place in memory, as that
    of NaN is, and until Python 3.12 that of None.
    """
    for kind in set(map(type, value)):
        how = kind.__hash__
        if how not in OF_NUMBERS and how not in OF_ITEMS and not _is_number(kind) and not _is_plain_record(kind):
            return False
    return all(map(_steady, value))


def _steady(item: Any) -> bool:
    kind = type(item)
    if kind.__hash__ in OF_ITEMS:
        return steady(item)
    if _is_plain_record(kind):
        return steady([getattr(item, name) for name in kind.__dataclass_fields__])
    return bool(item == item)  # noqa: PLR0124


def _is_number(kind: type) -> bool:
    if kind is type(None):
        return sys.version_info >= (3, 12)
    if kind.__module__ == "numpy":
        numpy = sys.modules["numpy"]
        return issubclass(kind, numpy.number | numpy.bool_)
    return (kind.__module__, kind.__qualname__) in OTHERS


def _is_plain_record(kind: Any) -> bool:
    """Tell whether it is a data class whose hash is that of its fields: `dataclasses` has made it from a text."""
    made = getattr(vars(kind).get("__hash__"), "__code__", None)
    return made is not None and made.co_filename == "<string>" and "__dataclass_fields__" in vars(kind)


def to_put_in(value: set[Any] | frozenset[Any]) -> tuple[int, list[Any]] | None:
    """Return how to make a set that is iterated as `value` is, where its items in that order would not do.

    Returns:
        how many of the items go in at once, and the items; None where their own order does, or none is known.
    """
    kind, order = type(value), list(value)
    size, count = _size(value), len(order)
    plainly = kind(order)
    if ((does := _same(plainly, order)) and _size(plainly) == size) or len(order) > MOST:
        return None
    firsts = (0, count // 2, count)
    candidates = [(first, order) for first in firsts]
    if not does and (found := _insertion(order, size)) is not None:
        candidates += [(first, found) for first in firsts]
    fitting = [each for each in candidates if _same(put_in(kind, *each), order)]
    # of the same size it also goes on like the first when more is added
    best = min(fitting, key=lambda each: _size(put_in(kind, *each)) != size, default=None)
    return None if does and best == candidates[0] else best


def put_in(kind: type, first: int, items: list[Any]) -> Any:
    """Make the set that `to_put_in` told of: its table has a place for all that goes in at once, and then grows."""
    if not first or kind is frozenset:
        return kind(dict.fromkeys(items) if first else items)
    made = kind(dict.fromkeys(items[:first]))
    made.update(items[first:])
    return made


def _same(made: set[Any] | frozenset[Any], order: list[Any]) -> bool:
    return all(one is other for one, other in zip(made, order, strict=True))


def _size(value: set[Any] | frozenset[Any]) -> int:
    """Return how many places the table of a set has; that of a small one is within the object."""
    return (sys.getsizeof(value) - EMPTY) // ENTRY or 8


def _path(number: int, size: int) -> list[int]:
    """Return the places at which an item with a hash is looked for, in turn."""
    mask = size - 1
    place, perturb, found = number & mask, number & (1 << 64) - 1, dict[int, None]()
    for _ in range(ROUNDS):
        probes = LINEAR_PROBES if place + LINEAR_PROBES <= mask else 0
        found.update(dict.fromkeys(range(place, place + probes + 1)))
        perturb >>= PERTURB_SHIFT
        place = (place * 5 + 1 + perturb) & mask
    return list(found)


def _places(paths: list[list[int]]) -> list[int] | None:
    """Return a place on each item's path, rising from item to item, so that all together are as early as can be."""
    nodes: list[tuple[int, int]] = []
    states = [(-1, 0, -1)]  # of the items so far: the last one's place, how late all are, and its node
    for path in paths:
        states.sort()
        taken = [place for place, _, _ in states]
        least: list[tuple[int, int]] = []
        for _, late, node in states:
            least.append((late, node) if not least or late < least[-1][0] else least[-1])
        states = []
        for late, place in enumerate(path):
            if (before := bisect.bisect_left(taken, place) - 1) >= 0:
                sum_before, node = least[before]
                nodes.append((place, node))
                states.append((place, sum_before + late, len(nodes) - 1))
        if not states:
            return None
    node = min(states, key=lambda state: state[1])[2]
    found = []
    while node >= 0:
        place, node = nodes[node]
        found.append(place)
    return found[::-1]


def _insertion(order: list[Any], size: int) -> list[Any] | None:
    """Return the items in an order in which each finds the places before its own taken; None where there is none."""
    paths = [_path(hash(item), size) for item in order]
    places = _places(paths)
    if places is None:
        return None
    at = {place: number for number, place in enumerate(places)}
    in_way = [[at.get(place, -1) for place in path[: path.index(own)]] for path, own in zip(paths, places, strict=True)]
    done = dict.fromkeys(number for number, others in enumerate(in_way) if not others)
    begun: set[int] = set()
    for start in range(len(order)):
        stack = [start]
        while stack:
            number = stack[-1]
            missing = [other for other in in_way[number] if other not in done]
            if not missing:
                done[number] = None
                stack.pop()
            elif -1 in missing or number in begun:  # a place was taken by what is no longer there
                return None
            else:
                begun.add(number)
                stack.extend(missing)
    return [order[number] for number in done]
