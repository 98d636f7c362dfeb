"""A bucket in S3, and a proxy before it that loses, delays and damages what it is told to."""

import pytest
from flaky_proxy import FlakyProxy


@pytest.fixture
def proxy(s3):
    proxy = FlakyProxy(s3.port)
    yield proxy
    proxy.close()


@pytest.fixture
def bucket(s3):
    return s3.new_bucket()
