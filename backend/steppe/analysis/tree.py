"""Walking over Python syntax trees, fast. Knows the shape of trees, not what they mean."""

from __future__ import annotations

import ast
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
