"""One import statement's line as a record."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from steppe.types import Struct


class Import(Struct, frozen=True, kw_only=True):
    """One name or module that is imported, wherever it stands in the cell.

    Attributes:
        module: `a.b` of `import a.b` and of `from a.b import c`; empty for `from . import c`.
        name: `c` of `from a.b import c`, `*` for all; None for `import a.b`.
        asname: the name that it is given, or None.
        level: how many dots stand before the module.
        top: whether it is surely reached: it stands outside functions, classes, branches, loops and `try`.
    """

    module: str
    name: str | None = None
    asname: str | None = None
    level: int = 0
    top: bool = True


def bound_by(imports: Iterable[Import]) -> dict[str, str]:
    """Return the names that imports bind, each with `module:` or `module:name`, dots first where it is relative."""
    found: dict[str, str] = {}
    for made in imports:
        if made.name == "*":
            continue
        module = "." * made.level + made.module
        if made.name is not None:
            found[made.asname or made.name] = f"{module}:{made.name}"
        elif made.asname is not None:
            found[made.asname] = f"{module}:"
        else:
            top = made.module.partition(".")[0]
            found[top] = f"{top}:"
    return found


def bound_otherwise(tree: ast.AST) -> Iterator[str]:
    """Yield the names that anything but an import binds or unbinds, in functions and classes too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        else:
            for field in ("name", "rest"):  # of functions, classes, handlers, patterns
                name = getattr(node, field, None)
                if isinstance(name, str) and not isinstance(node, ast.alias):
                    yield name
