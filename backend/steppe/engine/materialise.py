"""Placeholders made real before a cell reads them: those that it names, and those that functions it calls look up."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterable
from typing import Any

from steppe.analysis.cell import Cell
from steppe.errors import StepFailed
from steppe.values.code import lookups
from steppe.values.lazy import MADE, Lazy, is_lazy, real
from steppe.worker.trace import unseen


def any_lazy(namespace: dict[str, Any]) -> bool:
    """Tell whether the namespace has a placeholder at all."""
    return bool(MADE) and Lazy in set(map(type, namespace.values()))


def materialise(names: Iterable[str] | None, namespace: dict[str, Any]) -> None:
    """Load the placeholders among `names` and among all that code behind them looks up; all of them for None.

    Then, those of a failed step stay: a cell that may read anything need not read them, and they raise when it does.
    """
    if not any_lazy(namespace):
        return
    wanted = set(namespace) if names is None else reached(names, namespace)
    with unseen():
        for name in wanted:
            if name in namespace and is_lazy(namespace[name]):
                with contextlib.suppress(*([StepFailed] if names is None else ())):
                    namespace[name] = real(namespace[name])


def only_streamed(cell: Cell, names: Iterable[str], namespace: dict[str, Any]) -> frozenset[str]:
    """Return which of the names that a cell reads are streamed by it and used for nothing else, by no function either.

    Args:
        cell: the cell.
        names: what it reads.
        namespace: the notebook's.
    """
    if not cell.streamed or cell.names.unbounded_reads or cell.names.unbounded_binds:
        return frozenset()
    return cell.streamed - reached(set(names) - cell.streamed, namespace)


def reached(names: Iterable[str], namespace: dict[str, Any]) -> set[str]:
    """Return the names that code run with `names` may look up: through functions and classes, to any depth."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in found or name not in namespace:
            continue
        found.add(name)
        value = namespace[name]
        if is_lazy(value):
            todo += object.__getattribute__(value, "lazy_artifact").names
            continue
        for code in codes_of(value):
            looked = lookups(code)
            todo += namespace if looked.unbounded else looked.names
    return found


def codes_of(value: Any) -> Iterable[types.CodeType]:
    """Yield the code that using a value may run: its own, and that of its class where the class is the notebook's."""
    function = getattr(value, "__wrapped__", value) if callable(value) else value
    code = getattr(function, "__code__", None)
    if isinstance(code, types.CodeType):
        yield code
        for cell in getattr(function, "__closure__", None) or ():
            try:
                inside = cell.cell_contents
            except ValueError:
                continue
            if isinstance(inside, types.FunctionType) and inside is not value:
                yield inside.__code__
        return
    kind = value if isinstance(value, type) else type(value)
    for base in kind.__mro__:
        if base.__module__ == "__main__":
            for member in vars(base).values():
                inner = getattr(member, "__func__", member)
                inner = inner.fget if isinstance(inner, property) else inner
                inner_code = getattr(inner, "__code__", None)
                if isinstance(inner_code, types.CodeType):
                    yield inner_code
