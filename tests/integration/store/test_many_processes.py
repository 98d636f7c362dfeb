"""Sixteen processes use one store at once: each gets what it asked for, and one copy of each blob is kept."""

import multiprocessing
import random

from steppe.errors import MissingArtifact
from steppe.store import LocalStore
from steppe.testing.store import digest_of, some_bytes

PROCESSES = 16
SHARED = [(size, 1000 + number) for number, size in enumerate([10, 5_000, 200_000, 1_100_000, 4_000_000])]


def put_and_get(root, number, start):
    chance = random.Random(number)
    store = LocalStore(root)
    own = [(chance.choice([100, 150_000, 1_500_000]), number * 50 + turn) for turn in range(5)]
    work = SHARED * 3 + own
    chance.shuffle(work)
    start.wait()
    for size, seed in work:
        data = some_bytes(size, seed)
        assert store.put([data]) == digest_of(data)
        assert store.get(digest_of(data)) == data
    for size, seed in SHARED:
        assert store.get(digest_of(some_bytes(size, seed))) == some_bytes(size, seed)
    won = sum(store.write_record(f"claims/{turn}", b"%d" % number) for turn in range(20))
    store.write_record(f"won/{number}", b"%d" % won)


def delete_and_put(root, number, start):
    """What `steppe gc` does beside others, at its worst: it deletes whatever it finds."""
    store = LocalStore(root)
    start.wait()
    for _ in range(60):
        for size, seed in SHARED[:4]:
            data = some_bytes(size, seed)
            if number == 0:
                store.delete(digest_of(data))
            else:
                store.put([data])
                try:
                    assert store.get(digest_of(data)) == data
                except MissingArtifact:
                    continue


def run(work, root, count):
    processes = multiprocessing.get_context("fork")
    start = processes.Barrier(count)
    running = [processes.Process(target=work, args=(root, number, start)) for number in range(count)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * count


def test_sixteen_processes_put_and_get_the_same_and_different_blobs(tmp_path):
    root = tmp_path / "store"
    run(put_and_get, root, PROCESSES)
    store = LocalStore(root)
    for blob in store.blobs():
        store.verify(blob.digest)
    assert len(list(store.blobs())) == len(SHARED) + 5 * PROCESSES
    assert sum(int(store.read_record(name)) for name in store.records("won")) == 20
    assert list((root / "tmp").iterdir()) == []
    assert list((root / "corrupt").iterdir()) == []


def test_blobs_that_are_deleted_and_put_at_once_are_whole_or_missing(tmp_path):
    root = tmp_path / "store"
    run(delete_and_put, root, 4)
    assert list((root / "corrupt").iterdir()) == []
