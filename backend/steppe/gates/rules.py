"""Rules such as `accuracy >= baseline - 0.01`: comparisons that are read as a syntax tree, and never run as code."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, Protocol

from steppe.errors import UsageError

COMPARES: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
COMPUTES: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max}
ASKING = ("same", "rows", "baseline")
LONGEST = 500
DEEPEST = 30


class Facts(Protocol):
    """What rules are asked of."""

    def number(self, name: str, *, before: bool) -> float:
        """Return a number by its name: now, or before."""

    def rows(self, name: str, *, before: bool) -> float:
        """Return how many rows a table has, or items a list."""

    def same(self, name: str, tolerance: float) -> bool:
        """Tell whether a value, or a step's figures, are as before."""


class Rule:
    """A rule, read and checked.

    Attributes:
        text: as it was written.
        subject: the name that `baseline` means: the first in the rule.
    """

    def __init__(self, text: str) -> None:
        """Read a rule.

        Raises:
            UsageError: it is no comparison, or holds what rules can't.
        """
        self.text = " ".join(str(text).split())
        if len(self.text) > LONGEST:
            raise UsageError(f"a rule has at most {LONGEST} characters: `{self.text[:60]}…` has more.")
        try:
            self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UsageError(
                f"the rule `{self.text}` can't be read: write one such as `accuracy >= baseline - 0.01`."
            ) from error
        names = list(self._check(self._tree, 0))
        self.subject = next((name for name in names if name != "baseline"), "")
        if not isinstance(self._tree, ast.Compare) and not _is_call(self._tree, "same"):
            raise UsageError(
                f"the rule `{self.text}` is no comparison: write one such as `accuracy >= baseline - 0.01`."
            )
        if not self.subject:
            raise UsageError(f"the rule `{self.text}` names no number and no value of the notebook.")

    def holds(self, facts: Facts) -> tuple[bool, str]:
        """Tell whether it holds, and with which numbers.

        Raises:
            UsageError: a name is nothing that the run, or the baseline, has.
        """
        if not isinstance(self._tree, ast.Compare):
            held = bool(self._value(self._tree, facts))
            return held, "as before" if held else "another than before"
        values = [self._value(each, facts) for each in (self._tree.left, *self._tree.comparators)]
        held = all(
            bool(COMPARES[type(how)](one, other))
            for how, one, other in zip(self._tree.ops, values, values[1:], strict=False)
        )
        return held, f"{' against '.join(f'{value:.6g}' for value in values)}"

    def _check(self, tree: ast.expr, depth: int) -> list[str]:
        """Return the names in an expression, the first one first."""
        if depth > DEEPEST:
            raise UsageError(f"the rule `{self.text}` is nested too deeply.")
        if isinstance(tree, ast.Compare):
            if depth == 0 and all(type(how) in COMPARES for how in tree.ops):
                return [name for each in (tree.left, *tree.comparators) for name in self._check(each, depth + 1)]
        elif isinstance(tree, ast.BinOp):
            if type(tree.op) in COMPUTES:
                return self._check(tree.left, depth + 1) + self._check(tree.right, depth + 1)
        elif isinstance(tree, ast.UnaryOp):
            if isinstance(tree.op, ast.USub | ast.UAdd):
                return self._check(tree.operand, depth + 1)
        elif isinstance(tree, ast.Constant):
            if type(tree.value) in (int, float):
                return []
        elif _dotted(tree):
            return [_dotted(tree)]
        elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
            return self._check_call(tree.func.id, tree.args, depth)
        raise UsageError(
            f"the rule `{self.text}` holds `{ast.unparse(tree)}`: rules are made of names, numbers, + - * /, "
            "comparisons, and abs, min, max, rows, same and baseline."
        )

    def _check_call(self, function: str, arguments: list[ast.expr], depth: int) -> list[str]:
        if function in FUNCTIONS and arguments and (function != "abs" or len(arguments) == 1):
            found = [name for each in arguments for name in self._check(each, depth + 1)]
            if function == "abs" or len(arguments) > 1:
                return found
        one = len(arguments) == 1 or (function == "same" and len(arguments) == 2)
        if function in ASKING and one and _dotted(arguments[0]):
            rest = [name for each in arguments[1:] for name in self._check(each, depth + 1)]
            if not rest:
                return [_dotted(arguments[0])]
        raise UsageError(f"the rule `{self.text}` asks {function}() for what it can't tell; see the page on gates.")

    def _value(self, tree: ast.expr, facts: Facts) -> Any:
        if isinstance(tree, ast.Constant):
            return tree.value
        if isinstance(tree, ast.UnaryOp):
            value = self._value(tree.operand, facts)
            return -value if isinstance(tree.op, ast.USub) else value
        if isinstance(tree, ast.BinOp):
            left, right = self._value(tree.left, facts), self._value(tree.right, facts)
            if isinstance(tree.op, ast.Div) and right == 0:
                return math.nan
            return COMPUTES[type(tree.op)](left, right)
        if isinstance(tree, ast.Call):
            assert isinstance(tree.func, ast.Name), "it was checked"
            return self._called(tree.func.id, tree.args, facts)
        name = _dotted(tree)
        if name != "baseline":
            return facts.number(name, before=False)
        if any(_is_call(each, "rows") for each in ast.walk(self._tree)):
            return facts.rows(self.subject, before=True)
        return facts.number(self.subject, before=True)

    def _called(self, function: str, arguments: list[ast.expr], facts: Facts) -> Any:
        if function in FUNCTIONS:
            return FUNCTIONS[function](*(self._value(each, facts) for each in arguments))
        name = _dotted(arguments[0])
        if function == "rows":
            return facts.rows(name, before=False)
        if function == "baseline":
            return facts.number(name, before=True)
        return facts.same(name, float(self._value(arguments[1], facts)) if len(arguments) > 1 else 0.0)


def _dotted(tree: ast.AST) -> str:
    """Return a name, or `step.variable`; nothing for any other expression."""
    if isinstance(tree, ast.Name):
        return tree.id
    if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
        return f"{tree.value.id}.{tree.attr}"
    return ""


def _is_call(tree: ast.AST, name: str) -> bool:
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == name
