"""What a step changed in place: two walks over the same values, before and after, compared part by part."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from steppe.errors import CannotMove, Unversionable
from steppe.values.walk import Root, Walk


class Place(NamedTuple):
    """Where a mutable part was before a step ran: the root's name, and the part's number in it.

    The classes that a root names have the numbers -1, -2, …, in the order of first sight.
    """

    root: str
    number: int


class Changed(NamedTuple):
    """A part that a step changed in place.

    Attributes:
        place: where it was before.
        value: the part itself, as it is now.
        remade: True where what changed is what it would be *made* with, which can't be written into it.
    """

    place: Place
    value: Any
    remade: bool


class ClassChange(NamedTuple):
    """A class of the notebook, and the names of its members that a step set, changed or removed."""

    cls: type
    members: frozenset[str]


def changed_roots(before: Walk, after: Walk) -> dict[str, Root]:
    """Walk the values of `before` again in `after`, and return those that are not what they were, as they are now.

    Raises:
        Unversionable: a value was changed into something that has no version.
    """
    found = {}
    for name, root in before.roots.items():
        try:
            now = after.root_of(root.value)
        except Unversionable as error:
            raise error.under(name) from None
        if now.version != root.version or _swapped(root, now):
            found[name] = now
    return found


def _swapped(root: Root, now: Root) -> bool:
    """Tell whether a part was replaced by an equal one while somebody else still holds either."""
    for number, (was, is_) in enumerate(zip(root.nodes, now.nodes, strict=True)):
        if was is not is_ and number not in root.fresh and max(map(sys.getrefcount, (was, is_))) > _HELD_BY_WALK:
            return True
    return False


def _held_by_walk() -> int:
    root, now = Root(), Root()
    root.nodes.append([])
    now.nodes.append([])
    for _, (was, is_) in enumerate(zip(root.nodes, now.nodes, strict=True)):
        return max(map(sys.getrefcount, (was, is_)))
    return 0


_HELD_BY_WALK = _held_by_walk()


def places(walk: Walk) -> dict[int, Place]:
    """Return where each mutable part is, by its identity; the first place, where there are several."""
    found: dict[int, Place] = {}
    for name, root in walk.roots.items():
        for number, node in enumerate(root.nodes):
            if number not in root.fresh:
                found.setdefault(id(node), Place(name, number))
        for i, cls in enumerate(root.classes):
            found.setdefault(id(cls), Place(name, -1 - i))
    return found


def changed_parts(before: Walk, after: Walk, changed: dict[str, Root]) -> list[Changed]:
    """Return the parts of the roots `changed` whose own content differs; those that are reachable no more included.

    Raises:
        CannotMove: an object was given another class of the same name.
    """
    known = places(before)
    found: dict[int, Changed] = {}
    for name, now in changed.items():
        root = before.roots[name]
        numbers = {id(node): number for number, node in enumerate(now.nodes)}
        for number, node in enumerate(root.nodes):
            if number in root.fresh or id(node) in found:
                continue
            at = numbers.get(id(node))
            if at is None:
                if sys.getrefcount(node) <= _DETACHED:
                    continue
                now_, at = after.root_of(node), 0
            else:
                now_ = now
            if shallow(root, number, known) != shallow(now_, at, known):
                made = _making(root, number, node, known) != _making(now_, at, node, known)
                found[id(node)] = Changed(known[id(node)], node, made)
        if [id(cls) for cls in now.classes] != [id(cls) for cls in root.classes] and not any(
            id(node) in found for node in root.nodes
        ):
            raise CannotMove(f"`{name}` was given another class, which can't be written back")
    return [*found.values(), *_changed_classes(before, after, known)]


def _changed_classes(before: Walk, after: Walk, known: dict[int, Place]) -> Iterator[Changed]:
    """Yield the notebook's classes whose members a step changed: all that is new of one, as what is written back."""
    for cls, was in before.classes.items():
        now = after.classes.get(cls)
        if now is None or now.stream == was.stream:
            continue
        members = {name for name in {*was.detail, *now.detail} if was.detail.get(name) != now.detail.get(name)}
        place = known.get(id(cls), Place(cls.__qualname__, 0))
        yield Changed(place, ClassChange(cls, frozenset(members)), remade=id(cls) not in known)


def _detached() -> int:
    """Return what `getrefcount` says in `changed_parts` of a part that nothing but the first walk holds."""
    root = Root()
    root.nodes.append([])
    for _, node in enumerate(root.nodes):
        return sys.getrefcount(node)
    return 0


_DETACHED = _detached()


def _making(root: Root, number: int, node: Any, known: dict[int, Place]) -> bytes:
    """Return what an object is made with, apart from its state; nothing for types that have no such split."""
    end = root.made.get(id(node))
    if end is None:
        return b""
    out = bytearray()
    _write(root, number, root.spans[number][0], end, known, out, set())
    return bytes(out)


def shallow(root: Root, number: int, known: dict[int, Place]) -> bytes:
    """Return what one part holds itself: its bytes in the stream, with the parts below it named by identity.

    Parts that were not known before are written out, since their identity says nothing.
    """
    start, end = root.spans[number]
    out = bytearray()
    _write(root, number, start, end, known, out, set())
    return bytes(out)


def _write(
    root: Root, number: int, start: int, end: int, known: dict[int, Place], out: bytearray, done: set[int]
) -> None:
    done.add(number)
    at = start
    child = number + 1
    ref = bisect_right(root.refs, (start,))
    while True:
        next_child = root.spans[child][0] if child < len(root.spans) and root.spans[child][0] < end else end
        next_ref = root.refs[ref][0] if ref < len(root.refs) and root.refs[ref][0] < end else end
        stop = min(next_child, next_ref)
        out += root.stream[at:stop]
        if stop == end:
            return
        if stop == next_ref and next_ref < next_child:
            _, at, target = root.refs[ref]
            ref += 1
            _name(root, target, known, out, done)
            continue
        _name(root, child, known, out, done)
        at = root.spans[child][1]
        while child < len(root.spans) and root.spans[child][0] < at:
            child += 1
        while ref < len(root.refs) and root.refs[ref][0] < at:
            ref += 1


def _name(root: Root, number: int, known: dict[int, Place], out: bytearray, done: set[int]) -> None:
    place = None if number in root.fresh else known.get(id(root.nodes[number]))
    if place is not None:
        out += b"@%b:%d;" % (place.root.encode(), place.number)
    elif number in done:
        out += b"^"
    else:
        out += b"<"
        _write(root, number, *root.spans[number], known, out, done)
        out += b">"
