"""A Catalog in an SQLite file passes the suite."""

import pytest

from steppe.testing import CatalogSuite


class TestSQLite(CatalogSuite):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path}/catalog.db"
