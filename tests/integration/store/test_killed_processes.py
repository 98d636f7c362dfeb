"""A process is killed at any moment: what it was told is kept is there, nothing partial is, and others go on."""

import os
import random
import signal
import time

import pytest

from steppe.store import LocalStore
from steppe.testing.store import digest_of, some_bytes

KILLS = 120


def put_for_ever(root, seed, say):
    """Put blobs and write records, and say each as soon as it is kept. Runs until it is killed."""
    chance = random.Random(seed)
    store = LocalStore(root)
    number = 0
    while True:
        number += 1
        data = some_bytes(chance.choice([10, 5_000, 200_000, 1_200_000, 3_000_000]), chance.randrange(40))
        if chance.random() < 0.3:
            name = f"attempts/{seed}-{number}/result"
            store.write_record(name, data[:500])
            os.write(say, f"record {name} {digest_of(data[:500])}\n".encode())
        else:
            os.write(say, f"blob {store.put([data])} -\n".encode())


def forked(work, *args):
    """Run in a child process and return its id."""
    child = os.fork()
    if child == 0:
        try:
            work(*args)
        finally:
            os._exit(1)
    return child


@pytest.mark.slow
def test_killed_at_a_hundred_moments_a_store_keeps_what_it_has_said(tmp_path):
    chance = random.Random(0)
    root = tmp_path / "store"
    said = []
    for turn in range(KILLS):
        heard, say = os.pipe()
        child = forked(put_for_ever, root, turn, say)
        os.close(say)
        with open(heard) as lines:
            # By what was said, not by time alone: a slow machine is killed at as many moments.
            told = [lines.readline() for _ in range(chance.randrange(4))]
            time.sleep(chance.uniform(0.0, 0.04))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            said += [line.split() for line in [*told, *lines] if line.endswith("\n")]
        store = LocalStore(root)
        for blob in store.blobs():
            if turn % 10 == 0:
                store.verify(blob.digest)
    assert len(said) > KILLS
    store = LocalStore(root)
    for kind, name, digest in said:
        if kind == "blob":
            store.verify(name)
        else:
            assert digest_of(store.read_record(name)) == digest
    for blob in store.blobs():
        store.verify(blob.digest)
    for name in store.records():
        assert len(store.read_record(name)) in {10, 500}
    assert not list((root / "corrupt").iterdir())


def test_what_a_killed_process_left_under_way_is_swept_an_hour_later(tmp_path):
    root = tmp_path / "store"
    LocalStore(root).put([b"first"])

    def stop_halfway():
        def chunks():
            yield some_bytes(3 << 20)
            os.kill(os.getpid(), signal.SIGKILL)

        LocalStore(root).put(chunks())

    os.waitpid(forked(stop_halfway), 0)
    assert len(list((root / "tmp").iterdir())) == 1
    LocalStore(root)
    assert len(list((root / "tmp").iterdir())) == 1
    LocalStore(root, clock=lambda: time.time_ns() + 3601 * 10**9)
    assert list((root / "tmp").iterdir()) == []


def test_what_a_live_process_has_under_way_is_not_swept(tmp_path):
    root = tmp_path / "store"
    data = some_bytes(3 << 20)

    def chunks():
        yield data
        LocalStore(root, clock=lambda: time.time_ns() + 3601 * 10**9)
        yield b"end"

    store = LocalStore(root)
    assert store.get(store.put(chunks())) == data + b"end"
