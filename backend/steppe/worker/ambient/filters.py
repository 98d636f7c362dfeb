"""Filters of warnings."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any

from steppe.worker.ambient.adapter import Adapter, Settings, is_library
from steppe.worker.patches import Patches


class Warnings(Adapter):
    """Filters of `warnings` that the user's code set; those that libraries set when they are imported do not count."""

    name, module = "warnings", "warnings"

    def __init__(self) -> None:
        self.start = list(warnings.filters)
        self.from_libraries: list[Any] = []
        self.patches = Patches()
        self._wrap("filterwarnings")
        self._wrap("simplefilter")

    def _wrap(self, name: str) -> None:
        original = getattr(warnings, name)

        def wrapped(*args: Any, **options: Any) -> None:
            before = list(warnings.filters)
            original(*args, **options)
            if is_library(sys._getframe(1).f_code.co_filename):  # noqa: SLF001  # who asks is the question
                self.from_libraries += [item for item in warnings.filters if item not in before]

        wrapped.__name__ = wrapped.__qualname__ = name
        wrapped.__doc__, wrapped.__module__, wrapped.__wrapped__ = original.__doc__, "warnings", original  # type: ignore[attr-defined]
        self.patches.put(warnings, name, wrapped)

    def read(self) -> Settings:
        """Return the filters, first to last, as plain data."""
        mine = [item for item in warnings.filters if item not in self.start and item not in self.from_libraries]
        gone = [item for item in self.start if item not in warnings.filters]
        found: Settings = {}
        if mine:
            found["filters"] = [_plain_filter(item) for item in mine]
        if gone:
            found["removed"] = ALL if len(gone) == len(self.start) else [_plain_filter(item) for item in gone]
        return found

    def write(self, settings: Settings) -> None:
        """Put the user's filters before all others."""
        gone = settings.get("removed", [])
        if gone == ALL and self.read().get("removed") != ALL:
            warnings.resetwarnings()  # other processes begin with other filters, and libraries' are gone with them
        others = [item for item in warnings.filters if item in self.start or item in self.from_libraries]
        others += [item for item in self.start if item not in others and gone != ALL]
        kept = [item for item in others if _plain_filter(item) not in gone]
        warnings.filters[:] = [_filter(item) for item in settings.get("filters", [])] + kept  # type: ignore[index]
        getattr(warnings, "_filters_mutated", getattr(warnings, "_filters_mutated_lock_held", lambda: None))()


ALL = "all"
"""Said of removed filters where none is left of those that the process began with."""


def _plain_filter(item: Any) -> tuple[Any, ...]:
    action, message, category, module, line = item
    texts = [getattr(pattern, "pattern", pattern) for pattern in (message, module)]
    return action, texts[0], category, texts[1], line


def _filter(item: Any) -> tuple[Any, ...]:
    action, message, category, module, line = item
    return (
        action,
        message and re.compile(message, re.IGNORECASE),
        category,
        module and re.compile(module),
        line,
    )
