"""Variables of the environment that a module asks for while it is imported: what it becomes hangs on them.

`SCALE = os.environ["SCALE"]`, `if os.getenv("FAST"): …`. Its source is in every key that it may touch, and so is what
has been set in it since; what its import has read is told here, whether it has been imported yet or not.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from typing import Any

from steppe.types import Ingredient
from steppe.worker.observed import variable_version

DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)

ENVIRON = "os.environ: "
"""What the names of these ingredients begin with."""


def asked_in(tree: ast.Module) -> tuple[str, ...]:
    """Return the variables that a module's own statements ask for by name, and its functions that these use."""
    functions = {node.name: node for node in tree.body if isinstance(node, DEFS)}
    found: set[str] = set()
    used: set[str] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        for node in _run_by(todo.pop()):
            found.update(_asked(node))
            name = node.id if isinstance(node, ast.Name) else ""
            if name in functions and name not in used:
                used.add(name)
                todo += functions[name].body
    return tuple(sorted(found))


def _run_by(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what in it runs with it: all but the bodies of functions."""
    todo = [node]
    while todo:
        each = todo.pop()
        yield each
        if isinstance(each, DEFS):
            todo += [*each.decorator_list, each.args]
        elif not isinstance(each, ast.Lambda):
            todo += ast.iter_child_nodes(each)


def _asked(node: ast.AST) -> Iterator[str]:
    key: ast.expr | None = None
    if isinstance(node, ast.Call) and node.args:
        called: Any = node.func
        of_environ = isinstance(called, ast.Attribute) and _is_environ(called.value)
        key = node.args[0] if of_environ or getattr(called, "attr", getattr(called, "id", "")) == "getenv" else None
    elif isinstance(node, ast.Subscript) and _is_environ(node.value):
        key = node.slice
    elif isinstance(node, ast.Compare) and _is_environ(node.comparators[0]):
        key = node.left
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value


def _is_environ(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "environ"


def of_variables(names: Iterable[str]) -> Iterator[Ingredient]:
    """Yield what variables are now."""
    for name in sorted(names):
        yield Ingredient(kind="global", name=f"{ENVIRON}{name}", version=variable_version(name, os.environ.get(name)))
