"""Puts the code inside magics in the place of the text that holds it, for what looks at trees alone."""

from __future__ import annotations

import ast
import copy
from typing import Any

from steppe.analysis.magics import Magic, recognise
from steppe.analysis.namespace import shell_call


def unfolded(tree: ast.Module) -> ast.Module:
    """Return a tree in which the statements of `%%time` and its like stand under the magic.

    `%time f(x)` becomes `if ("%time", ""): f(x)`, with a constant that no source can hold, so that it equals no other
    code. The tree is good for looking at, not for running.
    """
    copied: ast.Module = _Unfolding().visit(copy.deepcopy(tree))
    return ast.fix_missing_locations(copied)


class _Unfolding(ast.NodeTransformer):
    """Replaces magics by the code in them, statement by statement."""

    def __init__(self) -> None:
        self.told: list[ast.expr] = []
        self.before: list[ast.stmt] = []

    def visit(self, node: ast.AST) -> Any:
        """Visit a node; what magics in a statement's expressions hold comes to stand before it."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and shell_call(node.func.value):
            magic = recognise(node, node.func.attr)
            if magic is not None and magic.codes:
                return self._unfold(node, magic)
        if not isinstance(node, ast.stmt):
            return self.generic_visit(node)
        outer, self.told, self.before = (self.told, self.before), [], []
        statement = self.generic_visit(node)
        if self.told:
            test = ast.Tuple(self.told, ast.Load()) if len(self.told) > 1 else self.told[0]
            assert isinstance(statement, ast.stmt)
            statement = ast.copy_location(ast.If(test, [*self.before, statement], []), node)
        self.told, self.before = outer
        return statement

    def _unfold(self, node: ast.Call, magic: Magic) -> ast.expr:
        """Note what a magic holds; return the expression whose value it returns."""
        options = magic.line if magic.body is not None else ""
        title: Any = (magic.title, options)
        self.told.append(ast.copy_location(ast.Constant(title), node))
        body: list[ast.stmt] = []
        for code in magic.codes:
            body.extend(_Unfolding().visit(copy.deepcopy(code.tree)).body)
        value: ast.expr = ast.Constant(None)
        if body and isinstance(body[-1], ast.Expr):
            value = body.pop().value  # type: ignore[attr-defined]  # an Expr, as the line above tells
        self.before.extend(body)
        return ast.copy_location(value, node)
