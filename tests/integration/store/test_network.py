"""What the network does to an object store: answers are lost, broken off, changed, refused, or never come."""

import errno
import os
import signal
import socket
import time
from pathlib import Path

import obstore
import pytest
from obstore.store import from_url

from steppe.errors import CorruptArtifact, MissingArtifact, StoreUnavailable
from steppe.store import LocalStore, ObjectStore, TieredStore, open_store
from steppe.store.files import Files
from steppe.testing.store import digest_of, some_bytes

LARGE = some_bytes((20 << 20) + 3)


@pytest.fixture
def store(s3, proxy, bucket):
    return ObjectStore.at(f"s3://{bucket}", {**s3.options, "endpoint": f"http://127.0.0.1:{proxy.port}"})


def first(count, fault, only=("GET", "PUT", "POST", "DELETE", "HEAD")):
    """Return a fault for the first `count` requests of some methods."""
    left = [count]

    def apply(method, path, number):
        if method in only and left[0] > 0:
            left[0] -= 1
            return fault
        return None

    return apply


@pytest.mark.parametrize("fault", ["refuse", "drop"])
def test_what_passes_is_waited_for(store, proxy, fault):
    for data in (b"small", LARGE):
        proxy.fault = first(2, fault)
        digest = store.put([data])
        proxy.fault = first(2, fault)
        assert store.get(digest) == data
    proxy.fault = first(2, fault)
    assert len(list(store.blobs())) == 2
    proxy.fault = first(2, fault)
    assert store.write_record("a", b"1")
    proxy.fault = first(2, fault)
    assert store.read_record("a") == b"1"


@pytest.mark.parametrize("fault", ["lose answer", "drop", "refuse"])
def test_who_wrote_a_record_is_told_so_though_the_answer_was_lost(store, proxy, fault):
    """The request is sent again, finds the record, and that is one's own."""
    proxy.fault = first(1, fault, only=("PUT",))
    assert store.write_record("claim", b"mine")
    proxy.fault = first(1, fault, only=("PUT",))
    assert not store.write_record("claim", b"mine")


def test_an_answer_that_breaks_off_is_asked_for_again(store, proxy):
    for data in (some_bytes(5000), LARGE):
        digest = store.put([data])
        proxy.fault = first(1, "cut answer", only=("GET",))
        assert store.get(digest) == data
        proxy.fault = first(1, "cut answer", only=("GET",))
        store.verify(digest)
        assert store.has(digest)


def test_bytes_that_change_on_their_way_once_are_asked_for_again_and_not_set_aside(store, proxy):
    digest = store.put([some_bytes(5000)])
    for read in (store.get, store.verify):
        proxy.fault = first(1, "flip", only=("GET",))
        read(digest)
    assert store.has(digest)


def test_bytes_that_change_on_their_way_now_and_then_are_not_set_aside(s3, store, proxy, bucket):
    digest = store.put([some_bytes(5000)])
    turns = iter(["flip", None, "flip"] + ["flip", "cut answer"] * 50)
    proxy.fault = lambda method, path, number: next(turns) if method == "GET" else None
    with pytest.raises(StoreUnavailable, match=r"other bytes each time|can't be reached"):
        store.get(digest)
    proxy.fault = lambda method, path, number: None
    assert store.has(digest)
    assert store.get(digest) == some_bytes(5000)


def test_what_may_not_be_set_aside_is_left_there_and_healed_by_put(s3, store, proxy, bucket):
    data = some_bytes(5000)
    digest = store.put([data])
    there = from_url(f"s3://{bucket}", config=s3.options, client_options={"allow_http": True})
    obstore.put(there, f"blobs/{digest[3:5]}/{digest[5:]}", data[::-1])
    proxy.fault = lambda method, path, number: 403 if method in {"PUT", "POST", "DELETE"} else None
    with pytest.raises(CorruptArtifact, match="left in place"):
        store.get(digest)
    proxy.fault = lambda method, path, number: None
    with pytest.raises(CorruptArtifact, match="set aside at"):
        store.get(digest)
    store.put([data])
    assert store.get(digest) == data


def test_a_listing_that_breaks_off_does_not_pass_for_a_short_one(store, proxy):
    for number in range(3):
        store.put([b"%d" % number])
        store.write_record(f"a/{number}", b"")
    proxy.fault = lambda method, path, number: "drop" if "list-type" in path else None
    for listing in (store.blobs, store.records):
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            list(listing())


def test_a_failed_upload_leaves_nothing(s3, store, proxy, bucket):
    proxy.fault = lambda method, path, number: 403 if "partNumber=2" in path else None
    with pytest.raises(StoreUnavailable, match="does not let you in"):
        store.put([LARGE])
    proxy.fault = lambda method, path, number: None
    assert list(store.blobs()) == []
    status, uploads = s3.ask("GET", f"/{bucket}?uploads")
    assert status == 200
    assert b"<Upload>" not in uploads
    assert store.get(store.put([LARGE])) == LARGE


def test_an_upload_in_parts_is_not_joined_in_memory_and_a_fresh_one_not_repeated(store, proxy):
    store.put(iter([LARGE]))
    assert sum("partNumber" in path for _, path in proxy.requests) == 3
    proxy.requests.clear()
    store.put(iter([LARGE]))
    assert [method for method, _ in proxy.requests] == ["HEAD"]


def test_a_blob_that_is_no_longer_fresh_is_put_again(s3, store, bucket):
    """So that its time says that it was; gc goes by it."""
    digest = store.put([b"data"])
    before = next(store.blobs()).modified
    time.sleep(1.1)
    ObjectStore(store._bucket, store.url, clock=lambda: time.time() + 3601).put([b"data"])
    assert next(store.blobs()).modified > before
    assert store.get(digest) == b"data"


def test_a_part_is_fetched_alone_when_the_whole_was_verified(store, proxy):
    digest = store.put([LARGE])
    assert store.get(digest, start=5, stop=10) == LARGE[5:10]
    sizes = []
    proxy.fault = lambda method, path, number: sizes.append(method)
    assert store.get(digest, start=len(LARGE) - 5) == LARGE[-5:]
    assert sizes == ["GET"]


def test_a_server_that_is_not_there_is_named_soon():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"endpoint": f"http://127.0.0.1:{port}", "access_key_id": "a", "secret_access_key": "b"}
    store = ObjectStore.at("s3://bucket/folder", {**options, "region": "us-east-1"})
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match=r"the store at s3://bucket/folder can't be reached \(.*then run again"):
        store.has(digest_of(b""))
    assert time.monotonic() - begun < 60


def test_a_missing_bucket_is_named(s3):
    store = ObjectStore.at("s3://nowhere-at-all/folder", s3.options)
    for use in (
        lambda: store.put([b"data"]),
        lambda: store.put([LARGE]),
        lambda: store.get(digest_of(b"")),
        lambda: store.write_record("a", b""),
        lambda: store.read_record("a"),
        lambda: list(store.blobs()),
    ):
        with pytest.raises(StoreUnavailable, match=r"no bucket for the store at s3://nowhere-at-all/folder: create it"):
            use()


def test_refusals_say_that_it_is_the_credentials_and_are_not_repeated(store, proxy):
    proxy.fault = lambda method, path, number: 403
    with pytest.raises(StoreUnavailable, match=r"does not let you in .*credentials"):
        store.get(digest_of(b""))
    assert len(proxy.requests) == 1


def test_a_fork_is_told_that_it_can_not_use_the_store(store):
    """Else it would wait for ever for threads that only its parent has."""
    store.put([b"data"])
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            with pytest.raises(StoreUnavailable, match="start it with multiprocessing's `spawn` or `forkserver`"):
                store.get(digest_of(b"data"))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# under a local tier


@pytest.fixture
def tiered(store, tmp_path):
    return TieredStore(LocalStore(tmp_path / "tier"), store)


def test_what_was_put_here_is_read_without_the_network(tiered, proxy):
    for data in (b"small", LARGE):
        digest = tiered.put([data])
        proxy.requests.clear()
        assert tiered.has(digest)
        assert tiered.get(digest) == data
        assert Path(tiered.path(digest)).read_bytes() == data
        assert proxy.requests == []


def test_what_is_there_is_brought_here_once(store, tmp_path, proxy):
    digest = store.put([LARGE])
    proxy.requests.clear()
    for _ in range(2):
        tiered = TieredStore(LocalStore(tmp_path / "tier"), store)
        assert tiered.get(digest) == LARGE
        assert tiered.get(digest, start=3, stop=9) == LARGE[3:9]
    assert len(proxy.requests) == 1
    assert list((tmp_path / "tier" / "tmp").iterdir()) == []


def test_threads_that_want_the_same_blob_bring_it_once(tiered, store, proxy):
    from concurrent.futures import ThreadPoolExecutor

    digest = store.put([LARGE])
    proxy.requests.clear()
    with ThreadPoolExecutor(8) as threads:
        views = list(threads.map(lambda _: tiered.get(digest), range(8)))
    assert all(view == LARGE for view in views)
    assert len(proxy.requests) == 1


def test_a_put_that_did_not_arrive_there_is_not_seen_here(tiered, proxy):
    proxy.fault = lambda method, path, number: 403 if method in {"PUT", "POST"} else None
    for data in (b"small", LARGE):
        with pytest.raises(StoreUnavailable):
            tiered.put([data])
        assert not tiered.has(digest_of(data))
        assert not tiered.local.has(digest_of(data))


def test_a_corrupt_copy_is_brought_anew(tiered):
    digest = tiered.put([LARGE])
    path = tiered.path(digest)
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.write(b"corrupt")
    assert tiered.get(digest) == LARGE
    assert LocalStore(tiered.local.url).get(digest) == LARGE


def test_verify_sets_a_corrupt_copy_aside_and_looks_there(tiered):
    digest = tiered.put([b"data"])
    path = tiered.path(digest)
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.write(b"DATA")
    tiered.verify(digest)
    assert not tiered.local.has(digest)
    assert tiered.get(digest) == b"data"


def test_a_tier_that_can_not_be_written_is_read_past(store, tmp_path):
    digest = store.put([LARGE])
    (tmp_path / "tier").write_bytes(b"a file where the folder should be")
    tiered = TieredStore(LocalStore(tmp_path / "tier"), store)
    assert tiered.get(digest) == LARGE
    assert tiered.path(digest) is None
    with pytest.raises(MissingArtifact):
        tiered.get(digest_of(b"nothing"))
    with pytest.raises(MissingArtifact):
        tiered.path(digest_of(b"nothing"))


def test_a_put_that_finds_no_room_here_is_kept_there(s3, bucket, store, tmp_path):
    class Full(Files):
        def link(self, source, target):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    tiered = TieredStore(LocalStore(tmp_path / "tier", files=Full()), store)
    digest = tiered.put([LARGE])
    assert not tiered.local.has(digest)
    assert tiered.has(digest)
    assert tiered.get(digest) == LARGE


def test_bytes_that_change_on_their_way_here_are_brought_again(tiered, store, proxy):
    digest = store.put([some_bytes(5000)])
    proxy.fault = first(1, "flip", only=("GET",))
    assert tiered.get(digest) == some_bytes(5000)
    assert store.has(digest)


def test_what_is_corrupt_there_does_not_come_here(tiered, store, proxy):
    digest = store.put([some_bytes(5000)])
    proxy.fault = lambda method, path, number: "flip" if method == "GET" else None
    with pytest.raises(CorruptArtifact, match=f"set aside at {store.url}/corrupt/"):
        tiered.get(digest)
    proxy.fault = lambda method, path, number: None
    assert list(tiered.local.blobs()) == []
    assert not tiered.has(digest)
    assert tiered.get(tiered.put([some_bytes(5000)])) == some_bytes(5000)


def test_a_store_that_is_opened_by_its_url_works(s3, bucket, tmp_path):
    one = open_store(f"s3://{bucket}/folder", tmp_path / "one", options=s3.options)
    other = open_store(f"s3://{bucket}/folder", tmp_path / "other", options=s3.options)
    digest = one.put([LARGE])
    assert other.has(digest)
    assert other.get(digest) == LARGE
    assert one.write_record("a", b"1")
    assert not other.write_record("a", b"2")
    assert other.delete(digest)
    assert not ObjectStore.at(f"s3://{bucket}/folder", s3.options).has(digest)
