"""Whether a step asks if a folder is there for nothing but to make it: then one that it has left itself is as good."""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Iterable

MAKERS = frozenset({"mkdir", "makedirs"})
PLAIN = frozenset({"exists", "lexists", "isdir", "is_dir", "isfile", "is_file"}) | {
    "Path",
    "PurePath",
    "join",
    "joinpath",
    "str",
    "format",
    "abspath",
    "expanduser",
    "dirname",
}
"""Functions that only look, or put a path together."""


def only_makes(places: Iterable[tuple[str, int]]) -> bool:
    """Tell whether code asked whether a folder is there for nothing but to make it: `if not exists(d): mkdir(d)`.

    Args:
        places: the file and the line of each piece of code that asked.
    """
    places = list(places)
    return bool(places) and all(line in _making_lines(file) for file, line in places)


@functools.lru_cache(maxsize=256)
def _making_lines(file: str) -> frozenset[int]:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return frozenset()
    lines: set[int] = set()
    for node in ast.walk(tree):
        asked = _asked_before_making(node)
        if asked is not None:
            lines.update(range(asked.lineno, (asked.end_lineno or asked.lineno) + 1))
    return frozenset(lines)


def _asked_before_making(node: ast.AST) -> ast.expr | None:
    """Return what is asked in a statement that makes a folder where there is none, and does nothing else."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not):
        made = [step for step in node.body if not isinstance(step, ast.Pass)]
        if not node.orelse and made and all(isinstance(step, ast.Expr) and _makes(step.value) for step in made):
            return node.test if _is_plain(node.test) else None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.BoolOp) and isinstance(node.value.op, ast.Or):
        asked, *rest = node.value.values
        if len(rest) == 1 and _makes(rest[0]) and _is_plain(asked):
            return asked
    return None


def _makes(node: ast.expr) -> bool:
    parts = [*node.args, *(each.value for each in node.keywords)] if isinstance(node, ast.Call) else []
    return isinstance(node, ast.Call) and _name(node) in MAKERS and all(map(_is_plain, parts))


def _is_plain(node: ast.expr) -> bool:
    return not any(
        isinstance(part, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom)
        or (isinstance(part, ast.Call) and _name(part) not in PLAIN)
        for part in ast.walk(node)
    )


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
