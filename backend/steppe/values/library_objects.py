"""Objects that libraries keep as attributes of their modules: found by identity, so that they are stored by name.

Code asks whether a domain is *the* `ZZ`, and a setting is made in *the* `rcParams`: a copy of either is another object.
What a name stands for may change, so whoever stores a name stores the version of what it stood for.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from importlib import import_module
from typing import Any
from weakref import WeakKeyDictionary

from steppe.errors import CannotMove, Unversionable
from steppe.types import Part
from steppe.values import families
from steppe.values.changes import Place
from steppe.values.kinds import module_of
from steppe.values.reduced import is_users_class
from steppe.values.walk import Home, Root, Walk

Names = dict[int, tuple[str, str]]
"""Module and name by identity of what the module keeps. An identity may be another's by now: look there before use."""

OWN = frozenset({"", "builtins", "__main__", "steppe", "steppe_magic"})
"""Modules whose types tell nothing of a library, and our own."""

_packages: WeakKeyDictionary[type, str] = WeakKeyDictionary()
_names: dict[str, tuple[int, Names]] = {}


class LibraryObjects:
    """The objects of libraries that one step's values refer to.

    Attributes:
        walk: the walk over them, each under `module:name`.
    """

    def __init__(self, home: Home) -> None:
        self.walk = Walk(home)
        self._names: dict[str, Names] = {}

    def take(self, roots: Iterable[Root], known: dict[int, Place]) -> None:
        """Add the places of objects of libraries that are parts of some values, and of their parts, to `known`."""
        for root in roots:
            kinds = set(filter(_package_of, set(map(type, root.nodes))))
            for number, node in enumerate(root.nodes) if kinds else ():
                if type(node) not in kinds or number in root.fresh or id(node) in known:
                    continue
                if where := self._find(node):
                    self._take(where, node, known)

    def _find(self, value: Any) -> str:
        """Return `module:name` of an object that a library's module keeps under that name; empty for any other."""
        package = _package_of(type(value))
        if package not in self._names:
            self._names[package] = _names_in(package)
        module, name = self._names[package].get(id(value), ("", ""))
        return f"{module}:{name}" if module and vars(sys.modules[module]).get(name) is value else ""

    def _take(self, where: str, value: Any, known: dict[int, Place]) -> None:
        try:
            found = self.walk.walk(where, value)
        except Unversionable:
            return
        for number, node in enumerate(found.nodes):
            if number not in found.fresh:
                known.setdefault(id(node), Place(where, number))


def find_again(part: Part, walk: Walk) -> None:
    """Walk the objects of libraries that a Part refers to, each under `module:name`.

    Raises:
        CannotMove: one is not what it was when the Part was stored.
    """
    for where, version in part.meta.get("libraries", {}).items():
        home, _, name = where.partition(":")
        value = getattr(import_module(home), name, None)
        if where not in walk.roots and walk.walk(where, value).version != version:
            raise CannotMove(f"it refers to {home}.{name}, which is not what it was")


def _package_of(kind: type) -> str:
    """Return the package whose modules may keep instances of a type; empty where none is looked through for them."""
    package = _packages.get(kind)
    if package is None:
        package = module_of(kind).partition(".")[0]
        if package in OWN or is_users_class(kind) or families.family_of(kind):
            package = ""
        _packages[kind] = package
    return package


def _names_in(package: str) -> Names:
    """Return what the loaded modules of a package keep; looked through anew once it has others."""
    inside = f"{package}."
    modules = {
        name: module
        for name, module in list(sys.modules.items())
        if (name == package or name.startswith(inside)) and isinstance(module, types.ModuleType)
    }
    these = hash(tuple(map(id, modules.values())))
    known, names = _names.get(package, (0, {}))
    if known != these:
        names = {}
        for module in sorted(modules, key=lambda name: (name.count("."), name)):
            for name, value in list(vars(modules[module]).items()):
                if module_of(type(value)) not in OWN and not name.startswith("__"):
                    names.setdefault(id(value), (module, name))
        _names[package] = these, names
    return names
