"""Modules that a result was made with and that are not here: stand-ins, which say so as soon as they are used."""

from __future__ import annotations

import importlib
import importlib.util
import types
from typing import Any
from weakref import WeakSet


def imported(name: str) -> types.ModuleType:
    """Import a module; where its package is not installed at all, return a stand-in for it.

    Raises:
        Exception: whatever the import of a package that is here raises.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not is_absent(error.name or name):
            raise
        return _stand_in(name)


def is_absent(name: str) -> bool:
    """Tell whether the package of a module is not installed."""
    return importlib.util.find_spec(name.partition(".")[0]) is None


def is_stand_in(module: types.ModuleType) -> bool:
    """Tell whether a module is one of the stand-ins."""
    return module in _stand_ins


_stand_ins: WeakSet[types.ModuleType] = WeakSet()


def _stand_in(name: str) -> types.ModuleType:
    module = types.ModuleType(name, f"Stands for {name}, which is not installed here.")

    def missing(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise ModuleNotFoundError(
            f"No module named '{name}' here: the step that imported it was not run, its result was kept. Install it "
            f"to use {name}.{attribute}.",
            name=name,
        )

    module.__getattr__ = missing  # type: ignore[method-assign]
    _stand_ins.add(module)
    return module
