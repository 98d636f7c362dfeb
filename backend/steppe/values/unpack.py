"""Bytes to values: what `pack` stored, bound again. Sharing, references to inputs and the notebook's code come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from steppe.errors import CannotMove
from steppe.types import Digest, Part
from steppe.values import container, formats, overwrite
from steppe.values.changes import Place
from steppe.values.codes import CodeTable, classes_in
from steppe.values.pack import PATCHES
from steppe.values.picklers import Unpacker
from steppe.values.walk import Walk

Get = Callable[[Digest], memoryview]


class Anchors:
    """The live parts of a step's inputs, and of libraries' objects, that its Parts refer to, by place."""

    def __init__(self, parts: list[Part], *walks: Walk) -> None:
        """Take hold of just the parts that are referred to, so that the rest of what was walked can go."""
        self._held: dict[Place, Any] = {}
        for part in parts:
            for root, number in part.meta.get("places", ()):
                for walk in walks:
                    if root in walk.roots:
                        self._held.setdefault(Place(root, number), _at(walk, root, number))

    def __contains__(self, place: Place) -> bool:
        return place in self._held

    def __getitem__(self, place: Place) -> Any:
        if place not in self._held:
            raise CannotMove(f"a stored value belongs to `{place.root}`, which is not there")
        return self._held[place]


def _at(inputs: Walk, root: str, number: int) -> Any:
    found = inputs.roots[root]
    return found.nodes[number] if number >= 0 else found.classes[-number - 1]


def in_order(parts: Iterable[Part]) -> list[Part]:
    """Return Parts in the order to read them in: the notebook's code first, a class after those that it is made of.

    In another order a class would be made again for what refers to it, and live twice.
    """
    todo = sorted(parts, key=lambda part: "own" not in part.meta)
    makers = {
        version: part for part in todo for version in (*part.meta.get("own", {}).values(), *part.meta.get("inner", ()))
    }
    ordered: dict[int, Part] = {}
    on_the_way: set[int] = set()

    def visit(part: Part) -> None:
        if id(part) in on_the_way:
            return
        on_the_way.add(id(part))
        for versions, _ in part.meta.get("codes", ()):
            for version in versions:
                if version in makers:
                    visit(makers[version])
        ordered[id(part)] = part

    for part in todo:
        visit(part)
    return list(ordered.values())


class Unpacking:
    """Parts on their way back into a namespace.

    Attributes:
        get: reads bytes from the Store.
        table: the notebook's code that lives here.
        anchors: the parts of the inputs.
        walk: makes a walk for the versions of live code.
    """

    def __init__(self, get: Get, table: CodeTable, anchors: Anchors, walk: Callable[[], Walk]) -> None:
        self.get = get
        self.table = table
        self.anchors = anchors
        self.walk = walk

    def values(self, part: Part) -> dict[str, Any]:
        """Read a Part back: its values by name. Changes to the inputs that it holds are written into them.

        Raises:
            MissingArtifact, CorruptArtifact: as `Store.get`.
            CannotMove: it belongs to inputs that are not there.
        """
        values, patches = self.read(part)
        self.write(patches)
        return values

    def write(self, patches: list[Any]) -> None:
        """Write changes into the inputs that they belong to."""
        for place, how, state in patches:
            overwrite.overwrite(self.anchors[Place(*place)], how, state)

    def read(self, part: Part) -> tuple[dict[str, Any], list[Any]]:
        """Read a Part back, and touch nothing: its values by name, and the changes to the inputs that it holds.

        Raises:
            MissingArtifact, CorruptArtifact: as `Store.get`.
            CannotMove: it belongs to inputs that are not there.
        """
        view = memoryview(part.inline) if part.inline is not None else self.get(part.blob or "")
        if part.format != "pickle":
            return {part.names[0]: formats.load(part, view)}, []
        data, buffers = container.unpack(view)
        codes = dict[Digest, tuple[list[Digest], bytes]]()
        for versions, pickled in part.meta.get("codes", ()):
            codes.update(dict.fromkeys(versions, (versions, pickled)))
        values, patches = self._read(data, buffers, codes)
        for name, version in part.meta.get("own", {}).items():
            self._note(version, values[name])
        named: dict[str, Any] = {name: value for name, value in values.items() if name != PATCHES}
        return named, patches

    def _read(self, data: Any, buffers: list[Any], codes: dict[Digest, tuple[list[Digest], bytes]]) -> Any:
        def code(version: Digest, place: Place | None) -> Any:
            return self._code(version, place, codes)

        return Unpacker(data, buffers, self.anchors.__getitem__, code).load()

    def _code(self, version: Digest, place: Place | None, codes: dict[Digest, tuple[list[Digest], bytes]]) -> Any:
        if place is not None and place in self.anchors:
            return self.anchors[place]
        found = self.table.find(version, self.walk())
        if found is not None:
            return found
        versions, pickled = codes[version]
        if not pickled:
            raise CannotMove("a class that it needs is made by code of its own, and is not there")
        made = self._read(pickled, [], codes)
        for each, value in zip(versions, made, strict=True):
            self._note(each, value)
        return made[versions.index(version)]

    def _note(self, version: Digest, value: Any) -> None:
        """Remember code that lives now, and the classes that stand in a class: they came with it."""
        self.table.note(version, value)
        for inner in classes_in(value):
            self.table.note(self.walk().version_of(inner), inner)
