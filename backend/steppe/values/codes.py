"""Code of the notebook by version: what lives in this process, where its source is, and how it is stored."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

from steppe.types import Digest
from steppe.values.kinds import module_of
from steppe.values.rebuild import Location
from steppe.values.walk import Walk


class CodeTable:
    """The functions and classes of the notebook that live in this process.

    One table lasts as long as a session. A version that a Part names is first looked up among what lives; only where
    nothing of that version does is it made again, once, and then lives here.
    """

    def __init__(self, locate: Callable[[types.CodeType], Location | None]) -> None:
        self.locate = locate
        self._live: dict[Digest, Any] = {}

    def note(self, version: Digest, value: Any) -> None:
        """Remember a live function or class; the latest of a version is the one that is used."""
        self._live[version] = value

    def find(self, version: Digest, walk: Walk) -> Any | None:
        """Return what lives under `version`, unless it has changed since."""
        value = self._live.get(version)
        if value is not None and walk.version_of(value) != version:
            del self._live[version]
            return None
        return value


def location_fields(where: Location) -> tuple[Any, ...]:
    """Return a Location as the plain tuple that `rebuild.code` takes."""
    return tuple(getattr(where, name) for name in Location.__struct_fields__)


def reached(walk: Walk, value: Any) -> list[Any]:
    """Return the code of the notebook that `value`, itself code, refers to, at any depth."""
    found: dict[int, Any] = {}
    todo = [value]
    while todo:
        root = walk.root_of(todo.pop())
        inner = [node for node in root.nodes if walk.is_code(node)]
        for cls in root.classes:
            inner.append(cls)
            inner += [node for node in walk.classes[cls].nodes if walk.is_code(node)] + walk.classes[cls].classes
        for node in inner:
            if id(node) not in found:
                found[id(node)] = node
                todo.append(node)
    return list(found.values())


def classes_in(value: Any) -> Iterator[type]:
    """Yield the classes that stand in a class, at any depth: they are stored with it."""
    for inner in vars(value).values() if isinstance(value, type) else ():
        if isinstance(inner, type) and inner.__qualname__ == f"{value.__qualname__}.{inner.__name__}":
            yield inner
            yield from classes_in(inner)


def made_by(cls: type, walk: Walk) -> str:
    """Return the notebook's code that runs when a class is made: to make the class again would run it again.

    Returns:
        The name of `__init_subclass__` of a base, of a metaclass, or of an attribute's `__set_name__`; or empty.
    """
    for base in cls.__mro__[1:]:
        if walk.home.is_notebook(module_of(base)) and "__init_subclass__" in vars(base):
            return f"{base.__qualname__}.__init_subclass__"
    if walk.home.is_notebook(module_of(type(cls))):
        return f"its metaclass {type(cls).__qualname__}"
    for item in vars(cls).values():
        if walk.home.is_notebook(module_of(type(item))) and hasattr(type(item), "__set_name__"):
            return f"{type(item).__qualname__}.__set_name__"
    return ""


def members_of(walk: Walk, value: Any) -> list[Any]:
    """Return the functions inside a class: they are stored with it."""
    root = walk.classes.get(value) if isinstance(value, type) else None
    if root is None:
        return []
    generated = [getattr(item, "__func__", item) for item in vars(value).values()]
    return [node for node in (*root.nodes, *generated) if walk.is_code(node)]


def knot(walk: Walk, value: Any) -> list[Any]:
    """Return the code that can't be made without `value` and that `value` can't be made without; itself first."""
    others = [other for other in reached(walk, value) if other is not value]
    return [value, *(other for other in others if any(inner is value for inner in reached(walk, other)))]
