"""Values to bytes: a step's outputs and the changes it made, as Parts.

Values that share mutable parts go into one Part and come back sharing. What belongs to the step's inputs is stored as a
reference to them. Code of the notebook is stored once a Part, by version: a class that lives is used, not copied.
A value of its own that has an open format gets it; the rest is a pickle with its large buffers beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from steppe.errors import CannotMove, Unversionable
from steppe.types import Digest, Part
from steppe.values import container, formats, overwrite
from steppe.values.arrays_out import shows_foreign
from steppe.values.changes import Changed, ClassChange, Place, changed_parts
from steppe.values.codes import CodeTable, classes_in, knot, made_by, members_of
from steppe.values.differences import difference
from steppe.values.groups import group, own_parts
from steppe.values.kinds import full_name, module_of
from steppe.values.library_objects import LibraryObjects
from steppe.values.picklers import Packer, Unpacker
from steppe.values.rebuild_matplotlib import trial
from steppe.values.reduced import is_plain
from steppe.values.sharing import shared_memory
from steppe.values.walk import Put, Root, Walk

INLINE = 1 << 14
"""Parts up to this many bytes travel inside their record: one file fewer to write, sync and open."""

PATCHES = ""
"""The name under which a Part holds the changes to the inputs."""

PROVED: set[type] = set()
"""Types whose instances came back from a pickle in this process."""

SIMPLE = frozenset(
    {"builtins", "collections", "datetime", "decimal", "fractions", "numpy", "pathlib", "types", "uuid", "zoneinfo"}
)
"""Modules whose types pickle all of their instances alike: once one has come back, others do."""


class Patch(NamedTuple):
    """A change to a part of the inputs: where, how it is written back, and what it holds now."""

    place: Place
    how: str
    state: Any


class Packing:
    """One step's values on their way to the Store.

    Attributes:
        before: the walk over the inputs before the step ran, or None where nothing refers to inputs.
        after: the walk over all values as they are now.
        known: where the inputs' parts are, by identity; and those of libraries' objects.
        libraries: the objects of libraries that the values refer to, or None where such are stored like others.
        table: the notebook's code, by version.
        put: stores bytes.
    """

    def __init__(
        self,
        before: Walk | None,
        after: Walk,
        known: dict[int, Place],
        table: CodeTable,
        put: Put,
        libraries: LibraryObjects | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self.known = known
        self.table = table
        self.put = put
        self.libraries = libraries
        self._names_of_known: dict[int, bytes] = {}

    def pack(self, names: Iterable[str], changed: dict[str, Root] | None = None) -> list[Part]:
        """Store the values walked under `names`, and what was changed in the inputs.

        Args:
            names: roots of `after`.
            changed: the inputs that were changed, as they are now.

        Raises:
            CannotMove: a value has a version but can't be stored, or a change can't be written back.
        """
        changed = changed or {}
        parts = changed_parts(self.before, self.after, changed) if self.before is not None and changed else []
        patches = [_patch(change) for change in parts]
        roots = {name: self.after.roots[name] for name in names}
        if self.libraries is not None:
            self.libraries.take([*roots.values(), *changed.values()], self.known)
        self._refuse_parts_of_classes(roots)
        return [self._part(members, patches, changed) for members in group(self.after, roots, changed, self.known)]

    def _part(self, members: tuple[str, ...], patches: list[Patch], changed: dict[str, Root]) -> Part:
        if len(members) == 1 and members[0] != PATCHES and not self._shows_inputs(self.after.roots[members[0]]):
            part = formats.store(members[0], self.after.roots[members[0]], self.known, self.put)
            if part is not None:
                return part
        named = [name for name in members if name != PATCHES]
        mine = patches if PATCHES in members else []
        values = {name: self.after.roots[name].value for name in named}
        own = [value for value in values.values() if self.after.is_code(value) and id(value) not in self.known]
        for cls in (value for value in own if isinstance(value, type)):
            if maker := made_by(cls, self.after):
                raise CannotMove(f"making the class `{cls.__qualname__}` runs {maker}, which may act elsewhere")
        self._refuse_methods(own)
        roots = [self.after.roots[name] for name in named] + (list(changed.values()) if mine else [])
        packer = Packer(self.after, self.known, self.table, self._with_members(own))
        packer.memory = shared_memory(roots, self.before, self.known)
        try:
            data = packer.pickled((values, [tuple(patch) for patch in mine]))
            if mine or not own:  # a class that is read back is one more subclass of its bases, who may count them
                self._prove(data, packer, values if not own else {}, mine)
            codes = list(self._codes(packer.codes))
        except CannotMove:
            raise
        except Exception as error:  # a value's own __reduce__ may raise anything
            said = str(error).partition("\n")[0] or type(error).__name__
            raise CannotMove(f"{_names(named)} can't be stored: {said}") from error
        meta: dict[str, Any] = {}
        if codes:
            meta["codes"] = codes
        held = dict.fromkeys([*packer.places, *(patch.place for patch in mine)])
        if held:
            meta["places"] = [list(place) for place in held]
        if self.libraries is not None and (theirs := {place.root for place in held} & self.libraries.walk.roots.keys()):
            meta["libraries"] = {root: self.libraries.walk.roots[root].version for root in sorted(theirs)}
        if own:
            meta["own"] = {name: self.after.roots[name].version for name in named if id(values[name]) in map(id, own)}
            if inner := [self.after.version_of(cls) for value in own for cls in classes_in(value)]:
                meta["inner"] = inner
        anchored = any(place.number >= 0 for place in held)
        return self._stored(Part(names=members, format="pickle", anchored=anchored, meta=meta), data, packer.buffers)

    def _refuse_methods(self, own: list[Any]) -> None:
        """Refuse functions that classes of earlier cells have as methods: they would come back as ones of their own.

        Raises:
            CannotMove: one is.
        """
        if self.before is None or not own:
            return
        methods = {id(item): cls for cls in self.before.classes for item in vars(cls).values()}
        for value in own:
            if (cls := methods.get(id(value))) is not None:
                raise CannotMove(f"{value.__qualname__}() is a method of the class {cls.__qualname__}, which lives")

    def _refuse_parts_of_classes(self, roots: dict[str, Root]) -> None:
        """Refuse values that hold a mutable part of a class that lives: they would come back with a part of their own.

        Raises:
            CannotMove: one does.
        """
        stored = {id(root.value) for root in roots.values()}
        of_classes = {
            id(node): cls
            for cls, root in self.after.classes.items()
            if id(cls) not in stored
            for node in own_parts(self.after, root)
            if id(node) not in self.known
        }
        for name, root in roots.items() if of_classes else ():
            for node in own_parts(self.after, root):
                if id(node) in of_classes:
                    raise CannotMove(f"`{name}` holds a part of the class {of_classes[id(node)].__qualname__}")

    def _prove(self, data: bytes, packer: Packer, values: dict[str, Any], patches: list[Patch]) -> None:
        """Read a pickle back, and see that it gives what was stored.

        Some types can be stored only, and what a type tells pickle may leave something out: of all of its instances,
        or of some. So where a type has a say in that, each value is compared; where none has, its first is.

        Raises:
            CannotMove: a value came back with another version.
        """
        if packer.kinds <= PROVED and not self.after.ordered:
            return
        live = dict(self._nodes(packer.places))
        load = Unpacker(data, packer.buffers, live.__getitem__, lambda version, _: packer.codes[version]).load
        states = [patch.state for patch in patches]
        with trial(), self.after.naming(self._known_nodes()):
            back, changes = load()
            came = {name: back[name] for name in values}
            if self._unlike((values, states), (came, [state for _, _, state in changes])) is not None:
                raise CannotMove(self._said_of(values, patches, back, changes))
        PROVED.update(kind for kind in packer.kinds if _has_no_say(kind))

    def _known_nodes(self) -> dict[int, bytes]:
        """Return how parts of the inputs are written in a proof: by place, since they are not stored but referred to.

        What they hold now is in the patches, each of which is compared.
        """
        if len(self._names_of_known) != len(self.known):
            named = {number: f"@{place.number}:{place.root};".encode() for number, place in self.known.items()}
            self._names_of_known = named
        return self._names_of_known

    def _unlike(self, was: Any, back: Any) -> str | None:
        """Say where a value that came back is not what it was; None where it is the same."""
        stored, now = self.after.root_of(was), self.after.root_of(back)
        return None if now.version == stored.version else difference(stored, now)

    def _said_of(self, values: dict[str, Any], patches: list[Patch], back: dict[str, Any], changes: list[Any]) -> str:
        """Say which value or change would not come back the same, and where it differs."""
        for name, value in values.items():
            if (where := self._unlike(value, back[name])) is not None:
                return f"`{name}` would come back from a pickle as something else{_where(where)}"
        for patch, (_, _, state) in zip(patches, changes, strict=True):
            if (where := self._unlike(patch.state, state)) is not None:
                return f"what was changed in `{patch.place.root}` would come back as something else{_where(where)}"
        names = _names([*values, *dict.fromkeys(patch.place.root for patch in patches)])
        return f"{names} would come back with other parts shared"

    def _nodes(self, places: Iterable[Place]) -> Iterator[tuple[Place, Any]]:
        for place in places:
            root = self._root(place.root)
            yield place, root.nodes[place.number] if place.number >= 0 else root.classes[-place.number - 1]

    def _root(self, name: str) -> Root:
        if self.libraries is not None and name in self.libraries.walk.roots:
            return self.libraries.walk.roots[name]
        return self.before.roots[name] if self.before is not None else Root()

    def _shows_inputs(self, root: Root) -> bool:
        """Tell whether an array shows memory of others, so that it must not come back with its own."""
        kind = type(root.value)
        if (kind.__module__, kind.__name__) != ("numpy", "ndarray"):
            return False
        return shows_foreign(root.value) or shared_memory([root], self.before, self.known) is not None

    def _with_members(self, codes: list[Any]) -> list[Any]:
        """Return code to store by value: `codes`, and what is in their classes but has no name or owner of its own."""
        members = [member for code in codes for member in members_of(self.after, code)]
        if not members:
            return codes
        named = {id(root.value) for root in self.after.roots.values() if self.after.is_code(root.value)}
        return [*codes, *(member for member in members if id(member) not in named and id(member) not in self.known)]

    def _stored(self, part: Part, data: bytes, buffers: list[Any]) -> Part:
        size = len(data) + sum(len(buffer.raw()) for buffer in buffers)
        chunks = container.pack(data, buffers)
        if size <= INLINE:
            return replace(part, inline=b"".join(chunks), size=size)
        return replace(part, blob=self.put(chunks), size=size)

    def _codes(self, codes: dict[Digest, Any]) -> Iterator[tuple[list[Digest], bytes]]:
        """Yield the notebook's code that a Part refers to: versions, and the pickle of what has them, by value."""
        done: set[Digest] = set()
        todo = dict(codes)
        while todo:
            version, value = todo.popitem()
            if version in done:
                continue
            tied = knot(self.after, value)
            versions = [self.after.version_of(member) for member in tied]
            if any(isinstance(member, type) and made_by(member, self.after) for member in tied):
                done.update(versions)
                yield versions, b""
                continue
            packer = Packer(self.after, {}, self.table, self._with_members(tied))
            data = packer.pickled(tuple(tied))
            if packer.buffers:
                raise CannotMove(f"`{value.__qualname__}` carries large arrays: pass them to it instead")
            done.update(versions)
            todo.update(packer.codes)
            yield versions, data


def replace(part: Part, **changes: Any) -> Part:
    """Return a Part with some fields changed."""
    fields = {name: getattr(part, name) for name in Part.__struct_fields__}
    return Part(**{**fields, **changes})


def _has_no_say(kind: type) -> bool:
    """Tell whether a type says nothing of its own to pickle, or is known to say the same of all of its instances."""
    if module_of(kind).partition(".")[0] in SIMPLE:
        return True
    return is_plain(kind) and not hasattr(kind, "__setstate__")


def _where(path: str) -> str:
    return f" (it differs at {path})" if path else ""


def _names(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names) or "a change to an input"


def _patch(change: Changed) -> Patch:
    try:
        how, state = overwrite.state_of(change.value)
    except (TypeError, Unversionable) as error:
        raise CannotMove(_fixed(change)) from error
    if change.remade and how in ("object", "class"):
        raise CannotMove(_fixed(change))
    return Patch(change.place, how, state)


def _fixed(change: Changed) -> str:
    kind = change.value.cls if isinstance(change.value, ClassChange) else type(change.value)
    return (
        f"`{change.place.root}` was changed in place, and what holds the change, a "
        f"{full_name(kind)}, can't be changed from outside"
    )
