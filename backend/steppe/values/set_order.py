"""The order in which a set is iterated, and a way to make a set with that order again.

The order is that of the places in the set's table: it follows from the hashes, the table's size, and, where items
collide, from which came first. Put in again as it is iterated, a set of numbers below 1000 comes out otherwise two
times in five. So the items' places are found from the order and CPython's way to probe (`Objects/setobject.c`:
`LINEAR_PROBES`, `PERTURB_SHIFT`), and items go in after those that were in their way. What comes out is compared.
"""

from __future__ import annotations

import bisect
import sys
from typing import Any

LINEAR_PROBES, PERTURB_SHIFT, ROUNDS = 9, 5, 6
MOST = 5000
"""Items of a set up to which an order to put them in is looked for: it takes some 30 ms."""

NUMBERS = frozenset({int, float, bool, complex})
EMPTY, ENTRY = sys.getsizeof(set()), 16
CONSTANT = frozenset({type(None)} if sys.version_info >= (3, 12) else ())
"""Other types with one hash in each process: until Python 3.12, that of None was its place in memory."""


def steady(value: Any) -> bool:
    """Tell whether a set is iterated in an order that can be relied on: its items' hashes are the same everywhere."""
    kinds = set(map(type, value))
    if kinds <= NUMBERS:
        return all(item == item for item in value)  # noqa: PLR0124  # the hash of a NaN is its place in memory
    return all(map(_steady, value))


def _steady(item: Any) -> bool:
    kind = type(item)
    if kind in (tuple, frozenset):
        return steady(item)
    if kind in NUMBERS or _is_numpy_number(kind):
        return bool(item == item)  # noqa: PLR0124
    return kind in CONSTANT


def _is_numpy_number(kind: type) -> bool:
    if kind.__module__ != "numpy":
        return False
    numpy = sys.modules["numpy"]
    return issubclass(kind, numpy.number | numpy.bool_)


def to_put_in(value: set[Any] | frozenset[Any]) -> tuple[int, list[Any]] | None:
    """Return how to make a set that is iterated as `value` is, where its items in that order would not do.

    Returns:
        how many of the items go in at once, and the items; None where their own order does, or none is known.
    """
    kind, order = type(value), list(value)
    if _same(kind(order), order) or len(order) > MOST:
        return None
    size, count = _size(value), len(order)
    found = _insertion(order, size)
    candidates = [(first, items) for items in (found, order) if items is not None for first in (0, count // 2, count)]
    fitting = [each for each in candidates if _same(put_in(kind, *each), order)]
    # of the same size it also goes on like the first when more is added
    return min(fitting, key=lambda each: _size(put_in(kind, *each)) != size, default=None)


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
