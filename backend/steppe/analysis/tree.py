"""Walking over Python syntax trees, fast. Knows the shape of trees, not what they mean."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

PLAIN = frozenset(
    {
        "arg",
        "asname",
        "attr",
        "conversion",
        "ctx",
        "id",
        "is_async",
        "kind",
        "kwd_attrs",
        "level",
        "module",
        "op",
        "ops",
    }
    | {"rest", "simple", "str", "type_comment"}
)
"""Fields that hold no node worth a visit: text, numbers, flags, and operators, which have no parts."""

PLAIN_IN = {
    ast.Constant: {"value"},
    ast.MatchSingleton: {"value"},
    ast.Global: {"names"},
    ast.Nonlocal: {"names"},
    ast.FunctionDef: {"name"},
    ast.AsyncFunctionDef: {"name"},
    ast.ClassDef: {"name"},
    ast.ExceptHandler: {"name"},
    ast.MatchAs: {"name"},
    ast.MatchStar: {"name"},
    ast.alias: {"name"},
    **{getattr(ast, kind): {"name"} for kind in ("TypeVar", "ParamSpec", "TypeVarTuple") if hasattr(ast, kind)},
}
"""Fields that hold plain text in one class of node and a node in another."""


def _fields(cls: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a class of node that may hold nodes, in their order."""
    return tuple(field for field in cls._fields if field not in PLAIN and field not in PLAIN_IN.get(cls, ()))


class _Parts(dict[type[ast.AST], tuple[str, ...]]):
    """Fields that may hold nodes, by class of node, found when a class is first met."""

    def __missing__(self, cls: type[ast.AST]) -> tuple[str, ...]:
        found = self[cls] = _fields(cls)
        return found


PARTS = _Parts()


_LISTS = frozenset(
    {"args", "bases", "body", "cases", "comparators", "decorator_list", "defaults", "elts", "finalbody", "generators"}
    | {"handlers", "ifs", "items", "keys", "keywords", "kw_defaults", "kwd_patterns", "kwonlyargs", "names", "orelse"}
    | {"patterns", "posonlyargs", "targets", "type_ignores", "type_params", "values"}
)
"""Fields that hold a list of nodes."""

_SINGLE_IN = {
    ast.AsyncFunctionDef: {"args"},
    ast.Expression: {"body"},
    ast.FunctionDef: {"args"},
    ast.IfExp: {"body", "orelse"},
    ast.Lambda: {"args", "body"},
}
"""Fields that hold a list in other classes of node, and one node in these."""


class _Shapes(dict[type, tuple[tuple[str, ...], tuple[str, ...]]]):
    """By class of node: the fields that hold one node or None, and those that hold a list of them."""

    def __missing__(self, cls: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
        fields = PARTS[cls] if issubclass(cls, ast.AST) else ()
        lists = tuple(field for field in fields if field in _LISTS and field not in _SINGLE_IN.get(cls, ()))
        found = self[cls] = tuple(field for field in fields if field not in lists), lists
        return found


SHAPES = _Shapes()
"""For loops that go through whole trees: None, which stands for what is not there, has no parts."""


_WARNS = re.compile(
    r"""\\[^\n\r\\'"abfnrtvxNuU0-7]|\\[4-7][0-7][0-7]|[0-9a-fA-F_.jJ](?:and|else|for|if|in|is|not|or)\b"""
)
"""What the parser may warn of: escapes in plain strings that mean nothing, numbers that run into keywords."""

BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing raises for text that is no code."""


def parse(source: str) -> ast.Module:
    """Parse a source without a word: the warnings that it deserves are given when it is run.

    Raises:
        SyntaxError: it is not valid (as do, for odd ones, ValueError, RecursionError and MemoryError: see BROKEN).
    """
    return _quietly(source, "exec")  # type: ignore[return-value]  # what that mode makes


def parse_expression(source: str) -> ast.expr:
    """Parse one expression, likewise."""
    return _quietly(source.strip(), "eval").body  # type: ignore[attr-defined, no-any-return]  # what that mode makes


def _quietly(source: str, mode: str) -> ast.AST:
    if not _WARNS.search(source):
        return ast.parse(source, mode=mode)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode=mode)


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Iterate over the nodes right under `node`, in the order of their fields."""
    for field in PARTS[type(node)]:
        part = getattr(node, field, None)
        if isinstance(part, list):
            for item in part:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(part, ast.AST):
            yield part


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Iterate over `node` and all under it, in no order to rely on."""
    parts = PARTS
    stack = [node]
    pop, push = stack.pop, stack.append
    while stack:
        node = pop()
        yield node
        for field in parts[type(node)]:
            part = getattr(node, field, None)
            if part.__class__ is list:
                stack.extend([item for item in part if isinstance(item, ast.AST)])
            elif isinstance(part, ast.AST):
                push(part)


def dotted(node: ast.AST) -> tuple[str, ...] | None:
    """Return the names of `a.b.c`, or None where `node` is anything but a chain that begins with a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    names.append(node.id)
    return tuple(reversed(names))


def text_of(node: ast.AST | None) -> str | None:
    """Return the text of a string literal, or None where `node` is anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
