"""Any operation on files fails, one at a time: a clear error or none, nothing partial, and the next try works."""

import errno
import os

import pytest
from faulty_files import OPERATIONS, FaultyFiles
from obstore.store import MemoryStore

from steppe.errors import StoreUnavailable
from steppe.store import LocalStore, ObjectStore, TieredStore
from steppe.store.files import Files
from steppe.testing import StoreSuite
from steppe.testing.store import digest_of, some_bytes

SMALL, LARGE = some_bytes(100), some_bytes(3 << 20)


def test_every_operation_of_files_is_among_those_that_can_fail():
    assert set(OPERATIONS) == {name for name in vars(Files) if not name.startswith("_")}


def failing_once(number, code):
    """Return a fault in operation `number`, and a list of the operations' names."""
    names = []

    def fault(name):
        names.append(name)
        if len(names) - 1 == number:
            raise OSError(code, os.strerror(code))

    return fault, names


def each_failure(tmp_path, begin, act, code):
    """Yield a store, and what act raised, for a failure in each of its operations."""
    number = 0
    while True:
        fault, names = failing_once(None, code)
        files = FaultyFiles(fault)
        root = tmp_path / f"{code}-{number}"
        store = LocalStore(root, files=files)
        begin(store)
        files.fault, names = failing_once(number, code)
        try:
            act(store)
            raised = None
        except StoreUnavailable as error:
            raised = error
        if len(names) <= number:
            assert number > 3
            return
        files.fault = lambda name: None
        yield store, names[number], raised, root
        number += 1


ACTS = {
    "a small blob": (lambda store: store.put([b"before"]), lambda store: store.put([SMALL])),
    "a large blob": (lambda store: store.put([b"before"]), lambda store: store.put([LARGE])),
    "a blob that is there": (lambda store: store.put([LARGE]), lambda store: store.put([LARGE])),
    "a record": (lambda store: store.put([b"before"]), lambda store: store.write_record("a/b", b"data")),
    "a replaced record": (
        lambda store: store.replace_record("a/b", b"old"),
        lambda store: store.replace_record("a/b", b"data"),
    ),
}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("act", ACTS)
def test_one_failing_operation_is_told_or_does_not_matter(tmp_path, act, code):
    begin, do = ACTS[act]
    words = "is full" if code == errno.ENOSPC else "can't be used"
    for store, name, raised, root in each_failure(tmp_path, begin, do, code):
        if raised is None:
            assert name in {"unlink", "close", "touch", "append", "start_flush"}, name
        else:
            assert words in str(raised)
        left = list((root / "tmp").iterdir())
        assert not left or name in {"unlink", "close"}, name
        for blob in store.blobs():
            LocalStore(root).verify(blob.digest)
        assert store.read_record("a/b") in {None, b"old", b"data"}
        do(store)
        if "blob" in act:
            data = SMALL if "small" in act else LARGE
            assert LocalStore(root).get(digest_of(data)) == data
        else:
            assert LocalStore(root).read_record("a/b") == b"data"


def no_links(name):
    if name == "link":
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))


class TestLocalStoreWithoutLinks(StoreSuite):
    """On a file system that knows no hard links."""

    examples = 10

    @pytest.fixture
    def store(self, tmp_path):
        return LocalStore(tmp_path / "store", files=FaultyFiles(no_links))


def test_folders_that_can_not_be_synced_are_no_error(tmp_path, monkeypatch):
    plain = os.fsync

    def fsync(fd):
        if os.path.isdir(f"/proc/self/fd/{fd}"):
            raise OSError(errno.EINVAL, "no such call here")
        plain(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    store = LocalStore(tmp_path / "store")
    assert store.get(store.put([SMALL])) == SMALL


def test_a_folder_of_records_that_goes_as_a_record_comes_is_made_again(tmp_path):
    """Another has deleted the last record in it."""
    gone = []

    def fault(name):
        if name in {"link", "rename"} and len(gone) < 3 and (tmp_path / "records" / "a").is_dir():
            gone.append(name)
            (tmp_path / "records" / "a").rmdir()

    store = LocalStore(tmp_path, files=FaultyFiles(fault))
    assert store.write_record("a/b", b"1")
    assert gone == ["link"] * 3
    assert store.read_record("a/b") == b"1"
    store.delete_record("a/b")
    gone.clear()
    store.replace_record("a/c", b"2")
    assert gone == ["rename"] * 3
    assert store.read_record("a/c") == b"2"


def test_a_file_system_without_locks_is_used_without(tmp_path, monkeypatch):
    def flock(fd, how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    store = LocalStore(tmp_path)
    for _ in range(2):
        assert store.get(store.put([SMALL])) == SMALL
    assert store.delete(digest_of(SMALL))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_operation_that_fails_while_a_blob_comes_is_told_and_leaves_nothing(tmp_path, code):
    remote = ObjectStore(MemoryStore(), "memory://")
    digest = remote.put([LARGE])

    def come(store):
        if (coming := TieredStore(store, remote).arriving(digest)) is None:
            raise StoreUnavailable("it can't be kept here")
        try:
            coming.settle()
        finally:
            coming.close()

    seen = set()
    for _, name, raised, root in each_failure(tmp_path, lambda store: store.put([b"before"]), come, code):
        seen.add(name)
        if raised is None:
            assert name in {"unlink", "close", "touch", "append"}, name
        assert not list((root / "tmp").iterdir()) or name in {"unlink", "close"}, name
        assert TieredStore(LocalStore(root), remote).get(digest) == LARGE
    assert {"create", "extend", "write_at", "sync", "link"} <= seen
