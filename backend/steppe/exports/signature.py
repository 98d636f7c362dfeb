"""The parameters of an exported pipeline: those of the cell that is tagged `parameters`, with their defaults."""

from __future__ import annotations

import ast

from steppe.analysis.tree import walk
from steppe.exports.parts import Part
from steppe.exports.scope import Flow, Scope
from steppe.exports.units import Unit

READER = '''import argparse
import ast


def value(text):
    """Return an argument as Python reads it, else as text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return {{"true": True, "false": False, "none": None}}.get(text.lower(), text)


parser = argparse.ArgumentParser(description="The pipeline of {stem}.ipynb.")'''


class Signature:
    """What a pipeline takes.

    Attributes:
        parts: the cells tagged `parameters`; one, or none.
    """

    def __init__(self, parts: list[Part]) -> None:
        """Read the cell.

        Raises:
            UsageError: it does more than to assign names.
        """
        self.parts = parts
        self._defaults: dict[str, str] = {}
        self._computed: dict[str, str] = {}
        if len(parts) > 1:
            raise parts[1].refused("is the second one that is tagged `parameters`: tag one")
        for part in parts:
            if part.is_step:
                raise part.refused("is a step and tagged `parameters`: let it be one of both")
            for unit in part.units:
                self._take(part, unit)

    def _take(self, part: Part, unit: Unit) -> None:
        node = unit.node
        if unit.imports or unit.defines or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            target = node.target
        if not isinstance(target, ast.Name):
            raise part.refused(
                f"is tagged `parameters`, and has `{ast.unparse(node)}`: only `name = value` can stand there"
            )
        value = node.value  # type: ignore[attr-defined]  # both have one
        reads = {each.id for each in walk(value) if isinstance(each, ast.Name)}
        before = {*self._defaults, *self._computed}
        if target.id in before:
            raise part.refused(f"assigns the parameter `{target.id}` twice: once is enough")
        if reads & before:
            raise part.refused(
                f"computes the parameter `{target.id}` from `{min(reads & before)}`: do it in the cell after it"
            )
        (self._defaults if _is_constant(value) else self._computed)[target.id] = ast.unparse(value)

    @property
    def names(self) -> list[str]:
        """The parameters' names."""
        return [*self._defaults, *self._computed]

    def check(self, scope: Scope) -> None:
        """Refuse what a function's parameters can't be."""
        for part in self.parts:
            for name in set(self.names) & scope.globals:
                others = [flow.part for flow in scope.flows if flow.part is not part and name in flow.binds]
                if others:
                    raise others[0].refused(
                        f"sets the parameter `{name}`, which functions read: give what it sets another name"
                    )

    @property
    def text(self) -> str:
        """What stands between the parentheses of the function."""
        plain = [f"{name}={value}" for name, value in self._defaults.items()]
        plain += [f"{name}=..." for name in self._computed]
        return ", ".join(["*", *plain]) if plain else ""

    @property
    def call(self) -> str:
        """What stands between those of its call."""
        return "**vars(parser.parse_args())" if self.names else ""

    def published(self, names: set[str]) -> set[str]:
        """Return those that are variables of the module, too."""
        return set(self.names) & names

    def body(self, flow: Flow, publish: str, names: set[str]) -> list[str]:
        """Return what the pipeline does with them at its beginning."""
        lines = [unit.text.strip("\n") for unit in flow.units if unit.imports or unit.defines]
        lines += [f"if {name} is ...:\n    {name} = {value}" for name, value in self._computed.items()]
        given = sorted(self.published(names))
        if given:
            lines.append(f"{publish}({', '.join(f'{name}={name}' for name in given)})")
        return lines

    def reader(self, stem: str) -> list[str]:
        """Return what reads them from the command line."""
        if not self.names:
            return []
        lines = [READER.format(stem=stem)]
        lines += [
            f'parser.add_argument("--{name}", type=value, default={value})' for name, value in self._defaults.items()
        ]
        lines += [f'parser.add_argument("--{name}", type=value, default=...)' for name in self._computed]
        return lines


def _is_constant(node: ast.expr) -> bool:
    """Tell whether an expression is a value that no call of the pipeline can change for the next."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Constant)
