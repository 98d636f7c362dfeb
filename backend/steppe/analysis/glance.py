"""One pass over the code of a cell, in no order: which names stand in it, and what in it may act elsewhere.

Every new cell pays for this, so it is one loop. What needs the order of statements is `names.py`'s, and waits until
somebody asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from steppe.analysis.scopes import DEFINITIONS, bound_by_import
from steppe.analysis.tree import SHAPES, walk

_DEFINING = frozenset({*DEFINITIONS, ast.ClassDef})

_MAKING = frozenset(
    {*DEFINITIONS, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global}
    | {ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping}
)
"""Classes of node, beside names, that bind a name or say whose it is."""

_JUDGED = frozenset({ast.Call, ast.Expr, ast.Assign, ast.Attribute, ast.Subscript, ast.Import, ast.ImportFrom})

BY_TEXT = frozenset({"get_ipython", "globals", "locals", "vars"})
"""Builtins by which a cell can bind names that stand in texts: see `names.py`."""


class Glance:
    """What one pass over code has found.

    The bodies of functions and methods that nothing in the code names are no part of what happens, so what stands in
    them is left out of all but `names`, `bound` and `imports`.

    Attributes:
        tree: the code.
        names: all names in it.
        bound: all names that it may bind or unbind, those of functions' own variables included.
        imports: whether it has an import.
        declares: whether it has a `global`.
        judged: nodes that may act elsewhere.
        imported: dotted paths of what it imports, by the names that they get.
        made: names that it binds outside of functions.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.tree = tree
        self.names: set[str] = set()
        self.bound: set[str] = set()
        self.imports = False
        self.declares = False
        self.judged: list[ast.AST] = []
        self.imported: dict[str, str] = {}
        self.made: set[str] = set()
        self._waiting: dict[str, list[ast.AST]] = {}
        self._inner: list[ast.AST] = []
        whole = isinstance(tree, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef)
        self._go_through([*tree.body] if whole else [tree], local=False)  # type: ignore[attr-defined]
        self._go_through(self._inner, local=True)
        if self._waiting:
            self._look_through([line for body in self._waiting.values() for line in body])

    def may_bind(self, names: Iterable[str]) -> bool:
        """Tell whether the code may bind or unbind one of some names of the module; no for an answer is sure."""
        return self.declares or not self.bound.isdisjoint(names) or not self.names.isdisjoint(BY_TEXT)

    def _go_through(self, stack: list[ast.AST], *, local: bool) -> None:
        """Collect all there is in code that runs, and note the bodies of functions that it names; empties `stack`."""
        pop, push, extend, shapes = stack.pop, stack.append, stack.extend, SHAPES
        names, judged, waiting = self.names, self.judged, self._waiting
        while stack:
            node = pop()
            kind = node.__class__
            if kind is ast.Name:
                name: str = node.id  # type: ignore[attr-defined]  # mypy does not know a class from its `__class__`
                names.add(name)
                if node.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined]
                    self.bound.add(name)
                    if not local:
                        self.made.add(name)
                if name in waiting:
                    self._inner.extend(waiting.pop(name))
                continue
            if kind is ast.Constant:
                continue
            if kind in _JUDGED:
                judged.append(node)
            singles, lists = shapes[kind]
            if kind in _MAKING:
                self._learn(node, local=local)
                if kind in _DEFINING:
                    now, later = _parts_of(node)
                    extend(now)
                    self._run_later(node, later)
                    continue
            for field in singles:
                push(getattr(node, field))
            for field in lists:
                extend(getattr(node, field))

    def _run_later(self, node: Any, body: list[ast.AST]) -> None:
        """Go through what a function or class runs when it is used; where nobody names it, perhaps never."""
        if node.decorator_list or node.name in self.names:
            self._inner.extend(body)
        else:
            self._waiting.setdefault(node.name, []).extend(body)

    def _learn(self, node: Any, *, local: bool) -> None:
        """Note what a node imports or makes; what a function binds is its own, but for its imports."""
        self._bind(node)
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imported[bound_by_import(alias)] = alias.name if alias.asname else alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif not local and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.made.add(node.name)

    def _bind(self, node: Any) -> None:
        """Note the names that a node binds other than by an expression."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.imports = True
            self.bound.update(map(bound_by_import, node.names))
        elif isinstance(node, ast.Global):
            self.declares = True
        elif isinstance(node, ast.MatchMapping):
            self.bound.add(node.rest or "")
        else:
            self.bound.add(node.name or "")

    def _look_through(self, stack: list[ast.AST]) -> None:
        """Collect the names in code that does not run."""
        for line in stack:
            for node in walk(line):
                kind = node.__class__
                if kind is ast.Name:
                    self.names.add(node.id)  # type: ignore[attr-defined]
                    if node.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined]
                        self.bound.add(node.id)  # type: ignore[attr-defined]
                elif kind in _MAKING:
                    self._bind(node)


def _parts_of(node: Any) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return what runs where a function or class is made, and what runs when it is used."""
    singles, lists = SHAPES[node.__class__]
    around = [getattr(node, field) for field in singles]
    for field in lists:
        if field != "body":
            around += getattr(node, field)
    if node.__class__ is not ast.ClassDef:
        return around, node.body
    later: list[ast.AST] = []
    for part in node.body:
        if part.__class__ in DEFINITIONS:
            now, body = _parts_of(part)
            around += now
            later += body
        else:
            around.append(part)
    return around, later
