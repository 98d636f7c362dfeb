"""Names in statements, in the order in which they run: assignments, branches, loops, errors."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from steppe.analysis.definitions import Definitions
from steppe.analysis.expressions import VISITS, reads
from steppe.analysis.flow import Loop, State, join
from steppe.analysis.imports import Import
from steppe.analysis.published import NEVER_SWALLOW
from steppe.analysis.scopes import Kind, bound_by_import


class Statements(Definitions):
    """Reads statements.

    Attributes:
        imports: what they import, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.imports: list[Import] = []

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Read statements one after another."""
        for node in body:
            VISITS[node.__class__](self, node)

    # Assignment

    @reads(ast.Expr)
    def _expr(self, node: ast.Expr) -> None:
        self.expr(node.value)

    @reads(ast.Assign)
    def _assign(self, node: ast.Assign) -> None:
        self.expr(node.value)
        for target in node.targets:
            self.target(target)

    @reads(ast.AugAssign)
    def _augassign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
            self.expr(node.value)
            self.store(node.target.id)
        else:
            self.expr(node.target)
            self.expr(node.value)
            self.target(node.target)

    @reads(ast.AnnAssign)
    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.expr(node.value)
            self.target(node.target)
        elif not isinstance(node.target, ast.Name):
            self.target(node.target)
        if self.scope.home().kind is not Kind.FUNCTION:
            self.annotation(node.annotation)

    @reads(ast.Delete)
    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._delete_one(target)

    def _delete_one(self, target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.load(target.id)
            self.unstore(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._delete_one(part)
        elif isinstance(target, ast.Subscript) and (name := self.namespace_item(target)) is not None:
            if name:
                self.read(name)
                self.unbind(name)
            else:
                self.anything("an item of globals() is deleted")
        else:
            self.expr(target)

    # Imports and declarations

    @reads(ast.Import)
    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(alias.name, None, alias, 0)
            self.store(bound_by_import(alias))

    @reads(ast.ImportFrom)
    def _importfrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            self._imported(module, alias.name, alias, node.level)
            if alias.name == "*":
                self.binds_any = self.binds_any or f"from {'.' * node.level}{module} import *"
            else:
                self.store(alias.asname or alias.name)

    def _imported(self, module: str, name: str | None, alias: ast.alias, level: int) -> None:
        self.imports.append(Import(module=module, name=name, asname=alias.asname, level=level, top=not self.nested))
        if module == "__main__":
            self.anything("import of __main__")

    @reads(ast.Global)
    def _global(self, node: ast.Global) -> None:
        """A class body's own declarations; a function's are known from its scope, a module's mean nothing."""
        self.scope.outer.update(map(self.scope.spelt, node.names))

    @reads(ast.Nonlocal)
    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.shared.update(map(self.scope.spelt, node.names))

    @reads(ast.Pass)
    def _pass(self, node: ast.AST) -> None:
        pass

    # Leaving

    @reads(ast.Raise, ast.Return)
    def _leave(self, node: ast.Return | ast.Raise) -> None:
        self.exprs([getattr(node, field) for field in node._fields])
        self.state.dead = True

    @reads(ast.Break, ast.Continue)
    def _break(self, node: ast.AST) -> None:
        if self.loops:
            place = self.loops[-1].breaks if isinstance(node, ast.Break) else self.loops[-1].continues
            if not self.state.dead:
                place.append(self.state.copy())
        self.state.dead = True

    @reads(ast.Assert)
    def _assert(self, node: ast.Assert) -> None:
        """`python -O` leaves assertions out, so nothing in them is sure."""
        after = self.state.copy()
        _, self.state = self.condition(node.test)
        self.exprs([node.msg])
        self.state = after

    # Branches and loops

    @reads(ast.If)
    def _if(self, node: ast.If) -> None:
        self.state, otherwise = self.condition(node.test)
        self.inner(node.body)
        after, self.state = self.state, otherwise
        self.inner(node.orelse)
        self.state = join(after, self.state)

    @reads(ast.While)
    def _while(self, node: ast.While) -> None:
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.state, left = self.condition(node.test)
        left.dead = left.dead or endless
        self._loop(node, left, once=False)

    @reads(ast.AsyncFor, ast.For)
    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.awaits = self.awaits or (isinstance(node, ast.AsyncFor) and self.scope.at_module)
        self.iterated(node.iter)
        left = self.state.copy()
        self.target(node.target)
        self._loop(node, left, once=self._surely_runs(node.iter))

    def _surely_runs(self, node: ast.expr) -> bool:
        """Tell whether a `for` over `node` surely runs its body: a literal that is not empty, or `range(10)`."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return any(not isinstance(part, ast.Starred) for part in node.elts)
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str | bytes) and bool(node.value)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords or not node.args:
            return False
        if self.scope.holder(node.func.id) is not None or node.func.id in self.binds:
            return False
        if node.func.id == "range":
            numbers = [part.value for part in node.args if isinstance(part, ast.Constant) and type(part.value) is int]
            return len(numbers) == len(node.args) <= 3 and 0 not in numbers[2:] and bool(range(*numbers))
        return node.func.id in ("enumerate", "reversed", "sorted", "list", "tuple") and self._surely_runs(node.args[0])

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, left: State, *, once: bool) -> None:
        """Read a loop's body and `else`.

        Args:
            node: the loop.
            left: what is sure where its body runs no more, having never run.
            once: whether the body surely runs.
        """
        loop = Loop()
        self.loops.append(loop)
        self.inner(node.body)
        self.loops.pop()
        turned = self.state
        for state in loop.continues:
            turned = join(turned, state)
        unbound = turned.unbound if not turned.dead else set()
        if once:
            left = turned
        elif not left.dead and not turned.dead:
            left = join(left, turned)
        self.state = left
        self.inner(node.orelse)
        for state in loop.breaks:
            state.unbound |= unbound
            self.state = join(self.state, state)

    @reads(ast.Match)
    def _match(self, node: Any) -> None:
        self.expr(node.subject)
        after = State(dead=True)
        for case in node.cases:
            unmatched = self.state.copy()
            sure = self._pattern(case.pattern)
            if case.guard is not None:
                self.state, refused = self.condition(case.guard)
                unmatched = refused if sure else join(refused, unmatched)
            elif sure:
                unmatched.dead = True
            self.inner(case.body)
            after = join(after, self.state)
            self.state = unmatched
        self.state = join(after, self.state)

    def _pattern(self, node: Any) -> bool:
        """Read a pattern; tell whether it matches everything."""
        if isinstance(node, ast.MatchAs):
            sure = node.pattern is None or self._pattern(node.pattern)
            if node.name:
                self.store(node.name)
            return sure
        if isinstance(node, ast.MatchOr):
            return any(list(map(self._pattern, node.patterns)))
        if isinstance(node, ast.MatchStar) and node.name:
            self.store(node.name)
        if isinstance(node, ast.MatchClass):
            self.expr(node.cls)
        if isinstance(node, ast.MatchMapping):
            self.exprs(node.keys)
        if isinstance(node, ast.MatchValue):
            self.expr(node.value)
        for part in (*getattr(node, "patterns", ()), *getattr(node, "kwd_patterns", ())):
            self._pattern(part)
        if isinstance(node, ast.MatchMapping) and node.rest:
            self.store(node.rest)
        return False

    # Errors

    @reads(ast.Try, ast.TryStar)
    def _try(self, node: Any) -> None:
        entered, since = self.state.copy(), len(self.unbindings)
        left = [(loop, len(loop.breaks), len(loop.continues)) for loop in self.loops[-1:]]
        self.inner(node.body)
        broken = entered.copy()
        broken.unbound.update(self.unbindings[since:])
        self.inner(node.orelse)
        after = self.state
        for handler in node.handlers:
            self.state = broken.copy()
            self._handler(handler)
            after = join(after, self.state)
        self.state = after
        if node.finalbody:
            entered.unbound.update(self.unbindings[since:])
            self._finally(node.finalbody, entered, after, left)

    def _handler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.expr(node.type)
        if node.name:
            self.store(node.name)
        self.inner(node.body)
        if node.name:
            self.unstore(node.name)

    def _finally(self, body: list[ast.stmt], broken: State, after: State, left: list[tuple[Loop, int, int]]) -> None:
        """Read a `finally`, which runs after an error as well: `broken` is what is sure then, `after` otherwise."""
        since = len(self.unbindings)
        self.state = broken.copy()
        self.inner(body)
        unbound = self.unbindings[since:]
        for loop, breaks, continues in left:
            for state in (*loop.breaks[breaks:], *loop.continues[continues:]):
                state.unbound.update(unbound)
        ended = self.state
        self.state = State(after.gone | ended.gone, ended.unbound & (after.unbound | set(unbound)))
        self.state.dead = after.dead or ended.dead

    @reads(ast.AsyncWith, ast.With)
    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self.awaits = self.awaits or (isinstance(node, ast.AsyncWith) and self.scope.at_module)
        swallowed: State | None = None
        since = len(self.unbindings)
        for item in node.items:
            self.expr(item.context_expr)
            if isinstance(item.optional_vars, ast.Name):
                self.store(item.optional_vars.id)
            if swallowed is None and not self._never_swallows(item.context_expr):
                swallowed, since = self.state.copy(), len(self.unbindings)
            if item.optional_vars is not None and not isinstance(item.optional_vars, ast.Name):
                self.target(item.optional_vars)
        self.inner(node.body) if swallowed is not None else self.block(node.body)
        if swallowed is not None:
            swallowed.unbound.update(self.unbindings[since:])
            self.state = join(self.state, swallowed)

    def _never_swallows(self, node: ast.expr) -> bool:
        """Tell whether a context manager is known to let every error through."""
        func = node.func if isinstance(node, ast.Call) else node
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return name in NEVER_SWALLOW and name not in self.binds
