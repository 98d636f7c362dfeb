"""Which cells are setup: they act on libraries rather than on variables, so they always run."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from steppe.analysis.cell import Cell
from steppe.analysis.effects import ORDER, Act, Effect, acts_elsewhere
from steppe.analysis.remembered import remembered
from steppe.engine.materialise import reached
from steppe.engine.session import Session
from steppe.values.lazy import PENDING, is_lazy, real

Get = Callable[[str], Any]
"""Gives what a name of the notebook is bound to, or None."""

FOLLOWED = frozenset(
    {
        "random",
        "numpy.random",
        "torch.random",
        "numpy",
        "pandas",
        "matplotlib",
        "warnings",
        "environ",
        "cwd",
        "locale",
        "decimal",
        "sklearn",
        "sys.path",
    }
)
"""Ambient state whose change is kept with a step's result and made again on a hit."""

NOT_FOLLOWED = (
    "numpy.seterrcall",
    "numpy.setbufsize",
    "numpy.set_string_function",
    "matplotlib.pyplot.xkcd",
    "plotly.io.renderers",
)
FOLLOWED_PATHS = (
    "torch.set_default_dtype",
    "torch.set_grad_enabled",
    "torch.use_deterministic_algorithms",
    "torch.set_float32_matmul_precision",
    "plotly.io.templates",
)


def effect_of(cell: Cell, session: Session) -> Effect | None:
    """Return how a cell acts elsewhere: by its code, that of functions it calls, or a magic; None where it does not."""
    strongest: Effect | None = None
    for effect in _effects(cell, session):
        if strongest is None or ORDER.index(effect.act) > ORDER.index(strongest.act):
            strongest = effect
    return strongest


def _effects(cell: Cell, session: Session) -> Any:
    namespace = session.setting.namespace
    get = without_loading(namespace, lambda name: name in cell.names.reads)
    judged = cell.effect(lambda name: path_of(name, get), lambda name: _is_class(name, get))
    if judged is not None and judged.path != "%load_ext":
        yield settled(judged)
    if not any(_is_from_another(cell, value, session) for value in _functions(cell.glance.names, session, get)):
        return  # most cells: which names it reads exactly need not be known
    get = without_loading(namespace, lambda _: True)
    for value in _functions(cell.names.reads, session, get):
        found = session.sources.definition(value.__code__)
        if found is not None and isinstance(found.node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = remembered(
                acts_elsewhere,
                found.glance,
                lambda other: path_of(other, get),
                lambda other: _is_class(other, get),
            )
            if inner is not None and inner.act is not Act.IMPORTS:
                yield settled(inner)


def without_loading(namespace: dict[str, Any], is_read: Callable[[str], bool]) -> Get:
    """Return what looks a name up without loading a stored value, or waiting for a step to make one that is not read.

    A stored value that is not loaded yet is never code: that is bound at once.
    """

    def get(name: str) -> Any:
        value = namespace.get(name)
        if not is_lazy(value):
            return value
        pending = object.__getattribute__(value, "lazy_artifact").type == PENDING
        return real(value) if pending and is_read(name) else None

    return get


def _functions(names: Iterable[str], session: Session, get: Get) -> Iterator[types.FunctionType]:
    """Yield the notebook's functions that code run with these names may call."""
    for name in reached(names, session.setting.namespace):
        value = get(name)
        if isinstance(value, types.FunctionType) and session.sources.is_notebook(value.__module__ or ""):
            yield value


def _is_from_another(cell: Cell, function: types.FunctionType, session: Session) -> bool:
    """Tell whether a function was written in another cell: one of the cell's own is judged with the cell."""
    return session.sources.text(function.__code__.co_filename) != cell.source


def settled(effect: Effect) -> Effect:
    """Return an effect on ambient state as setup where no adapter of ours follows it."""
    if effect.act is not Act.AMBIENT:
        return effect
    followed = effect.path.startswith(FOLLOWED_PATHS) or (
        effect.adapter in FOLLOWED and not effect.path.startswith(NOT_FOLLOWED)
    )
    if followed:
        return effect
    return Effect(act=Act.SETUP, what=effect.what, path=effect.path, adapter=effect.adapter, lineno=effect.lineno)


def path_of(name: str, get: Get) -> str | None:
    """Return the dotted path of the module, or of the function or class of a module, that a name is bound to."""
    value = get(name)
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        module = getattr(value, "__module__", None)
        if module and module not in ("__main__", "builtins"):
            return f"{module}.{value.__qualname__}"
    return None


def _is_class(name: str, get: Get) -> bool:
    value = get(name)
    return isinstance(value, type) and value.__module__ == "__main__"
