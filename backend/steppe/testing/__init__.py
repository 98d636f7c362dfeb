"""Conformance suites that every store, catalog and executor passes. Imported, with pytest, as they are used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steppe.testing.catalog import CatalogSuite
    from steppe.testing.executor import ExecutorSuite
    from steppe.testing.store import StoreSuite
    from steppe.testing.store_damage import DamageSuite

__all__ = ["CatalogSuite", "DamageSuite", "ExecutorSuite", "StoreSuite"]

_HOMES = {"CatalogSuite": "catalog", "DamageSuite": "store_damage", "ExecutorSuite": "executor", "StoreSuite": "store"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
