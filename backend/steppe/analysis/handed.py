"""Which objects code hands on, or sets something in, by their dotted paths: whoever is given one may set what it likes.

`Fraction.unit = 3` says what it does. `F = Fraction; F.unit = 3` and `patch(Fraction)` do not, so the objects that
stand in code on their own are looked at while it runs. What is called, inherited from, compared with or asked for an
attribute is not handed on by that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from steppe.analysis.published import MUTATING
from steppe.analysis.tree import SHAPES, dotted, text_of

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
    stack: list[Any] = [tree]
    pop, push, extend, shapes = stack.pop, stack.append, stack.extend, SHAPES
    while stack:  # by the exact kind, and in one loop: each new cell pays for it
        node = pop()
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is ast.Load:
                chains.append(node)
            continue
        if kind is ast.Constant:
            if type(node.value) is str and _is_private(node.value) and node.value.isidentifier():
                found.add(f".{node.value}")
            continue
        if kind is ast.Attribute:
            if node.ctx.__class__ is ast.Load:
                chains.append(node)
                asked.add(id(node.value))
            elif _is_private(node.attr):
                found.add(f".{node.attr}")
            found.update(OF_ATTRIBUTE.get(node.attr, ()))
        elif kind is ast.Call:
            asked.update(map(id, _only_asked(node)))
            found.update(_told(node, changed))
        elif kind in PARTS:
            asked.update(map(id, PARTS[kind](node)))
        singles, lists = shapes[kind]
        for field in singles:
            push(getattr(node, field))
        for field in lists:
            extend(getattr(node, field))
    roots: dict[str, str | None] = {}
    for node in chains:
        if id(node) in asked and id(node) not in changed:
            continue
        names = (node.id,) if type(node) is ast.Name else dotted(node)
        if not names:
            continue
        if names[0] not in roots:
            roots[names[0]] = where(names[0])
        if root := roots[names[0]]:
            found.add(".".join((root, *names[1:])))
    return frozenset(found)


OF_ATTRIBUTE = dict.fromkeys(("__class__", "__bases__", "__base__", "__mro__", "mro"), (CLASSES,)) | {
    "register": (ABSTRACT,)
}
"""What code asks for, or tells, by an attribute's name: a class in which it might set something."""


def _is_private(name: str) -> bool:
    return name[:1] == "_" and not name.endswith("__")


def _told(node: ast.Call, changed: set[int]) -> Iterable[str]:
    """Yield what a call says that it sets or asks for; note the object that its method changes."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
        changed.add(id(node.func.value))
    if isinstance(node.func, ast.Name) and node.func.id == "type":
        yield CLASSES
    if text := _patched(node):
        yield text


def _patched(node: ast.Call) -> str:
    """Return the path of the object that a patch by a text sets something in: `patch("math.pi", 3)`."""
    names = dotted(node.func) or ()
    return (text_of(node.args[0]) or "").rpartition(".")[0] if "patch" in names and node.args else ""


def _only_asked(node: ast.Call) -> Iterable[ast.AST]:
    """Return the parts of a call that it only asks."""
    asks = isinstance(node.func, ast.Name) and node.func.id in ASKING
    told = (each.value for each in node.keywords if each.arg in ("dtype", "file"))
    return (node.func, *(node.args if asks else ()), *told)


PARTS: dict[type, Callable[[Any], Iterable[ast.AST | None]]] = {
    ast.ClassDef: lambda node: (*node.bases, *node.decorator_list),
    ast.FunctionDef: lambda node: (*node.decorator_list, node.returns),
    ast.AsyncFunctionDef: lambda node: (*node.decorator_list, node.returns),
    ast.arg: lambda node: (node.annotation,),
    ast.AnnAssign: lambda node: (node.annotation,),
    ast.ExceptHandler: lambda node: (*getattr(node.type, "elts", ()), node.type),
    ast.Compare: lambda node: node.comparators,
}
"""The parts of other nodes that they only ask."""
