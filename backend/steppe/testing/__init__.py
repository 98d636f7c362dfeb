"""Conformance suites that every store, catalog and executor passes, and stand-ins for the steps of a pipeline.

The suites are imported, with pytest, as they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from steppe.functions.external import ExternalResource
    from steppe.functions.mocks import MockedSteps
    from steppe.testing.catalog import CatalogSuite
    from steppe.testing.executor import ExecutorSuite
    from steppe.testing.store import StoreSuite
    from steppe.testing.store_damage import DamageSuite

__all__ = ["CatalogSuite", "DamageSuite", "ExecutorSuite", "StoreSuite", "check_resource", "mock_steps"]

_HOMES = {"CatalogSuite": "catalog", "DamageSuite": "store_damage", "ExecutorSuite": "executor", "StoreSuite": "store"}


def mock_steps(stand_ins: Mapping[Any, Any] | None = None) -> MockedSteps:
    """Stand in for steps that are functions, while it is entered: nothing is looked up, kept or written down.

        with steppe.testing.mock_steps({train: model, "load": lambda path: digits}) as mocked:
            daily("2026-11-29")
        assert mocked[train][0].kwargs == {"lr": 0.1}

    Steps that nothing stands in for run as the plain functions that they are.

    Args:
        stand_ins: by step, or its name: the value of each call, or a function that is called instead. By a class of
            external resources: what `with` gives in its place, and nothing is raised.

    Raises:
        steppe.errors.UsageError: a key is neither a step nor a name.
    """
    from steppe.functions.mocks import MockedSteps

    return MockedSteps(stand_ins or {})


def check_resource(make: Callable[[], ExternalResource]) -> None:
    """See that an external resource keeps its promises: raises it some times, and writes nothing down.

        def test_the_database_comes_and_goes():
            steppe.testing.check_resource(lambda: Database("sales.sql"))

    It comes and goes; a copy of it, as another process has it, can end it; to end it twice, or too early, is no
    error; and two that are made alike have one identity.

    Args:
        make: makes one.

    Raises:
        AssertionError: it does not keep one of them; says which.
    """
    from steppe.functions.external_check import check

    check(make)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
