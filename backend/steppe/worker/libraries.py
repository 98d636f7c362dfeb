"""What modules, classes and objects of libraries hold, looked at where code hands one on: no rule sees what it sets.

`math.pi = 3` is judged by how it is written. `m = math; m.pi = 3`, `patch(Fraction)` and `exec("math.pi = 3")` are not:
so what each holds is compared. What a library sets in itself under a private name, or makes when it is first asked for,
is its own affair. What modules were told by calls stands in `library_states.py`.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Container, Iterable, Mapping
from typing import Any

from steppe.worker import library_states
from steppe.worker.askers import LIBRARIES

Attributes = dict[str, dict[Any, Any]]
"""What modules hold, by their names; other objects by their dotted paths; what modules were told by `module()`."""

PRIVATE = "."
"""The name under which stand the private names that count."""

TOLD = "()"
"""How the name ends under which stands what a module was told."""

OWN = frozenset({"__main__", "builtins"})
"""Modules whose names are followed otherwise."""

OF_ERRORS = ("last_", "std", "displayhook", "excepthook", "ps1", "ps2")
"""Beginnings of names in `sys` that shells set."""


def handed_on(
    source: str, names: Iterable[str], namespace: Mapping[str, Any], imports: Mapping[str, str], *, anything: bool
) -> tuple[str, ...]:
    """Return the modules of libraries that code uses other than as `module.name`, by their names.

    Args:
        source: the code.
        names: the names that it reads.
        namespace: what they are bound to.
        imports: what it imports itself, as dotted paths, by the names that they get.
        anything: whether it may read any name (`exec`).
    """
    there = {name: namespace.get(name) for name in (namespace if anything else names)}
    there |= {name: sys.modules.get(path) for name, path in imports.items()}
    found = [
        value.__name__
        for name, value in there.items()
        if type(value) is types.ModuleType and (anything or _is_handed_on(name, source)) and _is_librarys(value)
    ]
    return tuple(dict.fromkeys(found))


def _is_handed_on(name: str, source: str) -> bool:
    """Tell whether a name stands in code without a dot after it."""
    if source.count(name) == source.count(f"{name}."):
        return False
    return bool(re.search(rf"(?<![\w.]){re.escape(name)}\b(?!\s*\.)", source))


def _is_librarys(module: types.ModuleType) -> bool:
    name = module.__name__
    file = getattr(module, "__file__", None)
    return name not in OWN and sys.modules.get(name) is module and (file is None or file.startswith(LIBRARIES))


def attributes(owners: Iterable[str]) -> Attributes:
    """Return what modules and other objects hold now.

    Args:
        owners: names of modules, dotted paths of objects in them, modules with TOLD for what they were told and
            private names that count, each after a dot.
    """
    owners = tuple(owners)
    private = frozenset(owner[1:] for owner in owners if owner.startswith("."))
    found = {owner: held for owner in owners if owner[0] != "." and (held := _held(owner, private)) is not None}
    return found | ({PRIVATE: dict.fromkeys(private)} if private and found else {})


def _held(owner: str, private: Container[str]) -> dict[Any, Any] | None:
    if owner.endswith(TOLD):
        return library_states.read(owner.removesuffix(TOLD)) or None
    if owner in sys.modules:
        return dict(vars(sys.modules[owner]))
    found = object_at(owner)
    return None if found is None else parts_of(found, private)


def object_at(path: str) -> Any:
    """Return what is at a dotted path, without running code for it; None where nothing is."""
    module, names = path, list[str]()
    while module and module not in sys.modules:
        module, _, name = module.rpartition(".")
        names.insert(0, name)
    found: Any = sys.modules.get(module)
    for name in names:
        kinds = found.__mro__ if isinstance(found, type) else (found,)
        found = next((vars(kind)[name] for kind in kinds if name in getattr(kind, "__dict__", ())), None)
    return found


MOST = 500
"""How many parts of an object are looked at."""

PYTHONS = frozenset(
    {"__annotations__", "__annotate__", "__abstractmethods__", "__dict__", "__weakref__", "__doc__", "__signature__"}
    | {"__static_attributes__", "__firstlineno__", "__conditional_annotations__", "__annotations_cache__"}
)
"""Names that Python itself sets on classes, also later."""

OF_STREAMS = frozenset({"builtins", "io", "_io", "ipykernel.iostream"})
"""Where the classes are of objects that change as they are used."""

HEAP, IMMUTABLE = 1 << 9, 1 << 8


def parts_of(value: Any, private: Container[str] = ()) -> dict[Any, Any] | None:
    """Return what an object that code may set something in holds, containers inside opened; None where that is none."""
    kind = type(value)
    if kind in (list, dict, set):
        return dict(_opened(value, (), 3))
    if isinstance(value, type):
        if not value.__flags__ & HEAP or value.__flags__ & IMMUTABLE:
            return None
        names = {name: held for name, held in vars(value).items() if name not in PYTHONS and _counts(name, private)}
    elif isinstance(value, types.FunctionType):
        own = {"__defaults__": value.__defaults__, "__kwdefaults__": value.__kwdefaults__, "__code__": value.__code__}
        names = {**own, **{name: held for name, held in vars(value).items() if name != "__wrapped__"}}
    elif kind.__module__ in OF_STREAMS or isinstance(value, types.ModuleType) or not hasattr(value, "__dict__"):
        return None
    else:
        names = {name: held for name, held in vars(value).items() if _counts(name, private)}
    return {key: part for name, held in names.items() for key, part in _opened(held, (name,), 2)}


def _counts(name: str, private: Container[str]) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__")) or name in private


def _opened(value: Any, path: tuple[Any, ...], depth: int) -> Iterable[tuple[tuple[Any, ...], Any]]:
    """Yield what a container holds, each part with the way to it, and the container itself."""
    yield path, value
    if not depth or type(value) not in (list, dict, set) or len(value) > MOST:
        return
    if isinstance(value, set):
        yield from (((*path, id(each)), each) for each in value)
        return
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield from _opened(part, (*path, key), depth - 1)


def rebound(before: Attributes) -> str:
    """Return `module.name` of what is another in a library than before, or new there; nothing where all is the same."""
    private = before.get(PRIVATE, {})
    for owner, held in before.items():
        now = {} if owner == PRIVATE else _held(owner, private) or {}
        if owner == PRIVATE:
            continue
        if owner.endswith(TOLD):
            told = next((name for name in held if _is_other(held[name], now.get(name))), "")
        elif [*map(id, held.values())] == [*map(id, now.values())] and [*held] == [*now]:
            continue
        else:
            told = _set_in(owner, held, now, private) if owner in sys.modules else _changed_in(owner, held, now)
        if told:
            return f"{owner.removesuffix(TOLD)}.{told}"
    return ""


def _is_other(before: Any, now: Any) -> bool:
    """Tell whether what was told is another: handlers of the user's are compared, and may raise anything."""
    try:
        return bool(before != now)
    except Exception:
        return True


def _set_in(module: str, held: dict[str, Any], now: dict[str, Any], private: Container[str]) -> str:
    """Return the name of what was set in a module, or is gone."""
    for name in sorted({*held, *now}):
        if (name.startswith("_") and name not in private) or (module == "sys" and name.startswith(OF_ERRORS)):
            continue
        if name not in now or (name in held and now[name] is not held[name]):
            return name
        if name not in held and not _is_own(module, now[name]):
            return name
    return ""


def _changed_in(owner: str, held: dict[Any, Any], now: dict[Any, Any]) -> str:
    """Return the name of what was set in an object, or is gone; empty where only the library has made a part of it."""
    there = {id(part) for part in held.values()}
    for key in (*held, *(key for key in now if key not in held)):
        if key in now and (now[key] is held.get(key, there) or _is_made(owner, now[key], there)):
            continue
        return str(next(iter(key), "…"))
    return ""


def _is_made(owner: str, value: Any, there: set[int]) -> bool:
    """Tell whether a part of an object comes from its own package and was not there before: it has made it itself."""
    plain = value is None or isinstance(value, bool | int | float | complex | str | bytes | tuple | list | dict | set)
    return not plain and id(value) not in there and _is_own(owner, value)


def _is_own(module: str, value: Any) -> bool:
    """Tell whether something that is new in a module comes from its own package: it was made when it was asked for."""
    home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return isinstance(value, types.ModuleType) or str(home).partition(".")[0] == module.partition(".")[0]
