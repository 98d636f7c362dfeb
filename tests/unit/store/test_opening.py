"""Which Store a setting means, and what is loaded for it."""

import subprocess
import sys

import pytest

import steppe.store
from steppe.errors import UsageError
from steppe.store import LocalStore, ObjectStore, TieredStore, open_store


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}"])
def test_a_path_and_its_url_mean_a_folder(tmp_path, form):
    store = open_store(form.format(tmp_path / "store"), tmp_path / "tier")
    assert isinstance(store, LocalStore)
    assert store.url == str(tmp_path / "store")
    assert not (tmp_path / "tier").exists()


def test_a_path_is_taken_as_it_is_and_a_url_unquoted(tmp_path):
    assert open_store(tmp_path / "a%20b", tmp_path).url == str(tmp_path / "a%20b")
    assert open_store(f"file://{tmp_path}/a%20b", tmp_path).url == str(tmp_path / "a b")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://bucket/folder", {"region": "us-east-1"}),
        ("s3://bucket", {}),
        ("gs://bucket/folder", {}),
        ("az://container/folder", {"account_name": "somebody"}),
    ],
)
def test_a_bucket_is_read_through_a_local_tier(tmp_path, url, options):
    store = open_store(url, tmp_path / "tier", options=options)
    assert isinstance(store, TieredStore)
    assert isinstance(store.remote, ObjectStore)
    assert store.url == store.remote.url == url
    assert store.local.url.startswith(str(tmp_path / "tier"))


def test_two_buckets_never_share_a_local_tier(tmp_path):
    """A copy in a tier says that its blob is in the bucket."""
    urls = ["s3://one/folder", "s3://one/other", "s3://two/folder", "s3://one/folder/"]
    tiers = [open_store(url, tmp_path).local.url for url in urls]
    assert tiers[0] == tiers[3]
    assert len(set(tiers)) == 3


@pytest.mark.parametrize(
    "url", ["http://host/folder", "s3://", "s3:///folder", "file://host/folder", "file://", "x://y"]
)
def test_what_is_no_place_for_a_store_is_refused(tmp_path, url):
    with pytest.raises(UsageError, match="is no place for a store: write a path, file:///folder, s3://bucket/folder"):
        open_store(url, tmp_path)


def test_options_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"az://container can't be opened \(.*Account must be specified"):
        open_store("az://container", tmp_path)
    with pytest.raises(UsageError, match=r"s3://bucket can't be opened \(.*nonsense"):
        open_store("s3://bucket", tmp_path, options={"nonsense": "1"})


def loaded_by(code):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_package_alone_loads_nothing():
    modules = loaded_by("import steppe.store")
    assert {name for name in modules if name.startswith(("steppe", "blake3", "msgspec", "obstore"))} == {
        "steppe",
        "steppe.store",
    }


def test_a_local_store_loads_no_object_store(tmp_path):
    modules = loaded_by(f"from steppe.store import open_store; open_store({str(tmp_path)!r}, None).put([b''])")
    assert "steppe.store.local" in modules
    assert not modules & {"obstore", "stamina", "tenacity", "asyncio", "ctypes", "concurrent.futures", "tempfile"}


def test_every_name_of_the_package_is_there():
    for name in steppe.store.__all__:
        assert getattr(steppe.store, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        steppe.store.nothing
