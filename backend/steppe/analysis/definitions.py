"""Names in definitions: functions, classes, their annotations and type parameters."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from steppe.analysis.calls import Calls
from steppe.analysis.expressions import reads
from steppe.analysis.scopes import Kind, Scope, parameters, type_parameters
from steppe.analysis.tree import dotted


class Definitions(Calls):
    """Reads definitions.

    Attributes:
        nested: how many branches, loops, functions and classes are around this point.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nested = 0

    def inner(self, body: Sequence[ast.stmt]) -> None:
        """Read statements that may not be reached."""
        self.nested += 1
        self.block(body)
        self.nested -= 1

    def later(self, scope: Scope, body: Sequence[ast.stmt]) -> None:
        """Read statements that run in a scope of their own, now or later."""
        self.nested += 1
        super().later(scope, body)
        self.nested -= 1

    def annotation(self, node: ast.expr | None) -> None:
        """Read an annotation: evaluated at once, later, or when somebody asks, by version and `__future__`."""
        if node is None:
            return
        after = self.state.copy()
        self.expr(node)
        self.state = after
        for text in _quoted_in(node):
            self._quoted(text)

    def _quoted(self, text: str) -> None:
        """Read an annotation in quotes, which dataclass-like libraries evaluate."""
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self.expr(tree.body)

    @reads(ast.AsyncFunctionDef, ast.FunctionDef)
    def _functiondef(self, node: Any) -> None:
        self.exprs(node.decorator_list)
        self.defaults(node.args)
        annotations = [*(arg.annotation for arg in parameters(node.args)), node.returns]

        def define() -> None:
            for annotation in annotations:
                self.annotation(annotation)
            self.function(node)

        self._parameterised(node, define)
        self.store(node.name)

    @reads(ast.ClassDef)
    def _classdef(self, node: Any) -> None:
        self.exprs(node.decorator_list)

        def define() -> None:
            self.exprs(node.bases)
            self.exprs(node.keywords)
            outer, loops = self.scope, self.loops
            self.scope, self.loops = Scope(Kind.CLASS, outer), []
            self.scope.private = node.name.lstrip("_")
            for name in ("__module__", "__qualname__"):
                self.store(name)
            self.inner(node.body)
            self.scope, self.loops = outer, loops

        self._parameterised(node, define)
        self.store(node.name)

    def _parameterised(self, node: Any, define: Callable[[], None]) -> None:
        """Read what stands under type parameters (Python 3.12), which are names of a scope of their own."""
        params = type_parameters(node)
        if not params:
            define()
            return
        outer = self.scope
        self.scope = Scope(Kind.PARAMETERS, outer, {outer.spelt(param.name) for param in params})
        for param in params:
            self.annotation(getattr(param, "bound", None))
            self.annotation(getattr(param, "default_value", None))
        define()
        self.scope = outer

    @reads(*([ast.TypeAlias] if hasattr(ast, "TypeAlias") else []))
    def _typealias(self, node: Any) -> None:
        self._parameterised(node, lambda: self.annotation(node.value))
        self.store(node.name.id)


def _quoted_in(node: ast.expr) -> list[str]:
    """Return the quoted parts of an annotation, but for those of `Literal`, which are values."""
    if isinstance(node, ast.Name):
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Subscript) and (dotted(node.value) or ("",))[-1] == "Literal":
        return []
    return [text for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr) for text in _quoted_in(part)]
