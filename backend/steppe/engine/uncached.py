"""Why a step may have no key although all its inputs have versions: what its code does that no key can know of."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.clock import reads_clock
from steppe.analysis.conduct import MAGICS, Conduct
from steppe.analysis.options import Options
from steppe.analysis.remembered import remembered
from steppe.engine.gather import Gathered
from steppe.engine.session import Session
from steppe.engine.setup_rules import path_of, without_loading
from steppe.values.loggers import keeping
from steppe.worker.execution import open_figures


def reasons(cell: Cell, options: Options, gathered: Gathered, session: Session) -> Iterable[str]:
    """Yield why a cell can't be cached, in words; nothing where it can."""
    if options.cache is False:
        yield "cache=false"
    for magic in cell.names.magics:
        rule = MAGICS.get(magic.name)
        if magic.conduct is Conduct.UNBOUNDED and not (rule and rule.reads_only):
            yield f"{magic.title} may do anything"
    if "get_ipython" in cell.names.unbounded_reads:
        yield "it uses get_ipython(), which may do anything"
    transformers = getattr(session.setting.shell, "ast_transformers", ())
    if any(each not in session.transformers for each in transformers):
        yield "the notebook has the shell change what cells say (`ast_transformers`)"
    if left := open_figures():
        yield f"an earlier cell has left {left} open, which it may draw on"
    if "logging" in gathered.modules and (logger := keeping()):
        yield f"it may log to the logger {logger}, whose handlers keep what is logged"
    if options.expires is None and options.source is None:
        process = cell.process()
        if process is not None:
            yield f"{process.title} starts a process: say how long its result holds with expires="
        yield from _clock(cell, gathered, session)


def _clock(cell: Cell, gathered: Gathered, session: Session) -> Iterable[str]:
    """Say where the step's own code asks for the time, or for anything else that is new each time."""
    get = without_loading(session.setting.namespace, lambda _: False)  # what is read has been loaded for the key

    def where(name: str) -> str | None:
        return path_of(name, get)

    found = cell.clock(where)
    if found:
        yield f"it reads {found}: say how long its result holds with expires="
        return
    for root in gathered.walk.roots.values():
        for value in _functions(root.value, *root.nodes):
            tree = _tree_of(value, session)
            asks = remembered(reads_clock, tree, where) if tree is not None else ""
            if asks:
                yield f"{value.__qualname__}() reads {asks}: say how long its result holds with expires="
                return
    for cls in gathered.walk.classes.values():
        for value in _functions(*cls.nodes):
            tree = _tree_of(value, session)
            asks = remembered(reads_clock, tree, where) if tree is not None else ""
            if asks:
                yield f"{value.__qualname__}() reads {asks}: say how long its result holds with expires="
                return


def _functions(*values: Any) -> list[types.FunctionType]:
    """Return those of many values that are functions."""
    return [value for value in values if type(value) is types.FunctionType]


def _tree_of(value: types.FunctionType, session: Session) -> ast.AST | None:
    """Return the source of a function of the notebook."""
    found = session.sources.definition(value.__code__)
    return found.node if found is not None else None
