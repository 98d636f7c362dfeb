"""Whose a filter of warnings is: the user's, a library's, or one of those that the process began with."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable
from types import FrameType
from typing import Any

from steppe.worker.ambient.adapter import is_library
from steppe.worker.patches import Patches

Filter = tuple[Any, ...]

USER, LIBRARY, START = "user", "library", "start"

ALL = "all"
"""Said of removed filters where none is left of those that the process began with; and of a run of those that are."""


class Owners:
    """Whose the filters of `warnings` are: told by identity, since the user may set one that equals a library's.

    Attributes:
        start: the filters at the start.
        patches: what stands in for functions of `warnings`, to see who calls them.
    """

    def __init__(self) -> None:
        self.start: list[Filter] = list(warnings.filters)
        self.patches = Patches()
        self._of_libraries: dict[Filter, Filter] = {}
        self._spared: set[Filter] = set()
        self._wrap("filterwarnings")
        self._wrap("simplefilter")

    def _wrap(self, name: str) -> None:
        original = getattr(warnings, name)

        def wrapped(*args: Any, **options: Any) -> None:
            before = list(warnings.filters)
            original(*args, **options)
            if _imports(sys._getframe(1)):  # noqa: SLF001  # who asks is the question
                self._note(before)

        wrapped.__name__ = wrapped.__qualname__ = name
        wrapped.__doc__, wrapped.__module__, wrapped.__wrapped__ = original.__doc__, "warnings", original  # type: ignore[attr-defined]
        self.patches.put(warnings, name, wrapped)

    def _note(self, before: list[Any]) -> None:
        """Note a filter that a library has set; one that a hit has left stays where the spared import had put it."""
        known = set(map(id, before))
        for at, item in enumerate(warnings.filters):
            if id(item) in known:
                continue
            if item in self._spared:
                self._spared.discard(item)
                put(before)
                return
            warnings.filters[at] = self._of_libraries.setdefault(item, item)  # type: ignore[index]

    def of(self, filters: Iterable[Filter]) -> list[str]:
        """Return whose each filter is."""
        start = set(map(id, self.start))
        libraries = set(map(id, self._of_libraries.values()))
        return [START if id(item) in start else LIBRARY if id(item) in libraries else USER for item in filters]

    def spared(self, item: Filter) -> Filter:
        """Return a library's filter, which its import would set, or has set."""
        if item not in self._of_libraries:
            self._spared.add(item)
        return self._of_libraries.setdefault(item, item)

    def order(self) -> list[Filter]:
        """Return all filters as plain data, each with its owner; those of the start, which differ, by their number."""
        filters = list(warnings.filters)
        owners = self.of(filters)
        order: list[Filter] = []
        for owner, item in zip(owners, filters, strict=True):
            if owner == USER:
                order.append((owner, *plain(item)))
            elif owner == LIBRARY:
                order.append((owner, *by_name(item)))
            elif order and order[-1][0] == START:
                order[-1] = START, order[-1][1] + 1
            else:
                order.append((START, 1))
        everything = START, owners.count(START)
        return [(START, ALL) if item == everything else item for item in order]


def _imports(frame: FrameType | None) -> bool:
    """Tell whether code is a library's that is being imported, and not called by the user's code."""
    while frame is not None and is_library(frame.f_code.co_filename):
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def put(filters: list[Any]) -> None:
    """Let exactly these filters hold."""
    warnings.filters[:] = filters  # type: ignore[index]
    getattr(warnings, "_filters_mutated", getattr(warnings, "_filters_mutated_lock_held", lambda: None))()


def plain(item: Any) -> Filter:
    """Return a filter with its patterns as text and flags."""
    return tuple((part.pattern, part.flags) if isinstance(part, re.Pattern) else part for part in item)


def by_name(item: Any) -> Filter:
    """Return a filter as plain data with its category by name, so that to know of it imports nothing."""
    action, message, category, module, line = plain(item)
    known = category.__module__ == "builtins" or "." in category.__qualname__
    return action, message, category if known else f"{category.__module__}:{category.__qualname__}", module, line


def live(fields: Iterable[Any]) -> Filter:
    """Return a filter with its patterns compiled, as `warnings` keeps it."""
    return tuple(re.compile(*part) if isinstance(part, tuple) else part for part in fields)
