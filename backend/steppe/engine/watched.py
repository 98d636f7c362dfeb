"""What of libraries is looked at while a cell runs: all that its code, or code that it reaches, can set something in.

Rules judge what code says. Whoever hands a class to a function, loops over modules or calls a method of the project's
own says nothing of the kind, so what it can reach is compared before and after.
"""

from __future__ import annotations

import ast
import functools
import importlib
import sys
import types
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.effects import Effect, ambient
from steppe.analysis.glance import Glance
from steppe.analysis.handed import CLASSES, handed, says_more
from steppe.analysis.namespace import ANYTHING
from steppe.analysis.published import QUIET_STDLIB
from steppe.analysis.remembered import remembered
from steppe.engine.materialise import reached
from steppe.engine.module_acts import sets_up, watched
from steppe.engine.session import Session
from steppe.engine.setup_rules import Get, path_of, without_loading
from steppe.worker.libraries import TOLD, handed_on, object_at
from steppe.worker.library_states import home_of, of_users
from steppe.worker.trace import unseen

SIMPLE = frozenset({int, float, complex, bool, str, bytes, type(None)})
"""Types of values in which nothing can be set."""

MOST = 200
"""How many parts of a container are looked at for classes and modules."""


def watched_by(session: Session, cell: Cell, project: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return what to look at while a cell runs, as `libraries.attributes` takes it.

    Args:
        session: the kernel's.
        cell: the cell.
        project: the project's modules whose code it may run; found by the names in the cell where it is None.
    """
    namespace, modules = session.setting.namespace, session.modules
    get = without_loading(namespace, lambda _: False)
    glances = [cell.glance, *_functions(session, cell, get)]
    found: set[str] = set()
    own: set[str] = set()
    paths: dict[str, str | None] = {}
    for seen in glances:
        anything = not seen.names.isdisjoint(ANYTHING)
        found.update(handed_on(cell.source, seen.names, namespace, seen.imported, anything=anything))

        def where(name: str, seen: Glance = seen) -> str | None:
            if name not in paths:
                paths[name] = path_of(name, get) or _imported(session, name)
            return seen.imported.get(name) or paths[name]

        stand = {name: where(name) for name in seen.names}
        says = seen is not cell.glance or any(stand.values()) or says_more(cell.source)
        named = remembered(handed, seen.tree, where) if says else frozenset()
        found |= named - {CLASSES}
        for name, path in stand.items():
            found.add(f"{home_of(path)}{TOLD}" if path and home_of(path) else "")
            value = get(name)
            own.add(path or type(value).__module__)
            if type(value) not in SIMPLE:
                found.update(_inside([value]))
            if CLASSES in named:
                found.update(_inside([[type(value)]]))
        if anything:
            found.update(_inside([[get(name)] for name in list(namespace) if name[0] != "_"]))
    if project is None:
        theirs = (path for path in own if modules.origin(path.partition(".")[0]) == "project")
        project = modules.closure({head for path in theirs for head in _heads(path) if head in sys.modules}).project
    found |= watched(project, modules)
    settled = {_settled(path, session) for path in found if path}
    return tuple(sorted(settled - {""}))


def called(session: Session, cell: Cell) -> Effect | None:
    """Return what a cell sets up through the project's modules, or its own functions, that nothing shows afterwards."""
    get = without_loading(session.setting.namespace, lambda _: False)
    glances = [cell.glance, *_functions(session, cell, get)]
    return next(filter(None, (sets_up(seen, get, session.modules, unseen=True) for seen in glances)), None)


def _functions(session: Session, cell: Cell, get: Get) -> Iterator[Glance]:
    """Yield what is known of the notebook's functions that a cell may call."""
    for name in reached(cell.glance.names, session.setting.namespace):
        value = get(name)
        kind = value if isinstance(value, type) else type(value)
        bases = [base for base in kind.__mro__ if base.__module__ == "__main__"]
        for member in [member for base in bases for member in vars(base).values()] or [value]:
            inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            code = getattr(inner, "__code__", None)
            found = session.sources.definition(code) if isinstance(code, types.CodeType) else None
            if found is not None and isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield found.glance


def _imported(session: Session, name: str) -> str | None:
    """Return the dotted path that a name was imported by in an earlier cell: of an object that knows none."""
    made = session.imported.get(name, "")
    return None if not made or made.startswith(".") else made.strip(":").replace(":", ".")


def _inside(values: list[Any]) -> Iterator[str]:
    """Yield the classes, modules and functions of libraries that values hold, by their paths; not the values' own."""
    todo, seen, own = list(values), set[int](), set(map(id, values))
    while todo and len(seen) < MOST + 2 * len(values):
        value = todo.pop()
        if type(value) in SIMPLE or id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        if isinstance(value, type | types.FunctionType | types.ModuleType) and id(value) not in own:
            yield path_of("", lambda _, value=value: value) or ""  # type: ignore[misc]  # bound right here
        if kind in (types.FunctionType, types.MethodType, functools.partial):
            todo += _carried(value)
        if kind in (list, tuple, set, frozenset, dict) and len(value) <= MOST:
            todo += [each for each in (*value, *(value.values() if kind is dict else ())) if type(each) not in SIMPLE]
        elif isinstance(value, type):
            todo += [*(vars(value).values() if value.__module__ == "__main__" else ()), *value.__bases__]
        elif kind.__module__ == "__main__" or kind is types.SimpleNamespace or kind.__module__ == "unittest.mock":
            todo.append(kind)
            with suppress(AttributeError):
                todo += object.__getattribute__(value, "__dict__").values()


def _carried(value: Any) -> Iterator[Any]:
    """Yield what a function carries with it."""
    if isinstance(value, functools.partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, types.MethodType):
        yield value.__self__
    elif value.__module__ in ("__main__", "unittest.mock"):
        yield from value.__defaults__ or ()
        for cell in value.__closure__ or ():
            with suppress(ValueError):
                yield cell.cell_contents


def _heads(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _settled(path: str, session: Session) -> str:
    """Return a path by which an object is known; empty for one that is not looked at."""
    if path.startswith("."):
        return path
    _load(path.removesuffix(TOLD))
    if path.endswith(TOLD):
        return path
    found = object_at(path)
    if isinstance(found, types.ModuleType):
        path = found.__name__
    elif session.modules.origin(path.partition(".")[0]) == "project":
        path = path_of("", lambda _: found) or ""
    origin = session.modules.origin(path.partition(".")[0])
    known = found is not None and origin in ("stdlib", "package") and not path.startswith(OWN)
    return path if known and not ambient(path) else ""


def _load(path: str) -> None:
    """Import what a path leads to of the standard library: code that does so itself is looked at from before."""
    if path.partition(".")[0] not in QUIET_STDLIB or any(map(of_users, sys.meta_path)):
        return
    above: Any = sys
    for head in _heads(path):
        if head in sys.modules:
            above = sys.modules[head]
            continue
        if head.startswith(UNLOADED) or ("." in head and not hasattr(above, "__path__")):
            return
        try:
            with unseen():
                above = importlib.import_module(head)
        except Exception:  # it is no module, or not here
            return


UNLOADED = ("antigravity", "this", "turtle", "tkinter", "idlelib", "lib2to3", "distutils", "__")
"""Modules whose import shows something, warns, or needs a screen."""

OWN = ("sys.modules", "sys.path", "sys.std", "sys.__std", "sys.argv", "builtins", "__main__")
"""What Python itself changes as it imports and writes, and what is followed otherwise."""
