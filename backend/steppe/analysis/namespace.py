"""Ways to the module's namespace other than by a name: `globals()`, frames, `sys.modules`. It only recognises them."""

from __future__ import annotations

import ast

from steppe.analysis.tree import dotted, text_of

ANYTHING = frozenset({"eval", "exec", "globals", "locals", "get_ipython"})
"""Builtins whose very mention, other than in the shapes below, may read or bind any name."""

FRAMES = frozenset(
    {"_getframe", "currentframe", "f_globals", "f_locals", "__globals__", "user_ns", "user_global_ns", "run_cell"}
)
"""Attributes through which any name of the module may be reached."""

REACHING = frozenset({"__subclasses__", "get_objects", "get_referrers"})
"""Attributes through which any value of the module may be reached, though none is bound."""

SOURCES = frozenset({"getsource", "getsourcelines", "getcomments", "findsource", "co_firstlineno"})
"""Functions and attributes that tell how code is written, beside what it means: they read the cells' texts."""

LOOKING = frozenset({"get", "keys", "values", "items", "copy", "__contains__", "__getitem__"})
"""Methods of a namespace that bind nothing."""

COPYING = frozenset({"list", "sorted", "len", "set", "dict", "tuple", "frozenset"})
"""Builtins that make something new of a namespace."""

HARMLESS_FOR_SHELL = frozenset({"str", "repr", "type", "bool", "print"})
"""Functions that only look at what `get_ipython()` returns, as checks for Colab do."""


def namespace_call(node: ast.AST) -> str:
    """Return `globals`, `locals` or `vars` where `node` calls it without arguments, else an empty text."""
    if (
        type(node) is ast.Call
        and type(node.func) is ast.Name
        and node.func.id in ("globals", "locals", "vars")
        and not node.args
        and not node.keywords
    ):
        return node.func.id
    return ""


def shell_call(node: ast.AST) -> bool:
    """Tell whether `node` is `get_ipython()`."""
    return type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == "get_ipython" and not node.args


def other_module(node: ast.Subscript) -> bool:
    """Tell whether `node` is an item of `sys.modules` that may be the notebook itself."""
    return dotted(node.value) == ("sys", "modules") and text_of(node.slice) in (None, "__main__")


def item_call(node: ast.Call) -> str | None:
    """Return the name of `globals().get("name")`, or None where the call is another."""
    func = node.func
    if type(func) is ast.Attribute and func.attr in ("get", "__getitem__", "__contains__") and node.args:
        return text_of(node.args[0])
    return None
