"""A Catalog on a PostgreSQL server passes the suite."""

import pytest

from steppe.testing import CatalogSuite


class TestPostgreSQL(CatalogSuite):
    @pytest.fixture
    def url(self, postgres):
        return postgres.database()
