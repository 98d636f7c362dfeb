"""Which objects code hands on, or sets something in, by their dotted paths: whoever is given one may set what it likes.

`Fraction.unit = 3` says what it does. `F = Fraction; F.unit = 3` and `patch(Fraction)` do not, so the objects that
stand in code on their own are looked at while it runs. What is called, inherited from, compared with or asked for an
attribute is not handed on by that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from steppe.analysis.published import MUTATING
from steppe.analysis.tree import dotted, text_of, walk

ASKING = frozenset({"isinstance", "issubclass", "super", "repr", "str", "len", "print", "type", "id"})
"""Builtins that are given what they only look at."""

CLASSES = "type()"
"""Stands in what `handed` returns for the classes of all that the code reads: it asks for one."""

ABSTRACT = "abc()"
"""Stands there for what abstract classes were told of others, by their `register`: no attribute of theirs shows it."""

CHANGING = MUTATING | {"add", "sort", "reverse", "register", "__setitem__", "__setattr__", "difference_update"}
"""Methods that change the object whose they are."""


def handed(tree: ast.AST, where: Callable[[str], str | None]) -> frozenset[str]:
    """Return the dotted paths of what code hands on, or sets something in.

    With them come CLASSES, ABSTRACT, and the private names that it sets something under, each after a dot: what
    libraries set in themselves under other private names is their own affair.

    Args:
        tree: the code.
        where: tells the dotted path that a name stands for, or None.
    """
    asked: set[int] = set()
    changed: set[int] = set()
    chains: list[ast.expr] = []
    found: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            chains.append(node)
        asked.update(map(id, _asked(node)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            changed.add(id(node.func.value))
        if isinstance(node, ast.Call) and (text := _patched(node)):
            found.add(text)
        if _asks_class(node):
            found.add(CLASSES)
        found.update(f".{name}" for name in _private(node))
        if isinstance(node, ast.Attribute) and node.attr == "register":
            found.add(ABSTRACT)
    for node in chains:
        if (id(node) in asked and id(node) not in changed) or not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
            continue
        names = dotted(node)
        root = where(names[0]) if names else None
        if names and root:
            found.add(".".join((root, *names[1:])))
    return frozenset(found)


def _patched(node: ast.Call) -> str:
    """Return the path of the object that a patch by a text sets something in: `patch("math.pi", 3)`."""
    names = dotted(node.func) or ()
    return (text_of(node.args[0]) or "").rpartition(".")[0] if "patch" in names and node.args else ""


def _private(node: ast.AST) -> Iterable[str]:
    """Return the private name under which a node sets or deletes an attribute."""
    name: str | None = None
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        name = node.attr
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        name = node.value
    return (name,) if name and name.startswith("_") and not name.endswith("__") else ()


def _asks_class(node: ast.AST) -> bool:
    """Tell whether code asks for a class in which it might set something."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("__class__", "__bases__", "__base__", "__mro__", "mro")
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


def _asked(node: ast.AST) -> Iterable[ast.AST | None]:
    """Yield the parts of a node that it only asks."""
    if isinstance(node, ast.Attribute):
        return (node.value,) if isinstance(node.ctx, ast.Load) else ()
    if isinstance(node, ast.Call):
        asks = isinstance(node.func, ast.Name) and node.func.id in ASKING
        told = (each.value for each in node.keywords if each.arg in ("dtype", "file"))
        return (node.func, *(node.args if asks else ()), *told)
    if isinstance(node, ast.ClassDef):
        return (*node.bases, *node.decorator_list)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return (*node.decorator_list, node.returns)
    if isinstance(node, ast.arg | ast.AnnAssign):
        return (node.annotation,)
    if isinstance(node, ast.ExceptHandler):
        return (*getattr(node.type, "elts", ()), node.type)
    return node.comparators if isinstance(node, ast.Compare) else ()
