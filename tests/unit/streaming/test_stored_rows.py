"""Streams of what is stored: batches are slices of it, whatever it is and in whatever order they come."""

import gc
import json
import os
import threading

import numpy as np
import pandas as pd
import pytest
from kept import array_part, frame_part, rows_of_part, stream_of

from steppe.errors import CorruptArtifact, UsageError

ROWS = 10_007


def made(rows=ROWS):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "x": random.random(rows),
            "sure": random.random(rows) > 0.5,
            "name": pd.Series([None if i % 5 == 3 else f"né {i % 17}" for i in range(rows)], dtype="str"),
            "kind": pd.Categorical.from_codes(random.integers(-1, 3, rows), list("abc")),
            "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 10**7, rows), unit="s"),
            "there": pd.Series(pd.date_range("2026-01-01", periods=rows, freq="s")).dt.tz_localize("Europe/Berlin"),
            "y": random.random(rows).astype(np.float32),
        }
    )
    frame.loc[3, "when"] = pd.NaT
    return frame


@pytest.fixture
def frame(store):
    value = made()
    return value, rows_of_part(frame_part(store, value), store)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(ROWS * 6, dtype=np.float32).reshape(ROWS, 2, 3),
        np.asfortranarray(np.arange(ROWS * 6, dtype=np.int16).reshape(ROWS, 2, 3)),
        np.arange(ROWS),
        np.array([f"text {i}" for i in range(ROWS)]),
        np.arange(ROWS).astype("M8[s]"),
        np.arange(ROWS, dtype=">i4"),
        np.zeros((ROWS, 0)),
        np.zeros((0, 4)),
    ],
    ids=["rows", "columns", "one dimension", "text", "times", "big-endian", "empty rows", "no rows"],
)
@pytest.mark.parametrize("seed", [None, 5])
def test_batches_of_an_array_are_its_rows(store, array, seed):
    rows = rows_of_part(array_part(store, array), store)
    ids = rows_of_part(array_part(store, np.arange(len(array))), store)
    with stream_of(rows, 100, seed=seed, block=7, window=5) as stream:
        found = list(stream)
    with stream_of(ids, 100, seed=seed, block=7, window=5) as stream:
        order = [*stream]
    assert len(found) == -(-len(array) // 100)
    for batch, numbers in zip(found, order, strict=True):
        assert batch.dtype == array.dtype
        np.testing.assert_array_equal(batch, array[numbers])
        assert batch.flags.writeable


def test_batches_of_a_frame_are_its_slices(frame):
    value, rows = frame
    with stream_of(rows, 1000, window=2) as stream:
        for number, batch in enumerate(stream):
            pd.testing.assert_frame_equal(batch, value.iloc[number * 1000 : number * 1000 + 1000])
            assert type(batch.index) is pd.RangeIndex
    assert number == 10


def test_a_frame_that_is_shuffled_keeps_what_belongs_together(frame):
    value, rows = frame
    with stream_of(rows, 1000, seed=1, block=30, window=3) as stream:
        whole = pd.concat(list(stream))
    assert not whole.index.is_monotonic_increasing
    pd.testing.assert_frame_equal(whole, value.loc[whole.index], check_index_type=False)
    assert sorted(whole.index) == list(range(ROWS))


def test_columns_come_in_the_order_in_which_they_are_asked_for(frame):
    value, rows = frame
    with stream_of(rows.chosen(["y", "name"]), 999) as stream:
        pd.testing.assert_frame_equal(pd.concat(list(stream)), value[["y", "name"]])
    with pytest.raises(UsageError, match=r"there is no column `z`: there are `id`, `x`"):
        rows.chosen(["z"])
    with pytest.raises(UsageError, match="named twice"):
        rows.chosen(["x", "x"])


def test_other_columns_are_not_read(store, monkeypatch):
    rows = rows_of_part(frame_part(store, made()), store)
    chosen = rows.chosen(["y"])
    read, source = [], chosen._source
    plain = source.read_into
    monkeypatch.setattr(source, "read_into", lambda start, view: (read.append(view.nbytes), plain(start, view)))
    with stream_of(chosen, 1000) as stream:
        list(stream)
    assert sum(read) == ROWS * 4


def test_batches_come_in_the_form_that_is_asked_for(frame):
    value, rows = frame
    batch = next(iter(stream_of(rows, 500, form="arrow")))
    assert batch.column("name").to_pylist()[:4] == ["né 0", "né 1", "né 2", None]
    assert str(batch.schema.field("sure").type) == "bool"
    batch = next(iter(stream_of(rows, 500, form="numpy", seed=2)))
    np.testing.assert_array_equal(batch["x"], value.x.to_numpy()[batch["id"]])
    assert batch["name"][0] == value.name[batch["id"][0]] or value.name[batch["id"][0]] is np.nan
    assert next(iter(stream_of(rows, 500, form="polars"))).height == 500


@pytest.mark.parametrize("seed", [None, 4])
@pytest.mark.parametrize("given", [0, 1, 7, 11, 12, 20])
def test_a_stream_goes_on_exactly_where_another_stood(frame, seed, given):
    _, rows = frame
    options = {"seed": seed, "block": 13, "window": 3, "epochs": 2}
    whole = [batch.id.tolist() for batch in stream_of(rows, 1000, **options)]
    first = stream_of(rows, 1000, **options)
    before = [batch.id.tolist() for _, batch in zip(range(given), first, strict=False)]
    state = json.loads(json.dumps(first.state()))
    after = [batch.id.tolist() for batch in stream_of(rows, 1000, **options).resume(state)]
    assert before + after == whole
    assert [batch.id.tolist() for batch in first] == after, "and one that was left goes on itself"


def test_a_state_of_another_stream_is_refused(frame):
    _, rows = frame
    state = stream_of(rows, 1000).state()
    with pytest.raises(UsageError, match=r"had batch_size=1000, and this has 10"):
        stream_of(rows, 10).resume(state)
    with pytest.raises(UsageError, match=r"had shuffle=None, and this has 3"):
        stream_of(rows, 1000, seed=3).resume(state)
    with pytest.raises(UsageError, match="of another version"):
        stream_of(rows, 1000).resume({**state, "version": "b3:1"})
    with pytest.raises(UsageError, match="takes what state"):
        stream_of(rows, 1000).resume({})


def test_each_loop_is_the_next_epoch(store):
    rows = rows_of_part(array_part(store, np.arange(100)), store)
    stream = stream_of(rows, 10, seed=0, block=3, window=2)
    first, second = ([batch.tolist() for batch in stream] for _ in range(2))
    assert stream.epoch == 2
    assert first != second
    assert [batch.tolist() for batch in stream_of(rows, 10, seed=0, block=3, window=2, epochs=2)] == first + second
    assert len(stream) == 10
    endless = stream_of(rows, 10, epochs=None)
    assert sum(1 for _ in zip(endless, range(35), strict=False)) == 35
    with pytest.raises(TypeError, match="does not end"):
        len(endless)


def test_a_loop_that_is_left_leaves_no_thread(store):
    rows = rows_of_part(array_part(store, np.arange(100_000)), store)
    stream = stream_of(rows, 10, prefetch=1 << 12)
    for _ in stream:
        break
    assert not _threads()
    next(stream)
    assert _threads()
    stream.close()
    assert not _threads()
    with pytest.raises(UsageError, match="closed"):
        next(stream)
    dropped = stream_of(rows_of_part(array_part(store, np.arange(100_000)), store), 10, prefetch=1 << 12)
    next(dropped)
    del dropped
    gc.collect()
    assert not _threads()


def _threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("steppe-stream")]


def test_what_the_thread_raises_arrives_where_the_batch_would(store, monkeypatch):
    rows = rows_of_part(array_part(store, np.arange(100_000)), store)
    stream = stream_of(rows, 10, window=1)
    plain, read = rows.read, []

    def fails_at_last(runs):
        read.append(runs)
        if len(read) > 3:
            raise OSError("the disk is on fire")
        return plain(runs)

    monkeypatch.setattr(rows, "read", fails_at_last)
    found = []
    with pytest.raises(OSError, match="on fire"):
        found.extend(stream)
    assert [batch[0] for batch in found] == [0, 10], "what was made before comes before"
    monkeypatch.undo()
    assert [batch[0] for batch in stream][:2] == [20, 30], "what was given counts, and it goes on behind it"


def test_no_more_is_read_ahead_than_may_wait(store, monkeypatch):
    rows = rows_of_part(array_part(store, np.zeros((1000, 1024), np.uint8)), store)
    read, plain = [], rows.read

    def counted(runs):
        read.append(sum(stop - first for first, stop in runs))
        return plain(runs)

    monkeypatch.setattr(rows, "read", counted)
    stream = stream_of(rows, 10, window=1, prefetch=100 << 10)
    next(stream)
    shared = stream._ahead._shared
    with shared.changed:
        assert shared.changed.wait_for(lambda: shared.bytes > 90 << 10, timeout=30)
    assert sum(read) <= 10 * (10 + 4), "ten wait, one was taken, and one each is held back, made and put"
    stream.close()


def test_a_damaged_file_is_never_given(store):
    part = array_part(store, np.arange(100_000))
    path = store.path(part.blob)
    os.chmod(path, 0o644)
    with open(path, "r+b") as file:
        file.seek(50_000)
        file.write(b"other")
    with pytest.raises(CorruptArtifact):
        rows_of_part(part, store)


def test_a_number_has_no_rows(store):
    with pytest.raises(UsageError, match="single number"):
        rows_of_part(array_part(store, np.array(3.0)), store)
