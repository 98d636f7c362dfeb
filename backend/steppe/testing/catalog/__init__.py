"""What every Catalog has to pass. A back end's tests are a subclass with a fixture `url` that leads to an empty one.

class TestSQLite(CatalogSuite):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path}/catalog.db"
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from steppe.catalog import Catalog, open_catalog
from steppe.testing.catalog.claims import ClaimsSuite
from steppe.testing.catalog.entries import EntriesSuite
from steppe.testing.catalog.history import HistorySuite
from steppe.testing.catalog.lineage import LineageSuite
from steppe.testing.catalog.made import Clock
from steppe.testing.catalog.marks import MarksSuite
from steppe.testing.catalog.upkeep import UpkeepSuite

__all__ = ["CatalogSuite"]


class CatalogSuite(EntriesSuite, ClaimsSuite, HistorySuite, LineageSuite, MarksSuite, UpkeepSuite):
    """The promises of `Catalog`, as tests."""

    @pytest.fixture
    def clock(self) -> Clock:
        """Return the one clock, which stands still until a test moves it."""
        return Clock(1_000_000.0)

    @pytest.fixture
    def catalog(self, url: str, clock: Clock) -> Iterator[Catalog]:
        """Open the catalog, and close it in the end."""
        with open_catalog(url, clock=clock) as catalog:
            yield catalog
