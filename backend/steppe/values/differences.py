"""Where two walks over what should be one value part: the path to the first place that differs, in the user's words.

Knows streams and nodes as `walk` writes them, and nothing of how values are stored.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from steppe.values.walk import ATOMS, Root

DEEP = 8
"""How many steps of a path are told: the last ones, which name what differs."""

INSIDE = 3
"""How deep parts are looked for in what has no identity of its own: tuples, and states made for the occasion."""


def difference(was: Root, now: Root) -> str:
    """Return the path to the first place where two walks differ, such as `.spines['left']._linewidth`, or nothing."""
    at = _first(was.stream, now.stream)
    chain = [number for number, (start, end) in enumerate(was.spans) if start <= at < end]
    if not chain:
        return ""
    steps = [_step(was.nodes[outer], was.nodes[inner]) for outer, inner in itertools.pairwise(chain)]
    last = chain[-1]
    if last < len(now.nodes):
        steps.append(_unlike(was.nodes[last], now.nodes[last]))
    told = [step for step in steps if step]
    return ("…" if len(told) > DEEP else "") + "".join(told[-DEEP:])


def _first(was: bytes | bytearray, now: bytes | bytearray) -> int:
    """Return where two streams first differ."""
    low, high = 0, min(len(was), len(now))
    while low < high:
        middle = (low + high + 1) // 2
        if was[low:middle] == now[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value holds directly, by the name that a user knows it by."""
    if isinstance(value, dict):
        for key, item in dict.items(value):
            yield f"[{key!r}]" if type(key) in ATOMS else f"[{type(key).__name__}]", item
            if type(key) not in ATOMS:
                yield ".keys()", key
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield f"[{i}]", item
    elif isinstance(value, set | frozenset):
        for item in value:
            yield "{…}", item
    elif getattr(getattr(value, "dtype", None), "hasobject", False):
        for i, item in enumerate(value.flat):
            yield f"[{i}]", item
    for name, item in getattr(value, "__dict__", {}).items():
        yield f".{name}", item


def _step(outer: Any, inner: Any, deep: int = INSIDE) -> str:
    """Return by what name one part is in another."""
    held = list(parts(outer))
    for name, item in held:
        if item is inner:
            return name
    for name, item in held:
        if deep and type(item) in {tuple, frozenset} and (more := _step(item, inner, deep - 1)):
            return name + more
    return ""


def _unlike(was: Any, now: Any, deep: int = INSIDE) -> str:
    """Return what differs directly in two parts that should be equal: a name that only one has, a type, an atom."""
    held, other = dict(parts(was)), dict(parts(now))
    for name, item in held.items():
        if name not in other or type(item) is not type(other[name]):
            return name
        if type(item) in ATOMS and item != other[name] and item == item:  # noqa: PLR0124  # NaN
            return name
        if deep and type(item) is tuple and (more := _unlike(item, other[name], deep - 1)):
            return name + more
    return next((name for name in other if name not in held), "")
