"""Names that code puts into `builtins`, where all code finds them: `_`, by what shows values or translates texts."""

from __future__ import annotations

import builtins
from typing import Any

from steppe.errors import CannotMove
from steppe.values.walk import ATOMS
from steppe.worker.ambient.adapter import Adapter, Settings

OF_SHELL = frozenset({"get_ipython", "display", "exit", "quit"})
"""What IPython puts there for as long as a cell runs."""

HELD = ("steppe", "held")
"""Stands for a value that is no plain text or number: it is not brought back."""


class BuiltinNames(Adapter):
    """Names that are in `builtins` since the start. A step that reads one has it as an input: no key holds them all."""

    name, module, in_key = "builtins", "builtins", False

    def __init__(self) -> None:
        self.start = frozenset(vars(builtins))

    def added(self) -> dict[str, Any]:
        """Return the names with their values."""
        now = vars(builtins)
        return {name: now[name] for name in now.keys() - self.start if name not in OF_SHELL}

    def read(self) -> Settings:
        """Return the names with their values, where these are plain."""
        return {name: value if type(value) in ATOMS else (*HELD, id(value)) for name, value in self.added().items()}

    def change(self, before: Settings, after: Settings) -> Settings:
        """Return what was bound, and the empty tuple for what was removed.

        Raises:
            CannotMove: it holds what can't be told from what it held before.
        """
        changed = {
            name: after.get(name, ()) for name in {*before, *after} if before.get(name, ()) != after.get(name, ())
        }
        for name, value in changed.items():
            if type(value) is tuple and value:
                raise CannotMove(f"it puts `{name}` into builtins")
        return changed

    def write(self, settings: Settings) -> None:
        """Bind names, and remove those that are gone."""
        for name, value in settings.items():
            if type(value) is not tuple:
                setattr(builtins, name, value)
            elif not value and hasattr(builtins, name):
                delattr(builtins, name)
