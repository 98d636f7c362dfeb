"""The power is cut between any two operations on files: nothing partial is seen, nothing that was promised is lost."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from power import Disk, Recorder, all_kept, all_lost, some_of

from steppe.errors import CorruptArtifact
from steppe.store import LocalStore
from steppe.testing.store import digest_of, some_bytes
from steppe.testing.store_damage import DAMAGES

SMALL, LARGE, OTHER = some_bytes(100, 1), some_bytes((1 << 20) + 5000, 2), some_bytes(300_000, 3)
MIXTURES = 4
STORE = "new/folders/store"


@pytest.fixture
def fast():
    """A folder in memory where there is one: what is tested is the order of operations, not the disk."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


class Promises:
    """What a store has promised, and from which operation to which it holds."""

    def __init__(self, log):
        self.log = log
        self.blobs = []
        self.records = []
        self.damaged = []

    def put(self, store, data):
        assert store.put([data]) == digest_of(data)
        self.blobs.append([data, len(self.log), None])

    def withdraw(self, promises, what):
        for promise in promises:
            if promise[0] == what and promise[2] is None:
                promise[2] = len(self.log)

    def delete(self, store, data):
        self.withdraw(self.blobs, data)
        store.delete(digest_of(data))

    def write_record(self, store, name, data):
        assert store.write_record(name, data)
        self.records.append([name, len(self.log), None])

    def delete_record(self, store, name):
        self.withdraw(self.records, name)
        store.delete_record(name)

    def damage(self, store, files, data):
        self.withdraw(self.blobs, data)
        self.damaged.append([data, len(self.log), None])
        files.damage(store.path(digest_of(data)), DAMAGES["flipped"](data))

    def heal(self, store, data):
        self.put(store, data)
        self.withdraw(self.damaged, data)


def held(promises, cut):
    return [what for what, since, until in promises if since <= cut and (until is None or cut <= until)]


def check(root, promises, cut, known, record_datas):
    """Look at what is left as a program that starts after the cut does."""
    store = LocalStore(root)
    for data in held(promises.blobs, cut):
        assert store.get(digest_of(data)) == data
    for name in held(promises.records, cut):
        assert store.read_record(name) in record_datas[name]
    damaged = {digest_of(data) for data in held(promises.damaged, cut)}
    for blob in list(store.blobs()):
        try:
            assert store.get(blob.digest) == known[blob.digest]
        except CorruptArtifact:
            assert blob.digest in damaged
    for name in store.records():
        assert store.read_record(name) in record_datas[name]
    for data in known.values():
        assert store.put([data]) == digest_of(data)
        assert store.get(digest_of(data)) == data
    assert store.write_record("after/the/cut", b"well")
    assert LocalStore(root).read_record("after/the/cut") == b"well"


def is_dull(operation, number):
    """The folders of a store are made by hundreds of equal operations: some of those are enough."""
    return operation[0] == "make folder" and operation[1][-2:-1] == ("blobs",) and number % 64


def cut_everywhere(fast, log, promises, known, record_datas):
    """Replay, and cut before each operation and after the last; return how often."""
    disk, states = Disk(), 0
    for cut in range(len(log) + 1):
        if cut:
            disk.do(*log[cut - 1])
        if cut < len(log) and is_dull(log[cut], cut):
            continue
        for choose in [all_lost, all_kept, *(some_of(cut * MIXTURES + turn) for turn in range(MIXTURES))]:
            disk.after_the_cut(fast / "left", choose)
            check(fast / "left" / STORE, promises, cut, known, record_datas)
            states += 1
    return states


@pytest.mark.slow
def test_a_power_cut_between_any_two_operations_loses_nothing_that_was_promised(fast, record_property):
    log = []
    promises = Promises(log)
    files = Recorder(fast / "disk", log)
    (fast / "disk").mkdir()
    store = LocalStore(fast / "disk" / STORE, files=files)
    promises.put(store, SMALL)
    promises.write_record(store, "attempts/1/result", b"one")
    promises.put(store, LARGE)
    promises.put(store, SMALL)
    for beat in (b"1", b"22", b"333"):
        store.replace_record("attempts/1/beat", beat)
    promises.delete_record(store, "attempts/1/result")
    promises.write_record(store, "attempts/1/result", b"two")
    promises.put(store, OTHER)
    promises.damage(store, files, OTHER)
    promises.heal(store, OTHER)
    promises.damage(store, files, OTHER)
    with pytest.raises(CorruptArtifact):
        store.get(digest_of(OTHER))
    promises.heal(store, OTHER)
    promises.delete(store, SMALL)
    promises.delete_record(store, "attempts/1/result")
    store.delete_record("attempts/1/beat")
    promises.put(store, SMALL)
    known = {digest_of(data): data for data in (SMALL, LARGE, OTHER)}
    records = {"attempts/1/result": {b"one", b"two"}, "attempts/1/beat": {b"1", b"22", b"333"}}
    states = cut_everywhere(fast, log, promises, known, records)
    record_property("states", states)
    assert states > 500


@pytest.mark.slow
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("made", [True, False], ids=["in a store", "in a store that the first is making"])
def test_a_writer_that_comes_between_any_two_operations_of_another_may_rely_on_its_own_put(fast, data, made):
    """Both put the same bytes; what the second returned for must be there though the first has not finished."""
    operations = interrupted_put(fast / "uninterrupted", data, made, None)[0]
    for step, operation in enumerate(operations):
        if is_dull(operation, step):
            continue
        log, promises = interrupted_put(fast / f"disk{step}", data, made, step)
        assert len(promises.blobs) == 2
        promised = promises.blobs[0][1]
        disk = Disk()
        for cut, operation in enumerate(log, 1):
            disk.do(*operation)
            if cut >= promised and not is_dull(operation, cut):
                disk.after_the_cut(fast / "left", all_lost)
                assert LocalStore(fast / "left" / STORE).get(digest_of(data)) == data
        shutil.rmtree(fast / f"disk{step}")


def interrupted_put(base, data, made, step):
    """Put, and let a second writer put the same before operation `step`."""
    base.mkdir()
    log = []
    promises = Promises(log)
    second = LocalStore(base / STORE, files=Recorder(base, log))
    if made:
        second.put([b"the folders are made"])
    begin, came = len(log), []

    def before(number, _name):
        if step is not None and number == begin + step and not came:
            came.append(number)
            promises.put(second, data)

    promises.put(LocalStore(base / STORE, files=Recorder(base, log, before)), data)
    return (log[begin:] if step is None else log), promises


def test_nothing_is_remembered_as_verified_before_it_is_on_the_disk(fast):
    """Else a file that a power cut left full of zeros could pass, for its size and times may be right."""
    log = []
    (fast / "disk").mkdir()
    store = LocalStore(fast / "disk" / STORE, files=Recorder(fast / "disk", log))
    for data in (LARGE, OTHER, LARGE):
        store.put([data])
    disk, remembered = Disk(), 0
    for operation in log:
        disk.do(*operation)
        if operation[0] == "append":
            digest = operation[2].strip()[16:80].decode()
            file = disk.find((*Path(STORE).parts, "blobs", digest[:2], digest[2:]))
            assert len(file.states) == 1
            remembered += 1
    assert remembered == 3
