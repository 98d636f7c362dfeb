"""A cell's statements as those of a function: what its last line shows, and the figures that it leaves, are shown."""

from __future__ import annotations

import ast
import re
import sys

from steppe.analysis.imports import bound_by
from steppe.analysis.tree import dotted, walk
from steppe.exports.free_names import FreeNames
from steppe.exports.parts import Part
from steppe.exports.scope import Flow
from steppe.exports.standing import Standing
from steppe.exports.units import Unit, shown

PLOTS = frozenset({"matplotlib", "seaborn"})

STILL = frozenset(sys.stdlib_module_names) | {
    "numpy",
    "pandas",
    "plotly",
    "polars",
    "pyarrow",
    "scipy",
    "sklearn",
    "steppe",
}
"""Modules of which nothing draws with matplotlib but what has a name that says so."""

DRAWS = re.compile("plot|hist|draw|show|fig|display|scatter|heatmap|from_predictions|from_estimator", re.IGNORECASE)


class Body:
    """Writes the statements of cells.

    Attributes:
        plots: whether the notebook imports what draws with matplotlib.
        pyplot: what `matplotlib.pyplot` is called in the module.
    """

    def __init__(self, parts: list[Part], standing: Standing, names: FreeNames) -> None:
        """Look for what draws."""
        self._standing = standing
        self._names = names
        made = [each for part in parts for each in part.cell.names.imports]
        self.plots = bool({each.module.partition(".")[0] for each in made} & PLOTS)
        bound = bound_by(made)
        plots = [name for name, what in bound.items() if what in ("matplotlib.pyplot:", "matplotlib:pyplot")]
        at_top = [name for name in plots if name in standing.names]
        self.pyplot = at_top[0] if at_top else names.free("pyplot")
        self._drawing = {
            name for name, what in bound.items() if what.lstrip(".").partition(":")[0].partition(".")[0] not in STILL
        }

    def statements(self, flow: Flow, *, show: bool = True) -> list[str]:
        """Return a cell's statements, with what its last line shows, and the figures that it leaves."""
        lines = []
        last = flow.part.units[-1] if flow.part.units else None
        for unit in flow.units:
            if unit is last and show and isinstance(unit.node, ast.Expr) and not flow.part.cell.silent:
                lines.append(self._shown(unit))
            else:
                lines.append(unit.text.strip("\n"))
        if self.plots and lines and self._draws(flow) and not lines[-1].rstrip(";").endswith("plt.show()"):
            lines.append(f"{self.pyplot}.show()")  # what a notebook does at a cell's end
        return lines

    def _shown(self, unit: Unit) -> str:
        assert isinstance(unit.node, ast.Expr)
        value = unit.node.value
        called = (dotted(value.func) or ("",))[-1] if isinstance(value, ast.Call) else ""
        if called in ("print", "display", "show") or (isinstance(value, ast.Constant) and value.value is None):
            return unit.text.strip("\n")
        self._names.used.add("show")
        return shown(unit, self._names.tool("show")).strip("\n")

    def _draws(self, flow: Flow) -> bool:
        """Tell whether a cell, or a function that it names, calls what may draw."""
        nodes = [unit.node for unit in flow.units]
        nodes += [
            unit.node for unit in self._standing.definitions if unit.defines in self._standing.closed(flow.names.reads)
        ]
        for top in nodes:
            for node in walk(top):
                word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
                if word in self._drawing or DRAWS.search(word):
                    return True
        return False
