"""Pins as people say them: which one is meant."""

from __future__ import annotations

from steppe.catalog import Catalog, Pin
from steppe.errors import UsageError
from steppe.lineage.holding import Holding, said
from steppe.naming import thing_meant
from steppe.store.store import Store
from steppe.wording import nearest


def pinned(catalog: Catalog, store: Store, what: str) -> Pin:
    """Return the pin that is meant, also where what it is on can't be found any more.

    Raises:
        UsageError: there is none, or more than one.
    """
    pins = catalog.names.pins()
    begun = what.strip().lower()
    found = [pin for pin in pins if len(begun) >= 4 and pin.target.startswith(begun)]
    if not found:
        try:
            meant = thing_meant(catalog, store, what)
        except UsageError:
            meant = ("", "")
        found = [pin for pin in pins if (pin.kind, pin.target) == meant]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{what}` may be any of {', '.join(map(said, found))}: give more of it.")
    hint = nearest(what, (pin.target[:18] for pin in pins)) or "nothing is."
    raise UsageError(f"`{what}` is not pinned: {hint}")


def touch(catalog: Catalog, holding: Holding, now: float) -> None:
    """Note that the entries of what is held were used: a `steppe gc` that goes on meanwhile leaves them."""
    held = catalog.entries.among(entry.key for entry in catalog.upkeep.entries() if entry.step_run in holding)
    catalog.entries.touch_each([entry for entries in held.values() for entry in entries], now)
    catalog.flush()
