"""Which results have to go, and that nothing goes which is held."""

from __future__ import annotations

import os

import pytest

from steppe.catalog import EntryUse, Pin, open_catalog
from steppe.lineage.gc import ABANDONED, YOUNG, doomed, sweep
from steppe.store.local import LocalStore
from steppe.types import Artifact, Entry, Part, Run, State, StepId, StepRun
from steppe.worker import saved


def use(id_, *, size=100, seconds=1.0, used=0.0, expires=None, held=False):
    key = f"b3:{id_:064x}"
    return EntryUse(
        id=id_, key=key, result=key, size=size, seconds=seconds, created=used, used=used, expires=expires, held=held
    )


def test_nothing_goes_while_there_is_room():
    assert doomed([use(1), use(2)], -1, 1000.0, 2000.0) == []


def test_what_is_cheapest_to_make_again_goes_first_and_no_more_than_needed():
    cheap, dear = use(1, seconds=0.1), use(2, seconds=50.0)
    assert doomed([dear, cheap], 100, 1000.0, 2000.0) == [cheap]
    assert doomed([dear, cheap], 101, 1000.0, 2000.0) == [cheap, dear]


def test_of_two_alike_the_older_goes_first():
    old, new = use(1, used=10.0), use(2, used=900.0)
    assert doomed([new, old], 1, 1000.0, 2000.0) == [old]


def test_what_has_expired_goes_though_there_is_room():
    assert [entry.id for entry in doomed([use(1, expires=5.0), use(2, expires=5000.0)], -1, 1000.0, 2000.0)] == [1]


def test_what_is_held_or_used_by_a_session_that_lives_stays():
    assert doomed([use(1, held=True), use(2, used=500.0)], 10**6, 1000.0, 400.0) == []


@pytest.fixture
def kept(tmp_path):
    """Return a catalog and a store with two results, each of one blob of 5,000 bytes, put two hours ago."""
    store = LocalStore(tmp_path / "store")
    with open_catalog(str(tmp_path / "catalog.db")) as catalog:
        for number in (1, 2):
            blob = store.put([bytes([number]) * 5000])
            result = store.put([b"result %d" % number])
            version = f"b3:{number:064x}"
            step_run = StepRun(
                id=f"{number:026}",
                run="r",
                step=StepId(notebook="n", name=f"step {number}"),
                state=State.SUCCEEDED,
                outputs={"x": version},
            )
            part = Part(names=("x",), format="npy", blob=blob, size=5000)
            entry = Entry(
                key=version, result=result, seconds=float(number), created=100.0, step_run=step_run.id, size=5000
            )
            catalog.entries.keep(entry, {"x": Artifact(version=version, type="list", part=part)}, step_run)
        for path in (tmp_path / "store").rglob("*"):
            if path.is_file():
                os.utime(path, (1000.0, 1000.0))
        yield catalog, store


def now():
    return 1000.0 + 3 * YOUNG


def sizes(store):
    return sorted(blob.size for blob in store.blobs())


def test_a_store_over_its_limit_loses_what_is_cheapest(kept):
    catalog, store = kept
    foreseen = sweep(catalog, store, 6000, dry=True, now=now)
    assert (foreseen.entries, foreseen.dry) == (1, True)
    assert len(sizes(store)) == 4
    done = sweep(catalog, store, 6000, now=now)
    assert (done.entries, done.blobs) == (1, 2)
    assert sizes(store) == [8, 5000]
    assert catalog.entries.find(f"b3:{1:064x}") == []
    assert len(catalog.entries.find(f"b3:{2:064x}")) == 1
    assert sweep(catalog, store, 6000, now=now).entries == 0


def test_what_is_pinned_stays(kept):
    catalog, store = kept
    catalog.names.pin(Pin(kind="artifact", target=f"b3:{1:064x}"))
    done = sweep(catalog, store, 0, now=now)
    assert (done.entries, done.held) == (1, 1)
    assert sizes(store) == [8, 5000]


def test_what_a_living_session_has_used_stays(kept):
    catalog, store = kept
    import socket

    catalog.runs.begin(Run(id="r", host=socket.gethostname(), pid=os.getpid(), started=50.0))
    assert sweep(catalog, store, 0, now=now).entries == 0
    assert len(sizes(store)) == 4


def test_bytes_that_nothing_refers_to_stay_while_they_are_young(kept):
    catalog, store = kept
    store.put([b"about to be referred to"])
    done = sweep(catalog, store, 10**9)
    assert done.blobs == 0
    assert done.waiting == 23


def checkpoint(store, key, when):
    part = Part(names=("state",), format="json", blob=saved.put(store, [os.urandom(3000)]), size=3000)
    os.utime(store.path(part.blob), (1000.0, 1000.0))
    name = saved.record_of(saved.owner_of(key), "last")
    saved.replace(store, name, saved.CheckpointRecord(last=saved.Saved(time=when, value=part)), None)
    return part.blob


def test_a_checkpoint_stays_until_its_step_has_succeeded_or_nobody_has_come_back_for_it(kept):
    catalog, store = kept
    waits = checkpoint(store, f"b3:{77:064x}", 5000.0)
    done = checkpoint(store, f"b3:{1:064x}", 50.0)  # there is a result from later on
    left = checkpoint(store, f"b3:{78:064x}", now() - ABANDONED - 1)
    sweep(catalog, store, 10**9, now=now)
    assert [store.has(each) for each in (waits, done, left)] == [True, False, False]
    assert len(list(saved.all_records(store))) == 1
    sweep(catalog, store, 10**9, now=lambda: now() + ABANDONED)
    assert not store.has(waits)
