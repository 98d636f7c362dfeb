"""Names in expressions, in the order in which Python evaluates them."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from steppe.analysis import namespace
from steppe.analysis.flow import State, join
from steppe.analysis.lookups import Lookups
from steppe.analysis.scopes import Kind, Scope, comprehension_scope, function_scope
from steppe.analysis.tree import text_of

_Visit = TypeVar("_Visit", bound=Callable[..., None])
VISITS: dict[type[ast.AST], Callable[..., None]] = {}
"""The method that reads each class of node; see `reads`."""


def reads(*classes: type[ast.AST]) -> Callable[[_Visit], _Visit]:
    """Make a method the one that reads nodes of these classes."""

    def register(method: _Visit) -> _Visit:
        VISITS.update(dict.fromkeys(classes, method))
        return method

    return register


ORDER: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Await: ("value",),
    ast.BinOp: ("left", "right"),
    ast.FormattedValue: ("value", "format_spec"),
    ast.JoinedStr: ("values",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Slice: ("lower", "upper", "step"),
    ast.Starred: ("value",),
    ast.Tuple: ("elts",),
    ast.UnaryOp: ("operand",),
    ast.Yield: ("value",),
    ast.YieldFrom: ("value",),
    ast.keyword: ("value",),
}
"""The parts of expressions that evaluate all of them, in order."""


class Expressions(Lookups, ABC):
    """Reads expressions."""

    @abstractmethod
    def block(self, body: Sequence[ast.stmt]) -> None:
        """Read statements one after another."""

    def expr(self, node: ast.AST) -> None:
        """Read one expression."""
        VISITS.get(node.__class__, _plain)(self, node)

    def exprs(self, nodes: Sequence[ast.AST | None]) -> None:
        """Read expressions one after another."""
        for node in nodes:
            if node is not None:
                VISITS.get(node.__class__, _plain)(self, node)

    def condition(self, node: ast.expr) -> tuple[State, State]:
        """Read a condition; return what is sure where it holds and where not. Which to go on with, the caller sets."""
        if isinstance(node, ast.BoolOp):
            conjunction = isinstance(node.op, ast.And)
            decided = State(dead=True)
            for value in node.values:
                holds, fails = self.condition(value)
                self.state, early = (holds, fails) if conjunction else (fails, holds)
                decided = join(decided, early)
            return (self.state, decided) if conjunction else (decided, self.state)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            holds, fails = self.condition(node.operand)
            return fails, holds
        self.expr(node)
        return self.state, self.state.copy()

    def target(self, node: ast.expr) -> None:
        """Read what is assigned to."""
        if isinstance(node, ast.Name):
            self.store(node.id)
        elif isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self.target(part)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        elif isinstance(node, ast.Subscript):
            name = self.namespace_item(node)
            if name is None:
                self.expr(node.value)
                self.expr(node.slice)
            elif name:
                self.bind(name)
            else:
                self.expr(node.slice)
                self.binds_any = self.binds_any or "an item of globals() is set"
        elif isinstance(node, ast.Attribute):
            self._attribute(node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Read a function's body: what it does happens later, with at least what is sure here."""
        scope = function_scope(node, self.scope)
        body: Sequence[ast.stmt] = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else node.body
        self.later(scope, body)

    def later(self, scope: Scope, body: Sequence[ast.stmt]) -> None:
        """Read statements that run in a scope of their own, now or later."""
        outer = self.scope, self.state, self.loops
        self.scope, self.state, self.loops = scope, self.state.copy(), []
        self.state.dead = False
        self.deferred += 1
        self.block(body)
        self.deferred -= 1
        self.scope, self.state, self.loops = outer

    def defaults(self, args: ast.arguments) -> None:
        """Read the defaults of parameters, which are evaluated where the function is made."""
        self.exprs(args.defaults)
        self.exprs(args.kw_defaults)

    # One method for each kind of expression that is more than the sum of its parts.

    @reads(ast.Constant)
    def _constant(self, node: ast.Constant) -> None:
        pass

    @reads(ast.Name)
    def _name(self, node: ast.Name) -> None:
        if self.scope.kind is Kind.MODULE:
            if node.id not in self.state.gone:
                self.read(node.id)
        else:
            self.load(node.id)

    @reads(ast.Await)
    def _await(self, node: ast.Await) -> None:
        self.awaits = self.awaits or self.scope.at_module
        self.expr(node.value)

    @reads(ast.Attribute)
    def _attribute(self, node: ast.Attribute) -> None:
        if node.attr in namespace.FRAMES:
            self.anything(f".{node.attr}")
        elif node.attr in namespace.REACHING:
            self.reads_any = self.reads_any or f".{node.attr}"
        elif node.attr in namespace.SOURCES:
            self.texts.mentions.add("In")
        if node.attr == "__class__" and namespace.shell_call(node.value):
            return
        self.expr(node.value)

    @reads(ast.Subscript)
    def _subscript(self, node: ast.Subscript) -> None:
        name = self.namespace_item(node)
        if name is None:
            if namespace.other_module(node):
                self.anything("sys.modules")
            self.expr(node.value)
            self.expr(node.slice)
        elif name:
            self.read(name)
        else:
            self.expr(node.slice)
            self.reads_any = self.reads_any or "an item of globals() is read"

    def namespace_item(self, node: ast.Subscript) -> str | None:
        """Return the name of `globals()["name"]`, empty where it is not known; None where `node` is no such item."""
        return (text_of(node.slice) or "") if self.module_namespace(node.value) else None

    def module_namespace(self, node: ast.AST) -> bool:
        """Tell whether `node` is a call that returns the module's namespace."""
        name = namespace.namespace_call(node)
        return bool(name) and name not in self.state.gone and (name == "globals" or self.scope.at_module)

    @reads(ast.BoolOp)
    def _boolop(self, node: ast.BoolOp) -> None:
        holds, fails = self.condition(node)
        self.state = join(holds, fails)

    @reads(ast.IfExp)
    def _ifexp(self, node: ast.IfExp) -> None:
        self.state, otherwise = self.condition(node.test)
        self.expr(node.body)
        after, self.state = self.state, otherwise
        self.expr(node.orelse)
        self.state = join(after, self.state)

    @reads(ast.Compare)
    def _compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1:
            self._compare_one(node.left, node.ops[0], node.comparators[0])
            return
        self.expr(node.left)
        self.expr(node.comparators[0])
        after = self.state.copy()
        self.exprs(node.comparators[1:])
        self.state = after

    def _compare_one(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> None:
        if isinstance(operator, ast.In | ast.NotIn) and self.module_namespace(right):
            name = text_of(left)
            if name is not None:
                self.read(name)
            else:
                self.expr(left)
                self.reads_any = self.reads_any or "names are looked up in globals()"
            return
        for side in (left, right):
            if not (isinstance(operator, ast.Is | ast.IsNot) and namespace.shell_call(side)):
                self.expr(side)

    @reads(ast.NamedExpr)
    def _namedexpr(self, node: ast.NamedExpr) -> None:
        self.expr(node.value)
        self.store(node.target.id)

    @reads(ast.Lambda)
    def _lambda(self, node: ast.Lambda) -> None:
        self.defaults(node.args)
        self.function(node)

    @reads(ast.Dict)
    def _dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.expr(key)
            self.expr(value)

    @reads(ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)
    def _comprehension(self, node: Any) -> None:
        first = node.generators[0]
        self.iterated(first.iter)
        outer, after = self.scope, self.state.copy()
        self.scope = comprehension_scope(node.generators, outer)
        for made in node.generators:
            self.awaits = self.awaits or bool(made.is_async and outer.at_module)
            if made is not first:
                self.expr(made.iter)
            for part in ast.walk(made.target):
                if isinstance(part, ast.Attribute | ast.Subscript):
                    self.target(part)
            for test in made.ifs:
                self.state, _ = self.condition(test)
        self.exprs([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scope, self.state = outer, after

    def iterated(self, node: ast.expr) -> None:
        """Read what is iterated over: going through the namespace reads any name, and binds none."""
        if self.module_namespace(node):
            self.reads_any = self.reads_any or "globals() is gone through"
        else:
            self.expr(node)


def _plain(walk: Expressions, node: ast.AST) -> None:
    """Read an expression that is no more than the sum of its parts."""
    for field in ORDER.get(node.__class__) or node._fields:
        part = getattr(node, field, None)
        if part.__class__ is list:
            walk.exprs(part)
        elif isinstance(part, ast.AST):
            walk.expr(part)
