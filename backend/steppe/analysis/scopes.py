"""Which names belong to which scope, by Python's own rules. Knows nothing of order: that is `flow.py`'s."""

from __future__ import annotations

import ast
from enum import IntEnum
from itertools import count
from typing import Any

from steppe.analysis.tree import PARTS

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

BINDING = frozenset(
    {ast.NamedExpr, *DEFINITIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS, ast.Import, ast.ImportFrom}
    | {ast.Global, ast.Nonlocal, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping}
)
"""Classes of node, beside names, that have a say in which names are a function's own."""


class Kind(IntEnum):
    """What opens a scope."""

    MODULE = 0
    CLASS = 1
    FUNCTION = 2
    COMPREHENSION = 3
    PARAMETERS = 4


class Scope:
    """One scope: the names that are its own, and the scope around it.

    Attributes:
        kind: what opened it. `PARAMETERS` is that of type parameters, which sees the names of a class around it.
        parent: the scope around it; None for the module.
        own: names that are local to it (of a class body only those of type parameters: see `flow.py`).
        outer: names that it has declared `global`.
        shared: names that it has declared `nonlocal`.
        private: the class whose private names (`__x`) are spelt with it in front.
        number: tells it from all other scopes.
    """

    __slots__ = ("kind", "number", "outer", "own", "parent", "private", "shared")
    numbers = count(1)

    def __init__(self, kind: Kind, parent: Scope | None = None, own: set[str] | None = None) -> None:
        self.kind = kind
        self.parent = parent
        self.own: set[str] = own if own is not None else set()
        self.outer: set[str] = set()
        self.shared: set[str] = set()
        self.private: str = parent.private if parent is not None else ""
        self.number = next(self.numbers)

    def spelt(self, name: str) -> str:
        """Return the name as Python spells it here: private names of a class carry the class."""
        if self.private and name.startswith("__") and not name.endswith("__") and "." not in name:
            return f"_{self.private}{name}"
        return name

    def holder(self, name: str, *, inside: bool = False) -> Scope | None:
        """Return the scope that a name loaded here is found in; None for the module (or the builtins).

        A class body that is met from itself is returned as the holder: whether it has bound the name yet is a
        question of order.

        Args:
            name: as `spelt` here.
            inside: whether it is loaded from a function inside, which sees no names of class bodies.
        """
        scope: Scope | None = self
        while scope is not None:
            kind = scope.kind
            if kind is Kind.MODULE or name in scope.outer:
                return None
            if kind is Kind.CLASS:
                if not inside and name not in scope.shared:
                    return scope
            elif name in scope.own or (kind is Kind.FUNCTION and name == "__class__" and scope.private):
                return scope
            inside = inside or kind is not Kind.PARAMETERS
            scope = scope.parent
        return None

    def home(self) -> Scope:
        """Return the scope in which a name is bound by what stands here: `:=` leaves comprehensions."""
        scope = self
        while scope.kind in (Kind.COMPREHENSION, Kind.PARAMETERS) and scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def at_module(self) -> bool:
        """Whether what is written here runs in the module's own namespace."""
        return self.home().kind is Kind.MODULE


def parameters(args: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a function."""
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    if args.vararg:
        found.append(args.vararg)
    if args.kwarg:
        found.append(args.kwarg)
    return found


def type_parameters(node: ast.AST) -> list[Any]:
    """Return the type parameters of a definition (none before Python 3.12)."""
    return getattr(node, "type_params", None) or []


def function_scope(node: Function, parent: Scope) -> Scope:
    """Return the scope of a function's or lambda's body."""
    scope = Scope(Kind.FUNCTION, parent)
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    own = _bound_in(body, scope)
    own.update(arg.arg for arg in parameters(node.args))
    scope.own = {scope.spelt(name) for name in own} - scope.outer - scope.shared
    return scope


def body_scope(body: list[ast.stmt], parent: Scope) -> Scope:
    """Return the scope of statements that run as a function's body, such as those of `%%timeit`."""
    scope = Scope(Kind.FUNCTION, parent)
    scope.own = _bound_in(body, scope) - scope.outer - scope.shared
    return scope


def comprehension_scope(generators: list[ast.comprehension], parent: Scope) -> Scope:
    """Return the scope of a comprehension: its targets are its own."""
    names = {part.id for made in generators for part in ast.walk(made.target) if isinstance(part, ast.Name)}
    scope = Scope(Kind.COMPREHENSION, parent)
    scope.own = {scope.spelt(name) for name in names}
    return scope


def _bound_in(body: list[Any], scope: Scope) -> set[str]:
    """Collect the names that a function's body binds, and note its `global` and `nonlocal` names in `scope`."""
    own: set[str] = set()
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in body]
    while stack:
        node, comprehended = stack.pop()
        cls = node.__class__
        fields = PARTS[cls]
        if cls is ast.Name:
            if not comprehended and not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
                own.add(node.id)  # type: ignore[attr-defined]
            continue
        if cls not in BINDING:
            pass
        elif isinstance(node, ast.NamedExpr):
            own.add(node.target.id)
            fields = ("value",)
        elif isinstance(node, DEFINITIONS):
            own.add(node.name)
            fields = ("decorator_list", "args", "returns")
        elif isinstance(node, ast.ClassDef):
            own.add(node.name)
            fields = ("decorator_list", "bases", "keywords")
        elif isinstance(node, ast.Lambda):
            fields = ("args",)
        elif isinstance(node, COMPREHENSIONS):
            comprehended = True
        elif isinstance(node, ast.Import | ast.ImportFrom):
            own.update(bound_by_import(alias) for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Global):
            scope.outer.update(map(scope.spelt, node.names))
        elif isinstance(node, ast.Nonlocal):
            scope.shared.update(map(scope.spelt, node.names))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            if node.name:
                own.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            own.add(node.rest)
        for field in fields:
            part = getattr(node, field)
            if part.__class__ is list:
                stack.extend([(item, comprehended) for item in part if item is not None])
            elif part is not None:
                stack.append((part, comprehended))
    return own


def bound_by_import(alias: ast.alias) -> str:
    """Return the name that an `import` binds: `import a.b.c` binds `a`."""
    return alias.asname or alias.name.partition(".")[0]
