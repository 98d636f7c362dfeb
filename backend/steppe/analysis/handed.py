"""Which objects code hands on, or sets something in, by their dotted paths: whoever is given one may set what it likes.

`Fraction.unit = 3` says what it does. `F = Fraction; F.unit = 3` and `patch(Fraction)` do not, so the objects that
stand in code on their own are looked at while it runs. What is called, inherited from, compared with or asked for an
attribute is not handed on by that.
"""

from __future__ import annotations

import ast
import re
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
    found: set[str] = set()
    paths: dict[str, str | None] = {}
    stack: list[Any] = [tree]
    pop, push, extend, shapes = stack.pop, stack.append, stack.extend, SHAPES

    def ask(node: Any) -> str:
        """Go past a chain of names that is only asked; return the name that it begins with."""
        while node.__class__ is ast.Attribute:
            if node.attr in OF_ATTRIBUTE:
                found.add(OF_ATTRIBUTE[node.attr])
            node = node.value
        if node.__class__ is ast.Name:
            return node.id
        push(node)
        return ""

    while stack:  # by the exact kind, and in one loop: each new cell pays for it
        node = pop()
        kind = node.__class__
        if kind is ast.Name or kind is ast.Attribute:
            if node.ctx.__class__ is not ast.Load:
                if kind is ast.Attribute:
                    found.update(_set_under(node))
                    push(node.value)
            elif root := ask(node):
                if root not in paths:
                    paths[root] = where(root)
                if path := paths[root]:
                    found.add(".".join((path, *(dotted(node) or ())[1:])))
        elif kind is ast.Constant:
            if node.value.__class__ is str and _is_private(node.value) and node.value.isidentifier():
                found.add(f".{node.value}")
        elif kind is ast.Call:
            root = ask(node.func)
            name = root if node.func.__class__ is ast.Name else ""
            if name == "type":
                found.add(CLASSES)
            elif node.func.__class__ is ast.Attribute and node.func.attr in CHANGING:
                push(node.func.value)
            if text := _patched(node):
                found.add(text)
            for part in node.args:
                (ask if name in ASKING else push)(part)
            for part in node.keywords:
                (ask if part.arg in ASKED_BY else push)(part.value)
        elif kind is ast.ExceptHandler:
            for part in getattr(node.type, "elts", (node.type,)):
                ask(part)
            extend(node.body)
        else:
            singles, lists = shapes[kind]
            asked = ASKED_IN.get(kind, ())
            for field in singles:
                (ask if field in asked else push)(getattr(node, field))
            for field in lists:
                if field in asked:
                    for part in getattr(node, field):
                        ask(part)
                else:
                    extend(getattr(node, field))
    return frozenset(found)


def says_more(source: str) -> bool:
    """Tell whether `handed` may find something though no name in code stands for a path; yes may be wrong."""
    return not source.isascii() or any(word in source for word in _MORE) or _PRIVATE.search(source) is not None


_MORE = ("\\", "type", "mro", "register", "patch")
_PRIVATE = re.compile(r"_(?<!\w_)")

OF_ATTRIBUTE = dict.fromkeys(("__class__", "__bases__", "__base__", "__mro__", "mro"), CLASSES) | {"register": ABSTRACT}
"""What code asks for, or tells, by an attribute's name: a class in which it might set something."""

ASKED_BY = frozenset({"dtype", "file"})
"""Keywords of calls whose values are only asked."""

ASKED_IN: dict[type, tuple[str, ...]] = {
    ast.ClassDef: ("bases", "decorator_list"),
    ast.FunctionDef: ("decorator_list", "returns"),
    ast.AsyncFunctionDef: ("decorator_list", "returns"),
    ast.arg: ("annotation",),
    ast.AnnAssign: ("annotation",),
    ast.Compare: ("comparators",),
}
"""The fields of other nodes whose parts are only asked."""


def _is_private(name: str) -> bool:
    return name[:1] == "_" and not name.endswith("__")


def _set_under(node: ast.Attribute) -> Iterable[str]:
    """Yield what the name says under which something is set."""
    if _is_private(node.attr):
        yield f".{node.attr}"
    if node.attr in OF_ATTRIBUTE:
        yield OF_ATTRIBUTE[node.attr]


def _patched(node: ast.Call) -> str:
    """Return the path of the object that a patch by a text sets something in: `patch("math.pi", 3)`."""
    text = text_of(node.args[0]) if node.args else None
    return text.rpartition(".")[0] if text and "patch" in (dotted(node.func) or ()) else ""
