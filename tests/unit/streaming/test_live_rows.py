"""Streams of values in memory: as those of stored ones, and of several together."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import steppe
from steppe.errors import UsageError

ROWS = 1003
FRAME = pd.DataFrame({"a": np.arange(ROWS), "b": np.arange(ROWS) * 0.5})


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (np.arange(ROWS * 2).reshape(ROWS, 2), lambda batch: batch[:, 0] // 2),
        (FRAME, lambda batch: batch.a.to_numpy()),
        (pa.Table.from_pandas(FRAME), lambda batch: batch["a"].to_numpy()),
        (pa.RecordBatch.from_pandas(FRAME), lambda batch: batch["a"].to_numpy()),
        (pl.from_pandas(FRAME), lambda batch: batch["a"].to_numpy()),
        (list(range(ROWS)), np.array),
        (tuple(range(ROWS)), np.array),
        ([np.arange(500), np.arange(500, ROWS)], np.array),
        ([FRAME[:1], FRAME[1:1], FRAME[1:700], FRAME[700:]], lambda batch: batch.a.to_numpy()),
        (
            {"x": np.arange(ROWS), "frame": FRAME},
            lambda batch: np.where(batch["x"] == batch["frame"].a, batch["x"], -1),
        ),
        (
            (np.arange(ROWS), FRAME),
            lambda batch: np.where(batch[0] == batch[1].a, batch[0], -1) if type(batch) is tuple else None,
        ),
    ],
    ids=[
        "array",
        "pandas",
        "table",
        "record batch",
        "polars",
        "list",
        "tuple",
        "arrays",
        "frames",
        "side by side",
        "in order",
    ],
)
@pytest.mark.parametrize("seed", [False, 3])
def test_each_row_comes_once(value, numbers, seed):
    with steppe.stream(value, 100, shuffle=seed) as stream:
        found = [numbers(batch) for batch in stream]
    assert [len(each) for each in found] == [100] * 10 + [3]
    assert sorted(np.concatenate(found)) == list(range(ROWS))
    assert (np.concatenate(found) == np.arange(ROWS)).all() == (seed is False)


def test_batches_are_copies():
    array, frame = np.zeros(10), FRAME.copy()
    next(iter(steppe.stream(array, 5)))[:] = 1
    batch = next(iter(steppe.stream(frame, 5)))
    batch["a"] = -1
    assert not array.any()
    pd.testing.assert_frame_equal(frame, FRAME)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"batch_size": 0}, r"stream\(batch_size=0\) takes a whole number from 1 on"),
        ({"batch_size": "many"}, r"stream\(batch_size='many'\)"),
        ({"prefetch": "lots"}, r"stream\(prefetch='lots'\) takes bytes"),
        ({"shuffle": -1}, r"stream\(shuffle=-1\)"),
        ({"shard": (2, 2)}, "the last of 2 is 1"),
        ({"shard": 3}, r"stream\(shard=3\) takes two numbers"),
        ({"epochs": 0}, r"stream\(epochs=0\)"),
        ({"as_": "cupy"}, r"stream\(as_='cupy'\) takes 'numpy'"),
        ({"columns": ["a"]}, "this value has no columns, it is an array"),
        ({"columns": "a"}, r"takes a list of names, such as \['a'\]"),
        ({"as_": "pandas"}, "an array comes as 'numpy' or 'torch'"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(options, said):
    with pytest.raises(UsageError, match=said) as error:
        steppe.stream(np.arange(10), **{"batch_size": 2, **options})
    assert "\n" not in str(error.value)


def test_what_has_no_rows_is_refused():
    with pytest.raises(UsageError, match=r"not a builtins.int: steppe.load\(\) gives other values"):
        steppe.stream(3, 2)
    with pytest.raises(UsageError, match="as many rows each: `x` has 3, `y` has 4"):
        steppe.stream({"x": np.arange(3), "y": np.arange(4)}, 2)


def test_the_shard_is_that_of_this_process_among_those_that_train_together(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert np.concatenate(list(steppe.stream(np.arange(9), 2))).tolist() == [3, 4, 5]
    assert np.concatenate(list(steppe.stream(np.arange(9), 2, shard=(0, 1)))).tolist() == list(range(9))


def test_it_says_what_it_is():
    stream = steppe.stream(np.arange(10), 3, shard=(1, 2))
    assert repr(stream) == "<steppe stream: 10 rows, shard 1 of 2, epoch 0, batch 0 of 2>"


def test_waiting_is_told_apart_from_work():
    stream = steppe.stream(np.arange(1000), 10)
    list(stream)
    assert stream.waited > 0
    assert 0 <= stream.stall <= 1
