"""Frames of polars, tables of pyarrow and tensors come back as they were, and are streamed without being loaded."""

import datetime as dt
import decimal
import json
import pickle
import subprocess
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from kept import rows_of_part, stream_of

from steppe.errors import UsageError
from steppe.values import families as families
from steppe.values import formats
from steppe.values.walk import Walk
from steppe.worker.sources import Sources

ROWS = 4_003
SECOND = dt.timedelta(seconds=1)
BEGIN = dt.datetime(2026, 1, 1)  # without a time zone


def columns():
    return {
        "id": list(range(ROWS)),
        "x": [None if i % 7 == 2 else i / 3 for i in range(ROWS)],
        "sure": [None if i % 11 == 5 else i % 3 == 0 for i in range(ROWS)],
        "name": [None if i % 5 == 3 else f"né {i % 17}" for i in range(ROWS)],
        "raw": [b"\0" * (i % 9) for i in range(ROWS)],
        "when": [None if i == 3 else BEGIN + i * SECOND for i in range(ROWS)],
        "day": [BEGIN.date() + dt.timedelta(days=i % 900) for i in range(ROWS)],
        "at": [dt.time(i % 24, i % 60) for i in range(ROWS)],
        "long": [i * SECOND for i in range(ROWS)],
    }


def table(chunks=3):
    made = pa.table({**columns(), "price": [decimal.Decimal(i) / 4 for i in range(ROWS)]})
    made = made.replace_schema_metadata({"from": "here"})
    each = -(-ROWS // chunks)
    return pa.concat_tables(pa.Table.from_batches([each]) for each in made.to_batches(max_chunksize=each))


def frame():
    return pl.DataFrame(columns()).with_columns(pl.col("id").cast(pl.Int16).set_sorted())


def kept(store, value, name="value"):
    root = Walk(Sources()).walk(name, value)
    return formats.store(name, root, {}, store.put), root.version


def version(value):
    return Walk(Sources()).walk("value", value).version


@pytest.mark.parametrize("value", [table(1), table(), table().slice(5), frame(), frame().slice(9, 3000)])
def test_a_table_comes_back_as_it_was(store, value):
    part, before = kept(store, value)
    assert part.format == "arrow-table"
    back = formats.load(part, store.get(part.blob))
    assert type(back) is type(value)
    assert version(back) == before
    assert back.equals(value)
    if isinstance(value, pa.Table):
        assert back.schema.equals(value.schema, check_metadata=True)
        assert [len(chunk) for chunk in back.column(0).chunks] == [len(chunk) for chunk in value.column(0).chunks]
    else:
        assert (back.schema, back["id"].flags) == (value.schema, value["id"].flags)


@pytest.mark.parametrize(
    "value",
    [
        pa.table({"a": pa.array(["x", "y"] * 40_000).dictionary_encode()}),
        pa.table({"a": [[1, 2]] * 40_000}),
        pa.Table.from_arrays([pa.array(range(40_000))] * 2, names=["a", "a"]),
        pa.table({"a": pa.chunked_array([range(9), range(40_000)]), "b": pa.chunked_array([range(40_009)])}),
        pa.table({"a": [1, 2]}),
        pl.DataFrame({"a": pl.Series(["x", "y"] * 40_000, dtype=pl.Categorical)}),
        pl.DataFrame({"a": [[1, 2]] * 40_000}),
        pl.DataFrame({"a": [1, 2]}),
    ],
)
def test_what_would_not_come_back_exactly_is_left_to_pickles(store, value):
    assert kept(store, value)[0] is None


@pytest.mark.parametrize("value", [table(1), table(), frame()])
@pytest.mark.parametrize("seed", [None, 5])
def test_batches_are_rows_of_the_table(store, value, seed):
    rows = rows_of_part(kept(store, value)[0], store)
    with stream_of(rows, 100, seed=seed, block=7, window=5) as stream:
        batches = list(stream)
    assert {type(batch) for batch in batches} == {type(value)}
    polars = isinstance(value, pl.DataFrame)
    joined = pl.concat(batches) if polars else pa.concat_tables(batches)
    order = joined["id"].to_list() if polars else joined["id"].to_pylist()
    assert len(batches) == -(-ROWS // 100)
    assert sorted(order) == list(range(ROWS))
    assert (order == sorted(order)) is (seed is None)
    assert joined.equals(value[order] if polars else value.take(order))


def test_columns_and_forms_are_chosen(store):
    value = frame()
    part = pickle.loads(pickle.dumps(kept(store, value)[0]))
    rows = rows_of_part(part, store)
    with pytest.raises(UsageError, match="there is no column `nowhere`"):
        rows.chosen(["nowhere"])
    assert "holds text" in rows.takes("torch")
    chosen = rows.chosen(["when", "id"])
    assert chosen.takes("torch") == ""
    with stream_of(chosen, 1000) as stream:
        batch = next(iter(stream))
    assert batch.equals(value.select("when", "id")[:1000])
    with stream_of(rows_of_part(part, store).chosen(["id"]), 1000, form="numpy") as stream:
        np.testing.assert_array_equal(next(iter(stream))["id"], np.arange(1000))
    with stream_of(pickle.loads(pickle.dumps(rows_of_part(part, store))), 1000, form="pandas") as stream:
        assert next(iter(stream))["name"].tolist() == value[:1000].to_pandas()["name"].tolist()


@pytest.mark.parametrize("kind", ["float32", "int64", "bool", "complex64", "bfloat16", "float8_e4m3fn", "uint16"])
def test_a_tensor_comes_back_as_it_was_and_its_rows_are_streamed(store, kind):
    torch = pytest.importorskip("torch")
    value = torch.arange(ROWS * 20).reshape(ROWS, 4, 5) % 2 if kind == "bool" else torch.arange(ROWS * 20) % 200
    value = value.reshape(ROWS, 4, 5).to(getattr(torch, kind))
    part, before = kept(store, value)
    assert part.format == "tensor"
    again = formats.load(part, store.get(part.blob))
    assert again.resize_(ROWS + 1, 4, 5).shape[0] == ROWS + 1  # its memory is its own
    back = formats.load(part, store.get(part.blob))
    assert (type(back), back.dtype, version(back)) == (type(value), value.dtype, before)
    ids = [i for seed in (None, 5) for i in _ids(store, seed)]
    for seed in (None, 5):
        with stream_of(rows_of_part(part, store), 100, seed=seed, block=7, window=5) as stream:
            found = torch.cat([*stream])
        order, ids = ids[:ROWS], ids[ROWS:]
        assert version(found) == version(value[torch.tensor(order)])


def _ids(store, seed):
    torch = pytest.importorskip("torch")
    part, _ = kept(store, torch.arange(ROWS * 4).reshape(ROWS, 4))
    with stream_of(rows_of_part(part, store), 100, seed=seed, block=7, window=5) as stream:
        return [int(row[0]) // 4 for batch in stream for row in batch]


def test_tensors_with_more_to_them_than_their_elements_are_left_to_pickles(store):
    torch = pytest.importorskip("torch")
    plain = torch.zeros(200, 200)
    grown = torch.zeros(200, 200, requires_grad=True)
    told = torch.zeros(200, 200)
    told.note = "mine"
    for value in (plain.T, plain[1:], grown, told, torch.nn.Parameter(plain), torch.zeros(3), plain.to_sparse()):
        assert kept(store, value)[0] is None


PROGRAM = """
import contextlib, pickle, sys
import polars
from kept import rows_of_part, stream_of
from steppe.store import LocalStore

def memory(which):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(which))

def begin():
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is counted from now on
    return memory("VmRSS")

store = LocalStore(sys.argv[1])
with open(sys.argv[2], "rb") as file:
    warm, *parts = pickle.load(file)
found = []
for part in (*warm, *parts):
    before, many = begin(), 0
    form = "numpy" if part.format == "tensor" else None  # PyTorch takes seconds to load
    with stream_of(rows_of_part(part, store), 4096, prefetch=1 << 20, form=form) as stream:
        for batch in stream:
            many += len(batch)
    found.append((many, memory("VmHWM") - before))
before = begin()
whole = bytes(store.get(parts[-1].blob))
found.append((len(whole), memory("VmHWM") - before))
print(found[len(warm):])
"""


def test_what_is_streamed_is_not_in_memory_as_a_whole(store, tmp_path):
    torch = pytest.importorskip("torch")
    rows = 1 << 19
    large = np.arange(rows * 12, dtype=np.float64).reshape(12, rows)
    values = [
        pa.table(dict(zip("abcdefghijkl", large, strict=True))),
        pl.DataFrame(dict(zip("abcdefghijkl", large, strict=True))),
        torch.from_numpy(large.reshape(rows, 12).copy()),
    ]
    small = [values[0].slice(0, 9000), values[1][:9000], values[2][:9000].clone()]
    parts = [[kept(store, value)[0] for value in small], *(kept(store, value)[0] for value in values)]
    assert all(part.size > 45 << 20 for part in parts[1:])
    (tmp_path / "parts").write_bytes(pickle.dumps(parts))
    command = [sys.executable, "-c", PROGRAM, store.url, str(tmp_path / "parts")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="tests/unit/streaming")
    found = json.loads(done.stdout.replace("(", "[").replace(")", "]"))
    assert [many for many, _ in found[:3]] == [rows] * 3
    assert max(more for _, more in found[:3]) < 24 << 20, found
    assert found[3][1] > 40 << 20, found  # a whole one would be seen
