"""Whether a step goes by that something is not there yet that it then makes: what it has left itself is another start.

A folder that is made where it may be there already, or that is made after a look whether it is there, is the same the
next time. What has to be the first of its name is not.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
from collections.abc import Iterable
from typing import Any

from steppe.worker.askers import asked_by_user

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


def has_to_be_first(frame: Any) -> bool:
    """Tell whether a folder that a frame makes may not be there already.

    Args:
        frame: what calls `os.mkdir`: the user's code, or a function of the standard library for it.
    """
    name, file = frame.f_code.co_name, frame.f_code.co_filename
    if file.endswith("tempfile.py") or not asked_by_user(frame):
        return False
    if name == "makedirs" and os.path.basename(file) in ("os.py", "<frozen os>"):
        return frame.f_back.f_code is not frame.f_code and not frame.f_locals.get("exist_ok")
    if name == "mkdir" and "pathlib" in file:
        return not frame.f_locals.get("exist_ok")
    return True


def is_exclusive(mode: Any, flags: int) -> bool:
    """Tell whether a file is opened that may not be there already."""
    if isinstance(mode, str):
        return "x" in mode
    if not flags & os.O_EXCL:
        return False
    return not sys._getframe(3).f_code.co_filename.endswith("tempfile.py")  # noqa: SLF001  # their names are made up


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
