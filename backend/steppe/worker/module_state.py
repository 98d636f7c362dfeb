"""What the project's modules hold beside their source: variables, members of classes, what functions carry.

The source of a module is versioned as code. Data in it is not: it may have been set by the notebook, by a step, or by a
call of one of its own functions. What it was when the import ended follows from the source and from what the import was
seen to read; what it has become since is an input of steps that may run the module's code, and an output of those that
change it. Knows nothing of keys.
"""

from __future__ import annotations

import enum
import importlib.machinery
import io
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from steppe.errors import Unversionable
from steppe.values.walk import Home, Walk
from steppe.worker.trace import unseen

GONE = object()
"""What stands at a place that there is no more."""

CELLS = "__closure__"
"""What the variables are called that a function holds in its closure."""

CODE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type, property, staticmethod, classmethod)


def places_in(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what a module holds beside its source, by dotted place in it: `count`, `Model.made`, `f.__defaults__`."""
    own = module.__name__
    for name, value in list(vars(module).items()):
        if not name.startswith("__"):
            yield from _held(own, name, value)


def _held(own: str, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if "is_step_function" in type(value).__dict__:
        name, value = f"{name}.__wrapped__", value.__wrapped__
    if isinstance(value, types.FunctionType):
        yield from _carried(own, name, value)
    elif isinstance(value, type):
        if value.__module__ == own and not issubclass(value, enum.Enum):
            yield from _members(own, name, value)
    elif not isinstance(value, CODE):
        yield name, value


def _carried(own: str, name: str, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function carries that a call may change; a function of the notebook that stands in its place."""
    if function.__module__ == "__main__":
        yield name, function
        return
    if (held := _in_cells(function)) and (function.__module__ == own or "<locals>" in function.__qualname__):
        yield f"{name}.{CELLS}", held
    if function.__module__ != own:
        return
    if function.__defaults__:
        yield f"{name}.__defaults__", function.__defaults__
    if function.__kwdefaults__:
        yield f"{name}.__kwdefaults__", function.__kwdefaults__
    for attribute, value in vars(function).items():
        if not attribute.startswith("__") and not isinstance(value, CODE):
            yield f"{name}.{attribute}", value


def _in_cells(function: types.FunctionType) -> tuple[Any, ...]:
    """Return what a function's closure holds beside code, which the source tells."""
    return tuple(each for _, each in _cells(function))


def _cells(function: types.FunctionType) -> Iterator[tuple[types.CellType, Any]]:
    for cell in function.__closure__ or ():
        try:
            held = cell.cell_contents
        except ValueError:  # it is not bound yet
            continue
        if not isinstance(held, CODE) and "is_step_function" not in type(held).__dict__:
            yield cell, held


def _members(own: str, name: str, cls: type) -> Iterator[tuple[str, Any]]:
    for member, value in list(vars(cls).items()):
        place = f"{name}.{member}"
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__  # noqa: PLW2901  # what it wraps is what may carry something
        if "is_step_function" in type(value).__dict__:
            place, value = f"{place}.__wrapped__", value.__wrapped__  # noqa: PLW2901  # likewise
        if isinstance(value, types.FunctionType):
            yield from _carried(own, place, value)
        elif isinstance(value, type):
            if value.__module__ == own and value.__qualname__ == f"{cls.__qualname__}.{member}":
                yield from _members(own, place, value)
        elif not member.startswith(("__", "_abc_")) and not hasattr(type(value), "__get__"):
            yield place, value


def at(root: str) -> Any:
    """Return what stands at `module:place` now, or GONE."""
    module, _, place = root.partition(":")
    found: Any = sys.modules.get(module, GONE)
    for name in place.split("."):
        if name == CELLS and isinstance(found, types.FunctionType):
            found = _in_cells(found)
        else:
            found = getattr(found, name, GONE) if found is not GONE else GONE
    return found


def put(root: str, value: Any) -> None:
    """Put a value at `module:place`; the module is imported where it is not yet."""
    module, _, place = root.partition(":")
    __import__(module)
    owner: Any = sys.modules[module]
    *path, last = place.split(".")
    for name in path:
        owner = getattr(owner, name)
    if last == CELLS:
        for (cell, _), item in zip(list(_cells(owner)), value, strict=True):
            cell.cell_contents = item
    else:
        setattr(owner, last, value)


class AtImport:
    """What modules held when their import had ended, as versions.

    Attributes:
        home: what is known of the notebook's code.
        versions: by module and place; a place without a version then has none here.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.versions: dict[str, dict[str, str]] = {}

    def note(self, module: types.ModuleType) -> None:
        """Note what a module holds: its import has just ended."""
        walk, found = Walk(self.home), {}
        for place, value in places_in(module):
            try:
                found[place] = walk.walk(place, value).version
            except (Unversionable, RecursionError):
                continue
        self.versions[module.__name__] = found


def watch(names: Iterable[str], at_import: AtImport) -> None:
    """Note what each of some modules holds when its import ends, from now on; for a process that runs one task."""
    loader, wanted = importlib.machinery.SourceFileLoader, frozenset(names)
    original = loader.exec_module

    def exec_module(self: Any, module: types.ModuleType) -> None:
        original(self, module)
        if module.__name__ in wanted:
            with unseen():
                at_import.note(module)

    loader.exec_module = exec_module  # type: ignore[method-assign]


def walk_modules(names: Iterable[str], walk: Walk) -> list[str]:
    """Walk what the modules among `names` hold that are imported, each place as a root `module:place`.

    Returns:
        The places of iterators without a version, as `module.place`: how far they are can't be told, and any use moves
        them. Other values without one (locks, loggers) are left out: they seldom carry what a result hangs on.
    """
    iterators = []
    for name in names:
        module = sys.modules.get(name)
        if module is not None:
            for place, value in places_in(module):
                try:
                    walk.walk(f"{name}:{place}", value)
                except Unversionable:
                    if isinstance(value, Iterator) and not isinstance(value, io.IOBase):
                        iterators.append(f"{name}.{place}")
    return iterators


class Moved:
    """What a step has put into modules, compared with what they held before.

    Attributes:
        values: what is new at `module:place`.
        reasons: what can't be kept, in words.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.reasons: list[str] = []


def moved(names: list[str], before: Walk, at_import: AtImport) -> Moved:
    """Find what was bound anew in modules; what was changed in place is found by the walk over it.

    Args:
        names: the modules whose code may have run.
        before: the walk from before the step, with the roots of `walk_modules`.
        at_import: for modules that were imported meanwhile.
    """
    found, seen = Moved(), Walk(at_import.home)
    for name in names:
        module = sys.modules.get(name)
        if module is None:
            continue
        there = dict(places_in(module))
        for place, value in there.items():
            root = before.roots.get(f"{name}:{place}")
            if root is not None and (root.value is value or _same(root.value, value)):
                continue
            try:
                version = seen.version_of(value)
            except Unversionable as error:
                if root is not None or place in at_import.versions.get(name, {}):
                    found.reasons.append(f"it set {name}.{place} to what has no version: {error}")
                continue
            known = root.version if root is not None else at_import.versions.get(name, {}).get(place)
            if version != known:
                found.values[f"{name}:{place}"] = value
        for root_name in before.roots:
            owner, _, place = root_name.partition(":")
            if owner == name and place and place not in there:
                found.reasons.append(f"it removed {name}.{place}")
    return found


def _same(one: Any, other: Any) -> bool:
    """Tell whether two tuples of defaults are one: Python makes a new mapping each time it is asked for some."""
    return isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other) and all(map(_is, one, other))


def _is(one: Any, other: Any) -> bool:
    return one is other
