"""The disk is full: a clear error, nothing partial, nothing lost, and it goes on when there is room again."""

import os
import resource
import subprocess

import pytest

from steppe.errors import StoreUnavailable
from steppe.store import LocalStore
from steppe.testing.store import digest_of, some_bytes


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 8 MiB. Only root may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(
            f"no disk can be mounted here ({mounted.stderr.decode().splitlines()[0]}): the next test shows the same"
        )
    yield place
    subprocess.run(["umount", place], check=True)


def fill(store, size, kept):
    for number in range(1000):
        data = some_bytes(size, number)
        kept[store.put([data])] = data


@pytest.mark.parametrize("size", [50_000, 700_000, 3 << 20])
def test_a_full_disk_is_said_and_loses_nothing(small_disk, size):
    store = LocalStore(small_disk / "store")
    store.replace_record("beat", b"1")
    kept = {}
    with pytest.raises(StoreUnavailable, match=r"is full \(No space left on device\).*steppe gc"):
        fill(store, size, kept)
    assert list((small_disk / "store" / "tmp").iterdir()) == []
    assert {blob.digest for blob in store.blobs()} == set(kept)
    assert kept
    for digest, data in kept.items():
        assert LocalStore(store.url).get(digest) == data
    with pytest.raises(StoreUnavailable, match="is full"):
        store.replace_record("beat", some_bytes(4 << 20))
    with pytest.raises(StoreUnavailable, match="is full"):
        store.write_record("large", some_bytes(4 << 20))
    assert store.read_record("beat") == b"1"
    assert list(store.records()) == ["beat"]
    store.delete(next(iter(kept)))
    data = some_bytes(size, 5000)
    assert store.get(store.put([data])) == data


def test_a_limit_on_the_size_of_files_is_a_full_disk(tmp_path):
    """What a disk quota looks like to a process; it runs everywhere."""
    store = LocalStore(tmp_path / "store")
    small = store.put([b"small"])
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
            with pytest.raises(StoreUnavailable, match=r"is full \(File too large\)"):
                store.put([some_bytes(3 << 20)])
            assert store.put([b"still"]) == digest_of(b"still")
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list((tmp_path / "store" / "tmp").iterdir()) == []
    assert store.get(small) == b"small"
    assert not store.has(digest_of(some_bytes(3 << 20)))
