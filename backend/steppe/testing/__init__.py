"""Conformance suites that every store, catalog and executor passes, and stand-ins for the steps of a pipeline.

The suites are imported, with pytest, as they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from steppe.functions.mocks import MockedSteps
    from steppe.testing.catalog import CatalogSuite
    from steppe.testing.executor import ExecutorSuite
    from steppe.testing.store import StoreSuite
    from steppe.testing.store_damage import DamageSuite

__all__ = ["CatalogSuite", "DamageSuite", "ExecutorSuite", "StoreSuite", "mock_steps"]

_HOMES = {"CatalogSuite": "catalog", "DamageSuite": "store_damage", "ExecutorSuite": "executor", "StoreSuite": "store"}


def mock_steps(stand_ins: Mapping[Any, Any] | None = None) -> MockedSteps:
    """Stand in for steps that are functions, while it is entered: nothing is looked up, kept or written down.

        with steppe.testing.mock_steps({train: model, "load": lambda path: digits}) as mocked:
            daily("2026-11-29")
        assert mocked[train][0].kwargs == {"lr": 0.1}

    Steps that nothing stands in for run as the plain functions that they are.

    Args:
        stand_ins: by step, or its name: the value of each call, or a function that is called instead.

    Raises:
        steppe.errors.UsageError: a key is neither a step nor a name.
    """
    from steppe.functions.mocks import MockedSteps

    return MockedSteps(stand_ins or {})


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
