"""Filters of warnings: the user's are part of every later key, those of libraries are only left as a step left them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from importlib import import_module

from steppe.worker.ambient.adapter import Adapter, Settings
from steppe.worker.ambient.filter_owners import (
    ALL,
    LIBRARY,
    START,
    USER,
    Filter,
    Owners,
    by_name,
    live,
    plain,
    put,
)


class Warnings(Adapter):
    """Filters that the user's code set or removed, and what stands before them: the first that fits decides."""

    name, module = "warnings", "warnings"

    def __init__(self, owners: Owners) -> None:
        self.owners = owners

    def read(self) -> Settings:
        """Return the filters from the first one to the user's last, and those that are gone."""
        owners = self.owners
        if list(warnings.filters) == owners.start:
            return {}
        order = owners.order()
        while order and order[-1][0] != USER:
            order.pop()
        present = set(map(id, warnings.filters))
        gone = [item for item in owners.start if id(item) not in present]
        found: Settings = {"filters": order} if order else {}
        if gone:
            found["removed"] = ALL if len(gone) == len(owners.start) else list(map(plain, gone))
        return found

    def write(self, settings: Settings) -> None:
        """Let exactly the user's filters be there; those of libraries stay before what they stand before."""
        gone = settings.get("removed", [])
        if gone == ALL and self.read().get("removed") != ALL:
            warnings.resetwarnings()  # other processes begin with other filters, and libraries' are gone with them
        before = list(warnings.filters)
        left = [] if gone == ALL else [item for item in self.owners.start if plain(item) not in gone]
        filters: list[Filter] = []
        for owner, *fields in settings.get("filters", ()):
            if owner == USER:
                filters.append(live(fields))
            elif owner == START:
                number = len(left) if fields == [ALL] else fields[0]
                filters += left[:number]
                left = left[number:]
        filters += left
        for owner, item in reversed(list(zip(self.owners.of(before), before, strict=True))):
            if owner == LIBRARY and item not in filters:
                _insert(filters, item, before[before.index(item) + 1 :])
        put(filters)


class LibraryFilters(Adapter):
    """Filters that libraries set when they are imported, which a call may do late.

    No key holds them: what is imported does. A step that had them set leaves them set, whether it runs or not.
    """

    name, module, in_key, noticed = "warnings of libraries", "warnings", False, False

    def __init__(self, owners: Owners) -> None:
        self.owners = owners

    def read(self) -> Settings:
        """Return all filters, first to last, where any is a library's."""
        order = self.owners.order()
        return {"filters": order} if any(owner == LIBRARY for owner, *_ in order) else {}

    def change(self, before: Settings, after: Settings) -> Settings | None:
        """Return, with the filters, which of them were set, which were moved, and which are gone."""
        was, now = before.get("filters", []), after.get("filters", [])
        first = _same(was, now)
        last = _same(was[first:][::-1], now[first:][::-1])
        touched = [item for item in now[first : len(now) - last] if item[0] == LIBRARY]
        gone = [item for item in was if item[0] == LIBRARY and item not in now]
        if not touched and not gone:
            return None
        moved = [item for item in touched if item in was]
        return {**after, "set": [item for item in touched if item not in was], "moved": moved, "gone": gone}

    def write(self, settings: Settings) -> None:
        """Set, move and remove filters of libraries; without a change, let those be there that can be."""
        order: list[Filter] = settings.get("filters", [])
        a_change = "set" in settings
        there = set(self._theirs())
        wanted = _found(settings["set"] if a_change else order, load=a_change)
        gone: set[Filter] = set()  # without a change, none: a worker may have imported more than the kernel
        if a_change:
            moved = _found(settings["moved"], load=False)
            gone = {*_found(settings["gone"], load=False).values()} & there
            wanted = {item: made for item, made in wanted.items() if made not in there}
            wanted |= {item: made for item, made in moved.items() if made in there}
        taken = {id(item) for item in self._theirs() if item in gone or item in wanted.values()}
        filters = [item for item in warnings.filters if id(item) not in taken]
        for at, item in enumerate(order):
            if item in wanted and wanted[item] not in filters:
                filters.insert(self._place(order[:at], filters), self.owners.spared(wanted[item]))
        put(filters)

    def _theirs(self) -> list[Filter]:
        filters = list(warnings.filters)
        return [item for item, owner in zip(filters, self.owners.of(filters), strict=True) if owner == LIBRARY]

    def _place(self, order: list[Filter], filters: list[Filter]) -> int:
        """Return the place behind those that stand before a filter: at the very front where none of them is there."""
        live = [_told(item, owner) for item, owner in zip(filters, self.owners.of(filters), strict=True)]
        for item in reversed(order):
            told = (START,) if item[0] == START else item
            if told in live:
                return len(live) - live[::-1].index(told)
        return 0


def _told(item: Filter, owner: str) -> Filter:
    """Return a live filter as `Owners.order` tells it; those of the start all alike."""
    if owner == START:
        return (START,)
    return (owner, *(by_name(item) if owner == LIBRARY else plain(item)))


def _found(items: Iterable[Filter], *, load: bool) -> dict[Filter, Filter]:
    """Return the filters of libraries among some, live; those whose category is not there are left out.

    Args:
        items: filters as plain data, with their owners.
        load: whether what holds a category is imported, as the step did.
    """
    found = {}
    for item in items:
        if item[0] != LIBRARY:
            continue
        action, message, category, module, line = item[1:]
        if isinstance(category, str):
            home, _, name = category.partition(":")
            try:
                category = getattr(import_module(home) if load else sys.modules[home], name)
            except Exception:  # noqa: S112  # what the library has become has no such category, so nobody warns with it
                continue
        found[item] = live((action, message, category, module, line))
    return found


def _insert(filters: list[Filter], item: Filter, after: list[Filter]) -> None:
    """Insert a filter before the first of those that come after it, else at the end."""
    follower = next((each for each in after if each in filters), None)
    filters.insert(len(filters) if follower is None else filters.index(follower), item)


def _same(one: list[Filter], other: list[Filter]) -> int:
    """Return how many filters two lists begin with alike."""
    number = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        number += 1
    return number
