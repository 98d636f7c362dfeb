"""Bytes by digest, and records by name. Imported as they are used; `store.py` has the promises."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steppe.store.local import LocalStore
    from steppe.store.objects import ObjectStore
    from steppe.store.opening import open_store
    from steppe.store.store import Blob, Store
    from steppe.store.tiered import TieredStore

__all__ = ["Blob", "LocalStore", "ObjectStore", "Store", "TieredStore", "open_store"]

_HOMES = {
    "Blob": "store",
    "LocalStore": "local",
    "ObjectStore": "objects",
    "Store": "store",
    "TieredStore": "tiered",
    "open_store": "opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
