"""The Store in a folder passes the suites."""

import os
from pathlib import Path

import pytest

from steppe.store import LocalStore
from steppe.testing import DamageSuite, StoreSuite


class TestLocalStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "store")


class TestDamagedLocalStore(DamageSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "store")

    def damage(self, store, digest, change):
        path = Path(store.url, "blobs", digest[3:5], digest[5:])
        data = change(path.read_bytes())
        os.chmod(path, 0o644)
        path.write_bytes(data)
        os.chmod(path, 0o444)
