"""The ambient state of this process, through all adapters."""

from __future__ import annotations

import os
from collections.abc import Callable

from steppe.worker.ambient.adapter import Adapter, Settings
from steppe.worker.ambient.arrays import NumPy, ScikitLearn, Torch
from steppe.worker.ambient.builtin_names import BuiltinNames
from steppe.worker.ambient.counters import Counters, Identifiers
from steppe.worker.ambient.decimals import Decimal, DecimalFlags
from steppe.worker.ambient.drawing import Matplotlib, Plotly, Pyplot, Styles
from steppe.worker.ambient.filter_owners import Owners
from steppe.worker.ambient.filters import LibraryFilters, Warnings
from steppe.worker.ambient.frames import Pandas, Polars
from steppe.worker.ambient.levels import Levels
from steppe.worker.ambient.process import Folder, LibraryVariables, Locale, SearchPath, Variables

KINDS: tuple[Callable[[], Adapter], ...] = (
    Folder,
    Variables,
    LibraryVariables,
    SearchPath,
    Locale,
    Levels,
    Decimal,
    DecimalFlags,
    NumPy,
    Pandas,
    Matplotlib,
    Styles,
    Pyplot,
    ScikitLearn,
    Torch,
    Plotly,
    Polars,
    Counters,
    Identifiers,
)


class Ambient:
    """The ambient state of this process, through its adapters. Made when the kernel or the worker starts.

    Attributes:
        start: the working directory at that time.
        adapters: the adapters by name.
        builtins: the one among them that knows which names were put into `builtins`.
    """

    def __init__(self) -> None:
        self.start = os.getcwd()
        self._filters = Owners()
        self.builtins = BuiltinNames()
        made = (Warnings(self._filters), LibraryFilters(self._filters), self.builtins, *(kind() for kind in KINDS))
        self.adapters: dict[str, Adapter] = {adapter.name: adapter for adapter in made}

    def forget(self) -> None:
        """Follow changes no more: the session is over."""
        self._filters.patches.undo()
        for adapter in self.adapters.values():
            if isinstance(adapter, Levels):
                adapter.patches.undo()

    @property
    def environ_at_start(self) -> dict[str, str]:
        """The environment at that time."""
        variables = self.adapters[Variables.name]
        assert isinstance(variables, Variables)
        return variables.start

    def read(self) -> dict[str, Settings]:
        """Return what differs from the defaults, by adapter; adapters with nothing to say left out."""
        found = {}
        for name, adapter in self.adapters.items():
            if adapter.loaded and (settings := adapter.read()):
                found[name] = settings
        return found

    def write(self, changes: dict[str, Settings]) -> None:
        """Make these adapters' settings hold exactly, in order; a library that is not loaded is imported for it."""
        for name, adapter in self.adapters.items():
            if name not in changes:
                continue
            if not adapter.loaded:
                __import__(adapter.module)
            adapter.write(changes[name])
