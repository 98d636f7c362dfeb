"""Which values must be stored together: those that share mutable parts or memory."""

from __future__ import annotations

from typing import Any

from steppe.values.changes import Place
from steppe.values.codes import knot
from steppe.values.memory import Views
from steppe.values.picklers import carries
from steppe.values.walk import Root, Walk


class _Union:
    """Disjoint sets of names."""

    def __init__(self, names: list[str]) -> None:
        self.parent = {name: name for name in names}

    def find(self, name: str) -> str:
        while self.parent[name] != name:
            self.parent[name] = name = self.parent[self.parent[name]]
        return name

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self.parent[high] = low


def group(
    after: Walk, roots: dict[str, Root], changed: dict[str, Root], known: dict[int, Place]
) -> list[tuple[str, ...]]:
    """Return the names in groups that share nothing with each other; inputs that were changed count as the name "".

    Parts of the inputs connect nothing: they are stored as references. Neither does code, which is stored by version,
    unless it is what a name is bound to, or two names are bound to code that can't be made one without the other.
    """
    union = _Union([*([""] if changed else []), *roots])
    owner: dict[int, str] = {}
    views = Views()
    members = [*roots.items(), *(("", root) for root in changed.values())]
    for name, root in members:
        for node in own_parts(after, root):
            if id(node) not in known:
                union.join(name, owner.setdefault(id(node), name))
        for number, low, high in root.extents:
            if id(root.nodes[number]) not in known:
                for other, _ in views.add(name, low, high):
                    union.join(name, other)
    codes = {
        id(root.value): name
        for name, root in roots.items()
        if id(root.value) not in known and after.is_code(root.value)
    }
    if len(codes) > 1:
        for name in codes.values():
            for other in knot(after, roots[name].value):
                union.join(name, codes.get(id(other), name))
    groups: dict[str, list[str]] = {}
    for name in union.parent:
        groups.setdefault(union.find(name), []).append(name)
    return [tuple(sorted(names)) for names in groups.values()]


def own_parts(walk: Walk, root: Root) -> list[Any]:
    """Return a root's mutable parts without those that are inside code of the notebook (but for code at its top)."""
    found: list[Any] = []
    skip_to = 0
    for number, node in enumerate(root.nodes):
        start, end = root.spans[number]
        if start < skip_to:
            continue
        if walk.is_code(node) and node is not root.value and not carries(node):
            skip_to = end
        elif number not in root.fresh:
            found.append(node)
    if isinstance(root.value, type) and root.value in walk.classes:
        found += own_parts(walk, walk.classes[root.value])
    return found
