"""A blob is verified on its first read on a machine, and again only when its file has changed."""

import os
import shutil
import time
from pathlib import Path

import pytest

import steppe.store.local
from steppe.errors import CorruptArtifact
from steppe.store import LocalStore
from steppe.store.files import Files
from steppe.store.place import Place
from steppe.store.verified import SETTLED, Fingerprint, Verified, this_machine
from steppe.testing.store import digest_of, some_bytes

LARGE = some_bytes(3 << 20)
LATER = 10 * 10**9


@pytest.fixture
def digested(monkeypatch):
    """The sizes of the blobs that were digested to verify them."""
    sizes = []
    plain = steppe.store.local.digest_of

    def noted(chunks):
        chunks = list(chunks)
        sizes.append(sum(chunk.nbytes for chunk in chunks))
        return plain(chunks)

    monkeypatch.setattr(steppe.store.local, "digest_of", noted)
    return sizes


def opened(root, after=0):
    return LocalStore(root, clock=lambda: time.time_ns() + after)


def found_here(root):
    """Return a store with a large blob that nobody here has verified."""
    digest = LocalStore(root).put([LARGE])
    shutil.rmtree(Path(root, "verified"))
    os.mkdir(Path(root, "verified"))
    return digest


def test_what_was_put_here_is_not_digested_again(tmp_path, digested):
    digest = LocalStore(tmp_path).put([LARGE])
    store = LocalStore(tmp_path)
    for _ in range(3):
        assert store.get(digest) == LARGE
    assert digested == []


def test_what_was_put_twice_is_not_digested_again(tmp_path, digested):
    LocalStore(tmp_path).put([LARGE])
    digest = LocalStore(tmp_path).put([LARGE])
    assert LocalStore(tmp_path).get(digest) == LARGE
    assert digested == []


def test_what_was_found_is_digested_once_on_a_machine(tmp_path, digested):
    digest = found_here(tmp_path)
    for _ in range(3):
        store = opened(tmp_path, LATER)
        for _ in range(3):
            assert store.get(digest) == LARGE
    assert digested == [len(LARGE)]


def test_what_another_machine_has_verified_is_digested_here(tmp_path, digested, monkeypatch):
    digest = LocalStore(tmp_path).put([LARGE])
    monkeypatch.setattr("steppe.store.verified.this_machine", lambda: "0123456789abcdef")
    for _ in range(2):
        LocalStore(tmp_path, clock=lambda: time.time_ns() + LATER).get(digest)
    assert digested == [len(LARGE)]


def test_a_file_as_young_as_a_tick_of_the_clock_is_not_remembered(tmp_path, digested):
    """Its times may stay as they are though its bytes change: what Git calls racily clean."""
    digest = found_here(tmp_path)
    store = opened(tmp_path)
    store.get(digest)
    store.get(digest)
    assert digested == [len(LARGE)] * 2
    now = Fingerprint.of(os.stat(store._place.blob(digest)))
    assert not now.is_settled(now.changed + SETTLED)
    assert now.is_settled(now.changed + SETTLED + 1)


def test_a_file_from_the_future_is_not_remembered(tmp_path, digested):
    """The clocks of two machines differ."""
    digest = found_here(tmp_path)
    store = opened(tmp_path, -LATER)
    store.get(digest)
    store.get(digest)
    assert digested == [len(LARGE)] * 2


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_a_change_that_keeps_size_and_modification_time_is_found(tmp_path, size):
    data = some_bytes(size)
    store = LocalStore(tmp_path)
    digest = store.put([data])
    store.get(digest)
    path = store.path(digest)
    times = os.stat(path)
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.write(bytes([data[0] ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    os.chmod(path, 0o444)
    with pytest.raises(CorruptArtifact):
        store.get(digest)


def test_a_flipped_bit_that_nobody_has_read_is_healed_by_put(tmp_path):
    for size in (100, 3 << 20):
        data = some_bytes(size)
        store = LocalStore(tmp_path)
        digest = store.put([data])
        path = Path(store.path(digest))
        os.chmod(path, 0o644)
        path.write_bytes(data[:-1] + b"?")
        assert LocalStore(tmp_path).put([data]) == digest
        assert LocalStore(tmp_path).get(digest) == data
    assert list(Path(tmp_path, "corrupt").iterdir()) == []


def test_a_copied_store_is_verified_anew(tmp_path, digested):
    digest = LocalStore(tmp_path / "one").put([LARGE])
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert LocalStore(tmp_path / "two").get(digest) == LARGE
    assert digested == [len(LARGE)]


def test_small_blobs_leave_no_log(tmp_path):
    LocalStore(tmp_path).put([b"small"])
    assert list(Path(tmp_path, "verified").iterdir()) == []


# the logs


@pytest.fixture
def place(tmp_path):
    place = Place(str(tmp_path), Files())
    place.make()
    return place


DIGEST = digest_of(b"")
MARK = Fingerprint(1, 1 << 30, 3, 4)


def test_what_one_process_remembers_another_knows(place):
    one, other = Verified(place, Files()), Verified(place, Files())
    assert not other.knows(DIGEST, MARK)
    one.remember(DIGEST, MARK)
    assert other.knows(DIGEST, MARK)
    one.remember(DIGEST, MARK._replace(changed=5))
    assert other.knows(DIGEST, MARK._replace(changed=5))
    assert not Verified(place, Files()).knows(DIGEST, MARK)


def test_any_other_fingerprint_is_unknown(place):
    Verified(place, Files()).remember(DIGEST, MARK)
    for part in Fingerprint._fields:
        assert not Verified(place, Files()).knows(DIGEST, MARK._replace(**{part: getattr(MARK, part) + 1}))


def test_a_torn_line_neither_counts_nor_hides_the_next(place):
    Verified(place, Files()).remember(DIGEST, MARK)
    whole = Path(place.log(DIGEST[3:5])).read_bytes()
    for length in range(len(whole)):
        for filling in (b"", bytes(len(whole) - length), os.urandom(20)):
            Path(place.log(DIGEST[3:5])).write_bytes(whole[:length] + filling)
            assert not Verified(place, Files()).knows(DIGEST, MARK) or (length == len(whole) - 1 and not filling)
            Verified(place, Files()).remember(DIGEST, MARK._replace(changed=9))
            assert Verified(place, Files()).knows(DIGEST, MARK._replace(changed=9))


def test_a_log_is_compacted_when_half_of_it_is_old(tmp_path, place):
    Path(place.blob(DIGEST)).write_bytes(b"")
    other = DIGEST[:-1] + "0"
    verified = Verified(place, Files())
    for number in range(400):
        verified.remember(DIGEST, MARK._replace(changed=number))
        verified.remember(other, MARK)
    log = Path(place.log(DIGEST[3:5]))
    before = log.stat().st_size
    assert Verified(place, Files()).knows(DIGEST, MARK._replace(changed=399))
    assert log.stat().st_size < before / 100
    assert Verified(place, Files()).knows(DIGEST, MARK._replace(changed=399))
    assert not Verified(place, Files()).knows(other, MARK)  # there is no such blob any more
    assert verified.knows(DIGEST, MARK._replace(changed=399))
    assert list(Path(place.tmp).iterdir()) == []


def test_a_machine_has_one_name():
    assert this_machine() == this_machine()
    assert len(bytes.fromhex(this_machine())) == 8
