"""The Store in a bucket passes the suites on S3, alone and under a local tier."""

import obstore
import pytest
from obstore.store import from_url

from steppe.store import LocalStore, ObjectStore, TieredStore
from steppe.testing import DamageSuite, StoreSuite


@pytest.fixture
def url(s3):
    return f"s3://{s3.new_bucket()}/some/folder"


def damage(s3, url, digest, change):
    bucket = from_url(url, config=s3.options, client_options={"allow_http": True})
    key = f"blobs/{digest[3:5]}/{digest[5:]}"
    obstore.put(bucket, key, change(bytes(obstore.get(bucket, key).bytes())))


class TestObjectStoreOnS3(StoreSuite):
    examples = 10

    @pytest.fixture
    def store(self, s3, url):
        return ObjectStore.at(url, s3.options)


class TestTieredStoreOnS3(StoreSuite):
    examples = 10

    @pytest.fixture
    def store(self, s3, url, tmp_path):
        return TieredStore(LocalStore(tmp_path / "tier"), ObjectStore.at(url, s3.options))


class TestDamagedObjectStoreOnS3(DamageSuite):
    @pytest.fixture
    def store(self, s3, url):
        self.s3, self.url = s3, url
        return ObjectStore.at(url, s3.options)

    def damage(self, store, digest, change):
        damage(self.s3, self.url, digest, change)


class TestDamagedUnderALocalTier(DamageSuite):
    """Damage in the bucket is found when there is no copy here."""

    @pytest.fixture
    def store(self, s3, url, tmp_path):
        self.s3, self.url = s3, url
        return TieredStore(LocalStore(tmp_path / "tier"), ObjectStore.at(url, s3.options))

    def damage(self, store, digest, change):
        damage(self.s3, self.url, digest, change)
        store.local.delete(digest)
