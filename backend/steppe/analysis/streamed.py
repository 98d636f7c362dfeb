"""Names that code gives to `steppe.stream` and uses for nothing else: what they stand for need not be loaded."""

from __future__ import annotations

import ast
from collections import Counter

from steppe.analysis.tree import walk


def streamed_names(tree: ast.AST) -> frozenset[str]:
    """Return the names that stand nowhere but as what is streamed: `steppe.stream(name)`, or in a dict of such."""
    given: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for node in walk(tree):
        if isinstance(node, ast.Name):
            there[node.id] += 1
        elif isinstance(node, ast.Call) and _is_stream(node.func) and node.args:
            first = node.args[0]
            values = first.values if isinstance(first, ast.Dict) else [first]
            given.update(value.id for value in values if isinstance(value, ast.Name))
    return frozenset(name for name, count in given.items() if there[name] == count)


def _is_stream(called: ast.AST) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr == "stream"
        and isinstance(called.value, ast.Name)
        and called.value.id == "steppe"
    )
