"""Which functions of the project's modules set something up in a library: found in their source, and what they call.

A cell that calls one acts elsewhere although nothing in it says so: `writer = helpers.writer()`, where that registers a
dialect. Only what the published lists name, and attributes that are set, count here: of a module's functions, unlike
of a cell's own lines, most that call an unknown library only use it.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from steppe.analysis.effects import Act, Effect, effects_of, known_to_act
from steppe.analysis.glance import Glance
from steppe.analysis.tree import dotted
from steppe.engine.modules import Modules
from steppe.engine.setup_rules import Get, path_of, settled
from steppe.worker import contents

STORED = "= …"
"""How the words of an effect end that sets an attribute."""


class Function(NamedTuple):
    """A function or a class's method: the libraries' paths that it acts on, and the dotted paths that it calls."""

    acts: tuple[str, ...]
    calls: tuple[str, ...]


def sets_up(glance: Glance, get: Get, modules: Modules) -> Effect | None:
    """Return what a cell sets up by calling functions of the project's modules, or None where none of them does.

    Args:
        glance: the cell.
        get: gives what a name of the notebook is bound to.
        modules: the modules that are loaded.
    """
    for node in glance.judged:
        if isinstance(node, ast.Call) and (path := _path(node.func, glance, get)):
            found = _acts_on(path, modules, set())
            if found:
                return Effect(Act.SETUP, f"{ast.unparse(node.func)}(), which acts on {found}", path, lineno=node.lineno)
    return None


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


def _acts_on(path: str, modules: Modules, seen: set[str]) -> str:
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
    inside = _functions(file, module, contents.status(file))
    name = path[len(module) + 1 :]
    function = inside.get(name) or inside.get(f"{name}.__init__")
    if function is None:
        return ""
    outside = [each for each in function.acts if modules.origin(each.partition(".")[0]) != "project"]
    return next(iter(outside), "") or next(filter(None, (_acts_on(each, modules, seen) for each in function.calls)), "")


@functools.lru_cache(256)
def _functions(file: str, module: str, _status: Any) -> dict[str, Function]:
    """Return a module's functions and methods by their qualified names."""
    try:
        with open(file, "rb") as opened:
            tree = ast.parse(opened.read())
    except (OSError, SyntaxError, ValueError):
        return {}
    imported = {name: path for node in ast.walk(tree) for name, path in _made_by(node, module)}
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    places = {name: f"{module}.{name}" for name in own} | imported
    return {name: _function(node, owner, places) for name, owner, node in _defined(tree.body, "", module)}


def _function(node: ast.AST, owner: str, places: dict[str, str]) -> Function:
    found = [settled(effect) for effect in effects_of(Glance(node), places.get)]
    acts = [
        effect.path
        for effect in found
        if effect.act is Act.SETUP and (known_to_act(effect.path) or effect.what.endswith(STORED))
    ]
    calls = []
    for each in ast.walk(node):
        names = dotted(each.func) if isinstance(each, ast.Call) else None
        if names:
            root = owner if names[0] in ("self", "cls") and owner else places.get(names[0], "")
            calls += [".".join((root, *names[1:]))] if root else []
    return Function(tuple(acts), tuple(dict.fromkeys(calls)))


def _defined(body: list[ast.stmt], prefix: str, module: str) -> Iterator[tuple[str, str, ast.AST]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", f"{module}.{prefix}".rstrip(".") if prefix else "", node
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node.body, f"{prefix}{node.name}.", module)
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from _defined(getattr(node, field, []), prefix, module)


def _made_by(node: ast.AST, module: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, with their dotted paths."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(node, ast.ImportFrom):
        above = ".".join(module.split(".")[: -node.level or None]) if node.level else ""
        head = ".".join(filter(None, (above, node.module)))
        for alias in node.names:
            yield alias.asname or alias.name, f"{head}.{alias.name}" if head else alias.name
