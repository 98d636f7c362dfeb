"""What an expression's value shares parts with, and what it does to the values that it meets."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from steppe.analysis.doubts import Value, derived, join
from steppe.analysis.published import CONTAINERS, DERIVERS, LOOKERS
from steppe.analysis.scopes import COMPREHENSIONS, comprehension_scope, function_scope, parameters
from steppe.analysis.sharing import Sharing
from steppe.analysis.tree import children, dotted

BUILTINS = LOOKERS | DERIVERS | CONTAINERS | {"setattr", "delattr"}


class SharingValues(Sharing, ABC):
    """Follows expressions, and what is assigned."""

    @abstractmethod
    def block(self, body: Sequence[ast.AST]) -> None:
        """Follow the statements of a function."""

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
        return tuple((key, join(path, step)) for key, path in value)

    def _name(self, node: ast.Name) -> Value:
        return tuple((key, "") for key in self.keys(node.id))

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
        return derived(self.expr(node.left) + self.expr(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.expr(node.operand)
        return () if isinstance(node.op, ast.Not) else derived(value)

    def _compare(self, node: ast.Compare) -> Value:
        value = self.expr(node.left)
        for part in node.comparators:
            value += self.expr(part)
        plain = all(isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in node.ops)
        return () if plain else derived(value)

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
        self.function(node)
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
        return name not in self.bound and self.keys(name) == [name]

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
                self.function(keyword.value, self._step(given, "[]"))
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
        return derived(given) if name in DERIVERS else ()

    def target(self, node: ast.expr, value: Value) -> None:
        """Assign a value."""
        if isinstance(node, ast.Name):
            self.share(self.home(node.id), value)
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

    def function(self, node: Any, given: Value | None = None) -> None:
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


def _may_be(truth: bool, node: ast.expr) -> bool:
    """Tell whether an argument may be true, or false."""
    return not isinstance(node, ast.Constant) or bool(node.value) is truth
