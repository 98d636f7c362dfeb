"""Names in definitions: functions, classes, their annotations and type parameters."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from steppe.analysis.calls import Calls
from steppe.analysis.expressions import reads
from steppe.analysis.scopes import Kind, Scope, parameters, type_parameters
from steppe.analysis.tree import BROKEN, dotted, parse_expression


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
            quoted = parse_expression(text)
        except BROKEN:
            return
        self.expr(quoted)

    @reads(ast.AsyncFunctionDef, ast.FunctionDef, ast.ClassDef)
    def _definition(self, node: Any) -> None:
        self.around(node)
        self.body_of(node)
        self.store(node.name)

    def around(self, node: Any) -> None:
        """Read what is evaluated where a function or class is made: decorators, defaults, annotations, bases."""
        self.exprs(getattr(node, "decorator_list", ()))
        if isinstance(node, ast.ClassDef):
            self._parameterised(node, lambda: self.exprs([*node.bases, *node.keywords]))
            return
        self.defaults(node.args)
        annotations = [*(arg.annotation for arg in parameters(node.args)), getattr(node, "returns", None)]

        def annotate() -> None:
            for annotation in annotations:
                self.annotation(annotation)

        self._parameterised(node, annotate)

    def body_of(self, node: Any) -> None:
        """Read the body of a function, which runs later, or of a class, which runs at once."""
        if not isinstance(node, ast.ClassDef):
            self._parameterised(node, lambda: self.function(node))
            return

        def make() -> None:
            outer, loops = self.scope, self.loops
            self.scope, self.loops = Scope(Kind.CLASS, outer), []
            self.scope.private = node.name.lstrip("_")
            for name in ("__module__", "__qualname__"):
                self.store(name)
            self.inner(node.body)
            self.scope, self.loops = outer, loops

        self._parameterised(node, make)

    def _parameterised(self, node: Any, inside: Callable[[], None]) -> None:
        """Read what stands under type parameters (Python 3.12), which are names of a scope of their own."""
        params = type_parameters(node)
        if not params:
            inside()
            return
        outer = self.scope
        self.scope = Scope(Kind.PARAMETERS, outer, {outer.spelt(param.name) for param in params})
        for param in params:
            self.annotation(getattr(param, "bound", None))
            self.annotation(getattr(param, "default_value", None))
        inside()
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
