"""What flows between the steps of a notebook, by its text alone: which step binds the variables that another reads.

A name that a plain cell binds is followed through it to the steps that it was made from. What a cell changes in place,
as far as its text or its last execution tells, counts as bound by it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from steppe.analysis.cell import Cell
from steppe.analysis.names import names_inside

CERTAIN = frozenset({"=", "del"})
"""Doubts of `Mutations.may` that are no doubts: an item or an attribute is set, or removed."""


class Flows:
    """The edges of a pipeline, found cell by cell in the notebook's order.

    Attributes:
        edges: for each pair of steps, by name, the variables that flow from the first to the second.
    """

    def __init__(self) -> None:
        self.edges: dict[tuple[str, str], list[str]] = {}
        self._makers: dict[str, tuple[str, ...]] = {}
        self._functions: dict[str, frozenset[str]] = {}

    def cell(self, name: str | None, cell: Cell, changed: Iterable[str] = ()) -> None:
        """Take the next cell.

        Args:
            name: the step that it belongs to; None for a plain cell.
            cell: its analysis.
            changed: names that it is known to have bound or changed when it last ran.
        """
        reads = self._closed(cell.names.reads)
        sources = sorted({maker for read in reads for maker in self._makers.get(read, ())})
        if name is not None:
            for read in sorted(reads):
                for maker in self._makers.get(read, ()):
                    if maker != name and read not in self.edges.setdefault((maker, name), []):
                        self.edges[maker, name].append(read)
        surely_changed = {read for read, doubts in cell.mutations.may.items() if doubts & CERTAIN}
        bound = cell.names.binds | surely_changed | (set(changed) & (reads | cell.names.binds))
        for each in bound:
            if each in cell.names.surely or each in surely_changed or name is not None:
                made = (name,) if name is not None else tuple(sources)
            else:
                made = tuple(dict.fromkeys((*self._makers.get(each, ()), *sources)))
            self._makers[each] = made
        for each in cell.names.deletes - cell.names.binds:
            self._makers.pop(each, None)
        self._functions |= _functions_of(cell.tree)

    def _closed(self, reads: frozenset[str]) -> set[str]:
        """Return names with those that the notebook's functions among them read when they are called."""
        found: set[str] = set()
        todo = list(reads)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self._functions.get(name, ())
        return found


def _functions_of(tree: ast.Module) -> Mapping[str, frozenset[str]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: names_inside(node)[0].reads for node in tree.body if isinstance(node, kinds)}
