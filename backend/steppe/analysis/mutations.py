"""Which names a cell's text may change in place, and by what; all others are surely only looked at.

Every expression is followed to the names whose values its own value may share parts with, each with the path on which:
`df.head()[0]` shares with `df` by `.head()[]`. What is done to a value is a doubt about those names: `.append()` (a
method), `=` (an item or attribute is set), `np.sort(…)` (it is passed on), `escape` (it is returned, or kept by code
that runs later). What is assigned shares on: doubts about `y` are doubts about `x` after `y = x.T`.

A doubt is not a change: whoever has the live value may settle it. `settled` does so by the published tables. Two kinds
of doubt matter to rare types alone, and are told apart: reading an item (a `defaultdict` makes it) and going through
(an iterator is used up).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import msgspec

from steppe.analysis.doubts import DELICATE, Value, settled
from steppe.analysis.scopes import Kind, Scope, bound_by_import
from steppe.analysis.sharing_values import SharingValues
from steppe.analysis.tree import children


class Mutations(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell's text may change in place.

    Attributes:
        may: names that it may change, with the doubts about each.
        touched: other names whose items it reads (`item`) or that it goes through (`iter`), with those doubts: only
            values of rare types change by that.
        trusts: names of builtins that are taken to be Python's own.
    """

    may: dict[str, frozenset[str]]
    touched: dict[str, frozenset[str]]
    trusts: frozenset[str]


def mutations_of(node: ast.AST, scope: Scope | None = None) -> Mutations:
    """Return what a cell (its tree), or a function when it is called, may change of the module's values in place.

    Args:
        node: the tree, or the node of a function, lambda or class.
        scope: the scope around a function; the module where not given.
    """
    walk = _Sharing(scope or Scope(Kind.MODULE))
    if isinstance(node, ast.Module):
        walk.block(node.body)
    elif isinstance(node, ast.stmt):
        walk.block([node])
    else:
        walk.expr(node)
    walk.propagate()
    may: dict[str, frozenset[str]] = {}
    touched: dict[str, frozenset[str]] = {}
    for key, doubts in walk.doubts.items():
        if isinstance(key, str):
            real = any(not doubt.endswith(DELICATE) for doubt in doubts)
            (may if real else touched)[key] = frozenset(doubts)
    return Mutations(may=may, touched=touched, trusts=frozenset(walk.trusts))


class _Sharing(SharingValues):
    """Follows statements."""

    def block(self, body: Sequence[ast.AST]) -> None:
        """Follow statements; their order does not matter."""
        for node in body:
            self._statement(node)

    def _statement(self, node: Any) -> None:
        match node:
            case ast.Assign():
                value = self.expr(node.value)
                for target in node.targets:
                    self.target(target, value)
            case ast.AnnAssign():
                self.target(node.target, self.expr(node.value)) if node.value is not None else None
                self.look([node.annotation])
            case ast.AugAssign():
                value = self.expr(node.value)
                if isinstance(node.target, ast.Name):
                    self.doubt(self._name(node.target), "+=")
                    self.share_all(self._name(node.target), value)
                    self.home(node.target.id)
                else:
                    self.target(node.target, value)
            case ast.For() | ast.AsyncFor():
                value = self.expr(node.iter)
                self.doubt(value, "iter")
                self.target(node.target, self._step(value, "[]"))
                self._inner(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.expr(item.context_expr)
                    self.doubt(value, "with")
                    if item.optional_vars is not None:
                        self.target(item.optional_vars, value)
                self._inner(node)
            case ast.Return():
                self.doubt(self.expr(node.value), "escape")
            case ast.Raise():
                self.doubt(self.expr(node.exc) + self.expr(node.cause), "escape")
            case ast.Delete():
                for target in node.targets:
                    self._delete(target)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    if alias.name != "*":
                        self.home(
                            bound_by_import(alias) if isinstance(node, ast.Import) else alias.asname or alias.name
                        )
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    self.doubt(self.expr(decorator), "()")
                self.home(node.name)
                self.function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Match():
                value = self.expr(node.subject)
                for case in node.cases:
                    self._pattern(case.pattern, self._step(value, "[]") + value)
                    self.look([case.guard])
                    self.block(case.body)
            case ast.Global():
                self.scope.outer.update(map(self.scope.spelt, node.names))
            case ast.Nonlocal() | ast.Pass() | ast.Break() | ast.Continue():
                pass
            case _:
                self._inner(node)

    def _inner(self, node: ast.AST) -> None:
        """Follow what stands in a statement: expressions are looked at, statements followed."""
        for child in children(node):
            if isinstance(child, ast.stmt):
                self._statement(child)
            elif isinstance(child, ast.ExceptHandler):
                self.look([child.type])
                self.block(child.body)
            elif isinstance(child, ast.expr) and not isinstance(
                node, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith
            ):
                self.expr(child)

    def _delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._delete(part)
        elif isinstance(target, ast.Attribute | ast.Subscript):
            self.target(target, ())

    def _pattern(self, pattern: ast.AST, value: Value) -> None:
        for part in ast.walk(pattern):
            name = getattr(part, "rest", None) if isinstance(part, ast.MatchMapping) else getattr(part, "name", None)
            if isinstance(name, str):
                self.share(self.home(name), value)
            elif isinstance(part, ast.MatchClass | ast.MatchValue):
                self.look([part.cls if isinstance(part, ast.MatchClass) else part.value])

    def _class(self, node: ast.ClassDef) -> None:
        """Follow a class: its attributes are reached through it."""
        for decorator in node.decorator_list:
            self.doubt(self.expr(decorator), "()")
        for base in (*node.bases, *node.keywords):
            self.doubt(self.expr(base), "escape")
        key = self.home(node.name)
        outer = self.scope
        self.scope = Scope(Kind.CLASS, outer)
        self.scope.private = node.name.lstrip("_")
        number = self.scope.number
        self.block(node.body)
        self.scope = outer
        for inner in list(self.shares):
            if isinstance(inner, tuple) and inner[0] == number:
                self.share(key, ((inner, "*"),))


__all__ = ["Mutations", "mutations_of", "settled"]
