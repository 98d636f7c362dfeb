"""The Store in a bucket passes the suites on obstore's own buckets, in memory and in a folder."""

import obstore
import pytest
from obstore import store as buckets

from steppe.store import ObjectStore
from steppe.testing import DamageSuite, StoreSuite


class TestObjectStoreInMemory(StoreSuite):
    @pytest.fixture
    def store(self):
        return ObjectStore(buckets.MemoryStore(), "memory://test")


class TestObjectStoreInAFolder(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return ObjectStore(buckets.LocalStore(tmp_path), "folder://test")


class TestDamagedObjectStore(DamageSuite):
    @pytest.fixture
    def store(self):
        self.bucket = buckets.MemoryStore()
        return ObjectStore(self.bucket, "memory://test")

    def damage(self, store, digest, change):
        key = f"blobs/{digest[3:5]}/{digest[5:]}"
        obstore.put(self.bucket, key, change(bytes(obstore.get(self.bucket, key).bytes())))
