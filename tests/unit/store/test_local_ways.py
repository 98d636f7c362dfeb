"""What the local store does beyond what every Store promises."""

import itertools
import os
import resource
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from steppe.errors import StoreUnavailable
from steppe.store import LocalStore
from steppe.store.files import is_locked, locked
from steppe.testing.store import digest_of, some_bytes

LARGE = some_bytes(3 << 20)


def age(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)


def test_opening_makes_nothing(tmp_path):
    store = LocalStore(tmp_path / "store")
    assert list(store.blobs()) == list(store.records()) == []
    assert not (tmp_path / "store").exists()


def test_a_path_in_the_home_folder_or_here_is_meant_so(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert LocalStore("~/store").url == LocalStore("store").url == str(tmp_path / "store")


def test_a_store_of_a_later_version_is_refused(tmp_path):
    (tmp_path / "format").write_bytes(b"steppe store 2\n")
    with pytest.raises(StoreUnavailable, match=r"'steppe store 2'.*upgrade steppe"):
        LocalStore(tmp_path)


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_a_blob_is_a_read_only_file_and_nothing_else_is_left(tmp_path, size):
    store = LocalStore(tmp_path)
    digest = store.put([some_bytes(size)])
    status = os.stat(store.path(digest))
    assert stat.S_IMODE(status.st_mode) & 0o222 == 0
    assert status.st_nlink == 1
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_putting_again_keeps_the_file_and_makes_it_young(tmp_path, size):
    store = LocalStore(tmp_path)
    data = some_bytes(size)
    digest = store.put([data])
    before = os.stat(store.path(digest))
    age(store.path(digest), 86400)
    store.get(digest)
    LocalStore(tmp_path, clock=lambda: time.time_ns() + 10**10).get(digest)
    assert store.put([data]) == digest
    after = os.stat(store.path(digest))
    assert after.st_ino == before.st_ino
    assert abs(after.st_mtime - time.time()) < 5
    assert not store.delete(digest, before=time.time() - 3600)


def test_putting_a_small_blob_again_begins_no_file(tmp_path):
    store = LocalStore(tmp_path)
    store.put([b"small"])
    shutil.rmtree(tmp_path / "tmp")
    assert store.put([b"small"]) == digest_of(b"small")
    assert not (tmp_path / "tmp").exists()


@pytest.mark.parametrize("gone", ["store", "store/tmp", "store/blobs", "store/records", "store/verified"])
def test_folders_that_were_removed_while_it_is_open_are_made_again(tmp_path, gone):
    store = LocalStore(tmp_path / "store")
    store.put([LARGE])
    store.write_record("a/b", b"1")
    shutil.rmtree(tmp_path / gone)
    for data in (LARGE, b"small"):
        assert store.get(store.put([data])) == data
    store.write_record("a/b", b"1")
    store.replace_record("c/d", b"2")
    assert store.read_record("a/b") == b"1"
    assert store.read_record("c/d") == b"2"


def test_a_store_that_is_removed_while_a_blob_is_put_says_so(tmp_path):
    store = LocalStore(tmp_path / "store")

    def chunks():
        yield LARGE
        shutil.rmtree(tmp_path / "store")

    with pytest.raises(StoreUnavailable, match="was removed while it was in use"):
        store.put(chunks())
    assert store.get(store.put([LARGE])) == LARGE


def test_strangers_among_the_files_are_passed_over(tmp_path):
    store = LocalStore(tmp_path)
    digest = store.put([b"data"])
    store.write_record("a/b", b"")
    for name in ("blobs/.DS_Store", "blobs/00/.nfs0001", "blobs/00/README", "records/.DS_Store", "records/a/.nfs2"):
        (tmp_path / name).write_bytes(b"")
    assert [blob.digest for blob in store.blobs()] == [digest]
    assert list(store.records()) == ["a/b"]


def test_folders_of_records_go_with_their_last_record(tmp_path):
    store = LocalStore(tmp_path)
    store.write_record("a/b/c", b"")
    store.write_record("a/d", b"")
    store.delete_record("a/b/c")
    assert sorted(path.name for path in (tmp_path / "records" / "a").iterdir()) == ["d="]
    store.delete_record("a/d")
    assert list((tmp_path / "records").iterdir()) == []


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="from Python 3.13 on, a mapping keeps no descriptor")
def test_mappings_leave_half_of_the_descriptors_to_the_program(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    store = LocalStore(tmp_path)
    data = some_bytes(200_000)
    digest = store.put([data])
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        views = [store.get(digest) for _ in range(400)]
        assert len(os.listdir("/proc/self/fd")) < 160
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert all(view == data for view in views)


# what a crash left


def test_old_files_under_way_are_swept_when_a_store_is_opened(tmp_path):
    LocalStore(tmp_path).put([b"data"])
    for name, seconds in (("old", 3700), ("young", 3500), ("held", 3700)):
        (tmp_path / "tmp" / name).write_bytes(b"")
        age(tmp_path / "tmp" / name, seconds)
    with locked(str(tmp_path / "tmp" / "held")):
        LocalStore(tmp_path)
        assert {path.name for path in (tmp_path / "tmp").iterdir()} == {"young", "held"}
    assert not is_locked(str(tmp_path / "tmp" / "held"))
    LocalStore(tmp_path)
    assert {path.name for path in (tmp_path / "tmp").iterdir()} == {"young"}


def test_sweeping_what_another_sweeps_too_is_no_error(tmp_path, monkeypatch):
    LocalStore(tmp_path).put([b"data"])
    (tmp_path / "tmp" / "old").write_bytes(b"")
    age(tmp_path / "tmp" / "old", 3700)
    plain = os.unlink

    def unlink(path):
        plain(path)
        plain(path)

    monkeypatch.setattr(os, "unlink", unlink)
    LocalStore(tmp_path)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_repaired_blob_is_not_set_aside_by_a_reader_of_the_corrupt_one(tmp_path):
    """It read the old file, and comes to remove it when the new one is there."""
    store = LocalStore(tmp_path)
    digest = store.put([LARGE])
    path = Path(store.path(digest))
    os.chmod(path, 0o644)
    path.write_bytes(b"corrupt")
    fd = os.open(path, os.O_RDONLY)
    try:
        assert store.put([LARGE]) == digest
        assert store._set_aside(digest, str(path), fd) is None
    finally:
        os.close(fd)
    assert store.get(digest) == LARGE


def test_a_fork_reads_and_writes_as_its_parent_does(tmp_path):
    store = LocalStore(tmp_path)
    digest = store.put([LARGE])
    child = os.fork()
    if child == 0:
        try:
            assert store.get(digest) == LARGE
            store.put([LARGE[:-1]])
            store.write_record("from/child", b"hello")
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.get(digest_of(LARGE[:-1])) == LARGE[:-1]
    assert store.read_record("from/child") == b"hello"


def test_a_large_put_takes_little_memory_beside_the_value(tmp_path):
    import tracemalloc

    store = LocalStore(tmp_path)
    data = bytearray(128 << 20)
    store.put([b"x" * (2 << 20)])  # what is imported on the way is not counted
    tracemalloc.start()
    store.put(iter([data]))
    store.put(memoryview(data)[start : start + 5000] for start in range(0, 16 << 20, 5000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.1 * len(data)


def test_what_changes_while_it_is_put_is_named_after_what_was_written(tmp_path):
    """It is not what anybody meant to keep, but nothing is vouched for that is not there."""
    store = LocalStore(tmp_path)
    data = bytearray(12 << 20)
    ended = threading.Event()

    def change():
        for value in itertools.cycle(range(256)):
            data[:: 1 << 12] = bytes([value]) * (len(data) >> 12)
            if ended.is_set():
                return

    changes = threading.Thread(target=change)
    changes.start()
    try:
        digests = {store.put([data]) for _ in range(3)}
    finally:
        ended.set()
        changes.join()
    for digest in digests:
        store.verify(digest)


def test_a_large_blob_can_be_put_while_the_interpreter_ends(tmp_path):
    """It starts no more threads then."""
    code = f"""
import atexit
from steppe.store import LocalStore
atexit.register(lambda: LocalStore({str(tmp_path)!r}).put([bytes(3 << 20), b"end"]))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    data = bytes(3 << 20) + b"end"
    assert LocalStore(tmp_path).get(digest_of(data)) == data


def test_a_child_that_is_forked_off_under_a_lock_does_not_keep_it(tmp_path):
    path = str(tmp_path / "lock")
    asleep, wake = os.pipe()
    with locked(path):
        child = os.fork()
        if child == 0:
            os.close(wake)
            os.read(asleep, 1)
            os._exit(0)
    assert not is_locked(path)
    os.close(wake)
    os.waitpid(child, 0)
    os.close(asleep)
