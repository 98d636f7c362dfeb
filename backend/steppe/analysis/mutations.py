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
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import msgspec

from steppe.analysis.flow import Key
from steppe.analysis.published import CONTAINERS, DERIVERS, IMPURE_FUNCTIONS, LOOKERS, PURE_FUNCTIONS, PURE_METHODS
from steppe.analysis.scopes import (
    COMPREHENSIONS,
    Kind,
    Scope,
    bound_by_import,
    comprehension_scope,
    function_scope,
    parameters,
)
from steppe.analysis.tree import children, dotted

Value: TypeAlias = tuple[tuple[Key, str], ...]
"""The names that a value may share parts with, each with the path on which it does."""

BUILTINS = LOOKERS | DERIVERS | CONTAINERS | {"setattr", "delattr"}

LONG = 4
"""How many steps a path may have before it only says that there is one."""

DERIVED = "~"
"""The path of what arithmetic makes of a value: it shares nothing where arithmetic gives fresh values."""

DELICATE = ("item", "iter")
"""Doubts that matter to rare types alone."""

CLOSED = ("ndarray", "pandas", "polars", "tensor")
"""Families in which what is reached from a value is of the family too, or can't change."""


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


def settled(doubt: str, family: str, path: str | None = None) -> bool:
    """Tell whether a doubt about a value is settled by its type: what is done surely does not change it.

    All doubts about a name have to be settled: one that stands for a longer path relies on those for its beginning.

    Args:
        doubt: one doubt about its name.
        family: `immutable`, `list`, `dict`, `set`; or, closed in that what is reached from it is of the same kind,
            `ndarray` (of plain numbers), `pandas` (without objects inside that can change), `polars` or `tensor`.
        path: the dotted path of the function that the doubt names, where it is known: `numpy.mean` for `np.mean(…)`.
    """
    if family == "immutable":
        return True
    steps, _, action = doubt.rpartition(" ") if doubt.endswith(("(…)", *DELICATE)) else _last_method(doubt)
    closed = family in CLOSED
    if "*" in doubt or (steps and not closed):
        return False
    if action in DELICATE or (action == "derived" and closed):
        return True
    if action.endswith("(…)"):
        return path is not None and _pure(path)
    return action.endswith("()") and action[1:-2] in PURE_METHODS.get(family, ())


def _last_method(doubt: str) -> tuple[str, str, str]:
    """Cut `.loc[].mean()` into `.loc[]` and `.mean()`."""
    head, dot, last = doubt.rpartition(".")
    return head, "", dot + last


def _pure(path: str) -> bool:
    """Tell whether a function is published as one that does not change its arguments."""
    if path in IMPURE_FUNCTIONS:
        return False
    while path:
        if path in PURE_FUNCTIONS:
            return True
        path = path.rpartition(".")[0]
    return False


def _join(path: str, rest: str) -> str:
    """Return a path, or a doubt, that goes on from another."""
    if path.startswith(DERIVED):
        return DERIVED
    whole = path + rest
    steps = whole.count(".") + whole.count("[") + whole.count("…")
    return whole if steps <= LONG and len(whole) < 80 else "*"


def _doubt(path: str, doubt: str) -> str:
    """Return the doubt about a name whose value is reached by a path and doubted there."""
    if path.startswith(DERIVED) or doubt == "derived":
        return "derived"
    if path == "*" or doubt == "*":
        return "*"
    joined = _join(path, doubt if doubt[:1] in ".[=(" or not path else f" {doubt}")
    return "*" if joined == DERIVED else joined


class _Sharing:
    """Follows values through a cell: which names share parts with which, and what is done to them."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.doubts: dict[Key, set[str]] = {}
        self.shares: dict[Key, set[tuple[Key, str]]] = {}
        self.trusts: set[str] = set()
        self.bound: set[str] = set()

    # What is found

    def doubt(self, value: Value, doubt: str) -> None:
        """Note that something is done to a value."""
        for key, path in value:
            self.doubts.setdefault(key, set()).add(_doubt(path, doubt))

    def share(self, key: Key, value: Value) -> None:
        """Note that a name may share parts with a value."""
        found = {pair for pair in value if pair[0] != key}
        if found:
            self.shares.setdefault(key, set()).update(found)

    def propagate(self) -> None:
        """Carry doubts about a name over to the names that it shares parts with."""
        waiting = [key for key in self.doubts if key in self.shares]
        while waiting:
            key = waiting.pop()
            for source, path in self.shares[key]:
                known = self.doubts.setdefault(source, set())
                before = len(known)
                known.update([_doubt(path, doubt) for doubt in self.doubts[key]])
                if len(known) > before and source in self.shares:
                    waiting.append(source)

    def _keys(self, name: str) -> list[Key]:
        """Return what a name that is loaded here may stand for."""
        name = self.scope.spelt(name)
        holder = self.scope.holder(name)
        if holder is None:
            return [name]
        if holder.kind is Kind.CLASS and holder.parent is not None:
            outer = holder.parent.holder(name, inside=True)
            return [(holder.number, name), name if outer is None else (outer.number, name)]
        return [(holder.number, name)]

    def _home(self, name: str) -> Key:
        """Return what a name that is bound here stands for."""
        scope = self.scope.home()
        name = scope.spelt(name)
        if scope.kind is Kind.MODULE or name in scope.outer:
            self.bound.add(name)
            return name
        if name in scope.shared:
            holder = scope.holder(name)
            return name if holder is None else (holder.number, name)
        return (scope.number, name)

    # Expressions

    def expr(self, node: ast.AST | None) -> Value:
        """Follow an expression; return what its value shares with."""
        if node is None:
            return ()
        visit = getattr(self, f"_{type(node).__name__.lower()}", None)
        if visit is not None:
            found: Value = visit(node)
            return found
        if isinstance(node, COMPREHENSIONS):
            return self._comprehension(node)
        value: Value = ()
        for child in children(node):
            value += self.expr(child)
        return value

    def look(self, nodes: Iterable[ast.AST | None]) -> None:
        """Follow expressions whose values are only looked at."""
        for node in nodes:
            self.expr(node)

    def _step(self, value: Value, step: str) -> Value:
        return tuple((key, _join(path, step)) for key, path in value)

    def _name(self, node: ast.Name) -> Value:
        return tuple((key, "") for key in self._keys(node.id))

    def _constant(self, _: ast.Constant) -> Value:
        return ()

    def _attribute(self, node: ast.Attribute) -> Value:
        return self._step(self.expr(node.value), f".{node.attr}")

    def _subscript(self, node: ast.Subscript) -> Value:
        value = self.expr(node.value)
        self.look([node.slice])
        self.doubt(value, "item")
        return self._step(value, "[]")

    def _binop(self, node: ast.BinOp) -> Value:
        return _derived(self.expr(node.left) + self.expr(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.expr(node.operand)
        return () if isinstance(node.op, ast.Not) else _derived(value)

    def _compare(self, node: ast.Compare) -> Value:
        value = self.expr(node.left)
        for part in node.comparators:
            value += self.expr(part)
        plain = all(isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in node.ops)
        return () if plain else _derived(value)

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        self.look(children(node))
        return ()

    def _ifexp(self, node: ast.IfExp) -> Value:
        self.look([node.test])
        return self.expr(node.body) + self.expr(node.orelse)

    def _namedexpr(self, node: ast.NamedExpr) -> Value:
        value = self.expr(node.value)
        self.target(node.target, value)
        return value

    def _dict(self, node: ast.Dict) -> Value:
        value: Value = ()
        for part in (*node.keys, *node.values):
            value += self.expr(part)
        return value

    def _await(self, node: ast.Await) -> Value:
        value = self.expr(node.value)
        self.doubt(value, "escape")
        return value

    def _yield(self, node: ast.Yield) -> Value:
        self.doubt(self.expr(node.value), "escape")
        return ()

    def _yieldfrom(self, node: ast.YieldFrom) -> Value:
        self.doubt(self.expr(node.value), "escape")
        return ()

    def _lambda(self, node: ast.Lambda) -> Value:
        self._function(node)
        return ()

    def _comprehension(self, node: Any) -> Value:
        outer = self.scope
        value = self.expr(node.generators[0].iter)
        self.scope = comprehension_scope(node.generators, outer)
        for number, made in enumerate(node.generators):
            if number:
                value = self.expr(made.iter)
            self.doubt(value, "iter")
            self._into(made.target, self._step(value, "[]"))
            self.look(made.ifs)
        found: Value = ()
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            found += self.expr(part)
        self.scope = outer
        return found

    def _into(self, target: ast.expr, value: Value) -> None:
        """Assign to the target of a comprehension, whose names are its own."""
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                self.share((self.scope.number, self.scope.spelt(part.id)), value)

    def _call(self, node: ast.Call) -> Value:
        func = node.func
        if isinstance(func, ast.Name) and func.id in BUILTINS and self._is_builtin(func.id):
            return self._builtin(node, func.id)
        receiver: Value = ()
        label = "?"
        if isinstance(func, ast.Attribute):
            changes = any(key.arg == "inplace" and _may_be(True, key.value) for key in node.keywords)
            receiver = self._step(self.expr(func.value), f".{func.attr}{'(inplace)' if changes else '()'}")
            label = ".".join(dotted(func) or ("?", func.attr))
            self.doubt(receiver, "")
        else:
            value = self.expr(func)
            self.doubt(value, "()")
            receiver = self._step(value, "()")
            label = func.id if isinstance(func, ast.Name) else "?"
        given = self._arguments(node, label)
        return receiver + self._step(given, f" {label}(…)")

    def _is_builtin(self, name: str) -> bool:
        """Tell whether a name stands for Python's own function, as far as the cell tells."""
        return name not in self.bound and self._keys(name) == [name]

    def _arguments(self, node: ast.Call, label: str) -> Value:
        """Follow what a call is given: it may be changed there, and be part of what is returned."""
        given: Value = ()
        for argument in node.args:
            given += self.expr(argument)
        changes = False
        for keyword in node.keywords:
            value = self.expr(keyword.value)
            if keyword.arg == "out":
                self.doubt(value, "=")
            told = keyword.arg or ""
            changes = changes or (told == "copy" and _may_be(False, keyword.value))
            changes = changes or (told.startswith(("inplace", "overwrite")) and _may_be(True, keyword.value))
            given += value
        self.doubt(given, "=" if changes else f"{label}(…)")
        return given

    def _builtin(self, node: ast.Call, name: str) -> Value:
        """Follow a call of one of Python's own functions that are known to change nothing, `setattr` apart."""
        self.trusts.add(name)
        given: Value = ()
        values = [self.expr(argument) for argument in node.args]
        for value in values:
            given += value
        for keyword in node.keywords:
            if keyword.arg == "key" and isinstance(keyword.value, ast.Lambda):
                self._function(keyword.value, self._step(given, "[]"))
            elif keyword.arg in ("key", "file", "default"):
                self.doubt(given + self.expr(keyword.value), f"{name}(…)")
            else:
                given += self.expr(keyword.value)
        if name in ("setattr", "delattr"):
            self.doubt(values[0] if values else (), "=")
            self.share_all(values[0] if values else (), given)
            return ()
        if name in CONTAINERS:
            self.doubt(given, "iter")
            return self._step(given, "[]")
        return _derived(given) if name in DERIVERS else ()

    # Assignment

    def target(self, node: ast.expr, value: Value) -> None:
        """Assign a value."""
        if isinstance(node, ast.Name):
            self.share(self._home(node.id), value)
        elif isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self.target(part, self._step(value, "[]"))
            self.doubt(value, "iter")
        elif isinstance(node, ast.Starred):
            self.target(node.value, value)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            owner = self.expr(node.value)
            if isinstance(node, ast.Subscript):
                self.look([node.slice])
            self.doubt(owner, "=")
            self.share_all(owner, value)

    def share_all(self, owner: Value, value: Value) -> None:
        """Note that what is kept in a value is shared by the names that this shares with."""
        for key, _ in owner:
            self.share(key, tuple((source, "*") for source, _ in value))

    # Statements

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
                    self._home(node.target.id)
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
                        self._home(
                            bound_by_import(alias) if isinstance(node, ast.Import) else alias.asname or alias.name
                        )
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    self.doubt(self.expr(decorator), "()")
                self._home(node.name)
                self._function(node)
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
                self.share(self._home(name), value)
            elif isinstance(part, ast.MatchClass | ast.MatchValue):
                self.look([part.cls if isinstance(part, ast.MatchClass) else part.value])

    def _function(self, node: Any, given: Value | None = None) -> None:
        """Follow a function's body as if it ran: what it keeps of names outside, it may change at any time.

        Args:
            node: the function or lambda.
            given: what it is called with, where it is a `key=` whose value is only compared.
        """
        args = node.args
        scope = function_scope(node, self.scope)
        positional = [*args.posonlyargs, *args.args]
        pairs = [
            *zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for parameter, default in pairs:
            self.share((scope.number, scope.spelt(parameter.arg)), self.expr(default))
        for parameter in parameters(args):
            self.look([parameter.annotation])
            self.share((scope.number, scope.spelt(parameter.arg)), given or ())
        self.look([getattr(node, "returns", None)])
        outer, self.scope = self.scope, scope
        if isinstance(node, ast.Lambda):
            value = self.expr(node.body)
            if given is None:
                self.doubt(value, "escape")
        else:
            self.block(node.body)
        self.scope = outer

    def _class(self, node: ast.ClassDef) -> None:
        """Follow a class: its attributes are reached through it."""
        for decorator in node.decorator_list:
            self.doubt(self.expr(decorator), "()")
        for base in (*node.bases, *node.keywords):
            self.doubt(self.expr(base), "escape")
        key = self._home(node.name)
        outer = self.scope
        self.scope = Scope(Kind.CLASS, outer)
        self.scope.private = node.name.lstrip("_")
        number = self.scope.number
        self.block(node.body)
        self.scope = outer
        for inner in list(self.shares):
            if isinstance(inner, tuple) and inner[0] == number:
                self.share(key, ((inner, "*"),))


def _derived(value: Value) -> Value:
    return tuple((key, DERIVED) for key, _ in value)


def _may_be(truth: bool, node: ast.expr) -> bool:
    """Tell whether an argument may be true, or false."""
    return not isinstance(node, ast.Constant) or bool(node.value) is truth
