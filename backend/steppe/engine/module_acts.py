"""Which functions of the project's modules set something up in a library: found in their source, and what they call.

A cell that calls one acts elsewhere although nothing in it says so: `writer = helpers.writer()`, where that registers a
dialect. Only what the published lists name, and attributes that are set, count here: of a module's functions, unlike
of a cell's own lines, most that call an unknown library only use it.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from steppe.analysis.effects import Act, Effect, ambient, effects_of, known_to_act
from steppe.analysis.glance import Glance
from steppe.analysis.handed import handed
from steppe.analysis.tree import dotted, walk
from steppe.engine.modules import Modules
from steppe.engine.setup_rules import Get, path_of, settled
from steppe.worker import contents
from steppe.worker.libraries import TOLD, object_at
from steppe.worker.library_states import SEEN, home_of

STORED = "= …"
"""How the words of an effect end that sets an attribute."""


class Function(NamedTuple):
    """A function or a class's method: the libraries' paths that it acts on, the paths that it calls, those it names."""

    acts: tuple[str, ...]
    calls: tuple[str, ...]
    mentions: tuple[str, ...]


def sets_up(glance: Glance, get: Get, modules: Modules, *, unseen: bool = False) -> Effect | None:
    """Return what code sets up by calling functions of the project's modules, or None where none of them does.

    Args:
        glance: the code.
        get: gives what a name of the notebook is bound to.
        modules: the modules that are loaded.
        unseen: leave out what is seen when it has happened (see `watched`), and take functions that are handed on, and
            what objects do of their own accord, for called.
    """
    for node in walk(glance.tree) if unseen else glance.judged:
        func = node.func if isinstance(node, ast.Call) else node if unseen else None
        if isinstance(func, ast.Name | ast.Attribute) and (path := _path(func, glance, get)):
            found = _acts_on(path, modules, set(), unseen=unseen)
            if found:
                called = f"{ast.unparse(func)}(), which acts on {found}"
                return Effect(Act.SETUP, called, found if unseen else path, lineno=func.lineno)
    return None


def watched(project: Iterable[str], modules: Modules) -> set[str]:
    """Return what to look at while code of the project's modules may run: objects and settings that it can reach.

    Args:
        project: the modules' names; one that is not loaded yet may be imported by that code.
        modules: the modules that are loaded.
    """
    found: set[str] = set()
    for name in project:
        file = (modules.locate(name) or ("", False))[0]
        if file.endswith(".py"):
            found |= _inside(file, name, contents.status(file)).owners
    return found


def _path(func: ast.expr, glance: Glance, get: Get) -> str:
    """Return the dotted path of what is called: of a module, or of the class of the value whose method it is."""
    names = dotted(func)
    if not names:
        return ""
    root, *rest = names
    path = glance.imported.get(root) or path_of(root, get)
    if path is None:
        kind: Any = type(get(root))
        path = f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ not in ("builtins", "__main__") else None
    return ".".join((path, *rest)) if path else ""


def _acts_on(path: str, modules: Modules, seen: set[str], *, unseen: bool = False) -> str:
    """Return what a function acts on, itself or by what it calls; empty where it is nothing that is known."""
    if path in seen or modules.origin(path.partition(".")[0]) != "project":
        return ""
    seen.add(path)
    parts = path.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    module = next((head for head in heads if head in sys.modules), "")
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    if not file.endswith(".py"):
        return ""
    inside = _inside(file, module, contents.status(file)).functions
    name = path[len(module) + 1 :]
    if name not in inside and (known := _canonical(path)) != path:
        return _acts_on(known, modules, seen, unseen=unseen)
    named = [inside[each] for each in (name, f"{name}.__init__") if each in inside][:1]
    if unseen:
        named += [inside[each] for each in inside if each.startswith(f"{name}.") and each.endswith("__")]
    for function in named:
        outside = (each for each in function.acts if modules.origin(each.partition(".")[0]) != "project")
        if found := next((each for each in outside if not unseen or _is_unseen(each)), ""):
            return found
        calls = function.mentions if unseen else function.calls
        if found := next(filter(None, (_acts_on(each, modules, seen, unseen=unseen) for each in calls)), ""):
            return found
    return ""


def _canonical(path: str) -> str:
    """Return where a function, class or instance at a path was defined: passed on by a module, or by a base class."""
    parent, _, last = path.rpartition(".")
    found = object_at(path)
    if found is None and parent and (holder := object_at(parent)) is not None and not isinstance(holder, type):
        kind: Any = type(holder)
        return f"{kind.__module__}.{kind.__qualname__}.{last}"
    found = getattr(found, "__func__", found)
    kind = found if isinstance(found, type | types.FunctionType) else type(found)
    return path if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _is_unseen(path: str) -> bool:
    """Tell whether nothing shows afterwards that a function was called: attributes that are set are looked at."""
    return known_to_act(path) and not path.startswith(SEEN)


class Inside(NamedTuple):
    """What is found in a module's source: its functions by their qualified names, and what it hands on or imports."""

    functions: dict[str, Function]
    owners: frozenset[str]


@functools.lru_cache(256)
def _inside(file: str, module: str, _status: Any) -> Inside:
    """Read a module's source."""
    try:
        with open(file, "rb") as opened:
            tree = ast.parse(opened.read())
    except (OSError, SyntaxError, ValueError):
        return Inside({}, frozenset())
    package = module if os.path.basename(file).startswith("__init__.") else module.rpartition(".")[0]
    imported = {name: path for node in walk(tree) for name, path in _made_by(node, package)}
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    places = {name: f"{module}.{name}" for name in own} | imported
    functions = {name: _function(node, owner, places) for name, owner, node in _defined(tree.body, "", module)}
    owners = {each for each in handed(tree, places.get) if not ambient(each)}
    if any(isinstance(node, ast.Name) and node.id in ("exec", "eval", "globals") for node in walk(tree)):
        owners |= {*imported.values()}
    told = {f"{home}{TOLD}" for path in imported.values() if (home := home_of(path))}
    return Inside(functions, frozenset(owners | told))


def _function(node: ast.AST, owner: str, places: dict[str, str]) -> Function:
    found = [settled(effect) for effect in effects_of(Glance(node), places.get)]
    acts = [
        effect.path
        for effect in found
        if effect.act is Act.SETUP and (known_to_act(effect.path) or effect.what.endswith(STORED))
    ]
    calls, mentions = [], []
    for each in walk(node):
        names = dotted(each) if isinstance(each, ast.Name | ast.Attribute) else None
        if names and (path := _placed(names, owner, places)):
            mentions.append(path)
        names = dotted(each.func) if isinstance(each, ast.Call) else None
        if names and (path := _placed(names, owner, places)):
            calls.append(path)
    return Function(tuple(acts), tuple(dict.fromkeys(calls)), tuple(dict.fromkeys(mentions)))


def _placed(names: tuple[str, ...], owner: str, places: dict[str, str]) -> str:
    root = owner if names[0] in ("self", "cls") and owner else places.get(names[0], "")
    return ".".join((root, *names[1:])) if root else ""


def _defined(body: list[ast.stmt], prefix: str, module: str) -> Iterator[tuple[str, str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", f"{module}.{prefix}".rstrip(".") if prefix else "", node
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node.body, f"{prefix}{node.name}.", module)
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from _defined(getattr(node, field, []), prefix, module)


def _made_by(node: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an import in a package's module binds, with their dotted paths."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        above = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
        head = ".".join(filter(None, (above, node.module)))
        for alias in node.names:
            yield alias.asname or alias.name, f"{head}.{alias.name}" if head else alias.name
