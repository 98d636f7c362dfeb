"""How the values under several names share mutable parts, as text for a key: the same in every process."""

from __future__ import annotations

from typing import Any

from steppe.values.memory import Views
from steppe.values.walk import Root, Walk


def sharing(walk: Walk, roots: dict[str, Root]) -> list[str]:
    """Return a line for each part that is found under more than one name, and for arrays that share memory.

    Parts below a shared part are shared with it, and left out.
    """
    seen: set[int] = set()
    twice: set[int] = set()
    for root in roots.values():
        parts = set(map(id, root.nodes))
        twice |= seen & parts
        seen |= parts
    if not twice:
        return _overlaps(roots)
    places: dict[int, list[tuple[str, int]]] = {}
    for name, root in sorted(roots.items()):
        for number, node in enumerate(root.nodes):
            if id(node) in twice and number not in root.fresh:
                places.setdefault(id(node), []).append((name, number))
    lines: set[str] = set()
    for root in roots.values():
        lines.update(_shared(walk, root, places))
    return sorted(lines) + _overlaps(roots)


def _shared(walk: Walk, root: Root, places: dict[int, list[tuple[str, int]]]) -> Any:
    skip_to = 0
    for number, node in enumerate(root.nodes):
        start, end = root.spans[number]
        if start < skip_to or number in root.fresh or walk.is_code(node):
            continue
        found = places.get(id(node), ())
        if len(found) > 1:
            skip_to = end
            yield " = ".join(f"{name}#{at}" for name, at in found)


def _overlaps(roots: dict[str, Root]) -> list[str]:
    views = Views()
    lines = []
    for name, root in sorted(roots.items()):
        for number, low, high in root.extents:
            for (other, other_number), distance in views.add((name, number), low, high):
                if other != name and root.nodes[number] is not roots[other].nodes[other_number]:
                    lines.append(f"{name}#{number} lies {distance} bytes after {other}#{other_number}")
    return sorted(lines)
