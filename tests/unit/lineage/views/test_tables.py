"""Tables are read by pages, sorted and told in short; bytes that are damaged, or no table at all, are a sentence."""

from __future__ import annotations

import io
import json
import pickle
import random

import numpy as np
import pyarrow as pa
import pytest

from steppe.lineage.views.columns import DIFFERENT, PIECE, summary
from steppe.lineage.views.content import content
from steppe.lineage.views.firsts import first_rows
from steppe.lineage.views.orders import find_order, order_of, rows_at
from steppe.lineage.views.source import Source, Unreadable
from steppe.lineage.views.tables import open_table

VERSION = "b3:" + "1" * 64


def arrow(path, **columns):
    table = pa.table(columns)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    return Source(version=VERSION, format="arrow", path=str(path))


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return Source(version=VERSION, format="npy", data=file.getvalue())


def in_order(table, at, folder, *, descending):
    order_of(table, at, folder, f"o-{at}")
    rows = rows_at(find_order(folder, f"o-{at}"), table.total, 0, table.total, descending=descending)
    return rows.tolist()


@pytest.mark.parametrize("descending", [False, True])
def test_the_first_rows_are_those_of_the_whole_order(tmp_path, descending):
    rng = np.random.default_rng(3)
    numbers = rng.integers(-40, 40, 5000)
    floats = rng.normal(size=5000)
    floats[rng.random(5000) < 0.1] = np.nan
    missing = pa.array(numbers, mask=rng.random(5000) < 0.1)
    lowest = pa.array(np.array([np.iinfo(np.int64).min, np.iinfo(np.int64).max] * 2500))
    columns = {"a": numbers, "b": floats, "c": missing, "d": lowest, "e": numbers.astype("M8[s]")}
    table = open_table(arrow(tmp_path / "t", **columns))
    for at in range(5):
        whole = in_order(table, at, tmp_path / "orders", descending=descending)
        assert first_rows(table.column(at), 300, descending=descending).tolist() == whole[:300], columns


def test_an_order_keeps_equal_rows_as_they_stand_and_puts_what_is_missing_last(tmp_path):
    table = open_table(arrow(tmp_path / "t", a=[2, None, 1, 2], b=["x", "b", None, "a"]))
    assert in_order(table, 0, tmp_path, descending=False) == [2, 0, 3, 1]
    assert in_order(table, 0, tmp_path, descending=True) == [3, 0, 2, 1]
    assert in_order(table, 1, tmp_path, descending=False) == [3, 1, 0, 2]


def test_a_damaged_order_is_removed_and_said_so(tmp_path):
    table = open_table(arrow(tmp_path / "t", a=[3, 1, 2]))
    order_of(table, 0, tmp_path, "o")
    np.full(3, 77, np.uint32).tofile(find_order(tmp_path, "o"))
    with pytest.raises(Unreadable, match="sort it again"):
        rows_at(find_order(tmp_path, "o"), 3, 0, 3, descending=False)
    assert find_order(tmp_path, "o") is None


def test_columns_come_as_the_frame_has_them_not_as_they_are_stored(tmp_path):
    source = arrow(tmp_path / "t", b=[1], a=["x"])
    turned = Source(version=VERSION, format="arrow", path=source.path, positions=(1, 0))
    assert [column.name for column in open_table(turned).columns] == ["a", "b"]
    assert open_table(turned).page(slice(0, 1), 0, 5) == [["x", 1]]


def test_cells_are_what_json_can_tell(tmp_path):
    table = open_table(
        arrow(
            tmp_path / "t",
            big=[2**60],
            nan=[float("inf")],
            bytes=[b"\xff" * 50],
            long=["x" * 5000],
            list=[[1, 2]],
            when=pa.array([1_500_000_000_123_456_789], pa.timestamp("ns", "Europe/Paris")),
            span=pa.array([-90_061_000_001], pa.duration("us")),
        )
    )
    row = table.page(slice(0, 1), 0, 20)[0]
    assert json.dumps(row, allow_nan=False)
    assert row[:2] == [str(2**60), "inf"]
    assert len(row[3]) < 600
    assert row[5:] == ["2017-07-14 02:40:00.123456789Z", "-1 days 01:01:01.000001"]


def test_a_column_in_short_is_what_numpy_says(tmp_path):
    rng = np.random.default_rng(5)
    values = rng.normal(size=PIECE + 1000)
    values[:7] = np.nan
    table = open_table(arrow(tmp_path / "t", a=values, b=np.arange(len(values)) % 50))
    told = summary(table, 0)
    sound = values[7:]
    assert (told.nulls, told.min, told.max) == (7, sound.min(), sound.max())
    assert told.mean == pytest.approx(sound.mean())
    assert list(told.counts) == np.histogram(sound, 24)[0].tolist()
    assert told.distinct is None
    assert len(sound) > DIFFERENT
    assert summary(table, 1).distinct == 50


@pytest.mark.parametrize("name", ["empty", "nulls"])
def test_columns_without_a_value_have_no_ends(tmp_path, name):
    columns = {"empty": pa.array([], pa.float64()), "nulls": pa.array([None, None], pa.int64())}
    told = summary(open_table(arrow(tmp_path / "t", a=columns[name])), 0)
    assert (told.min, told.max, told.counts, told.distinct) == (None, None, (), 0)


@pytest.mark.parametrize("damage", range(40))
def test_damaged_files_are_a_sentence_or_other_values(tmp_path, damage):
    chosen = random.Random(damage)
    sound = arrow(tmp_path / "t", a=np.arange(3000), b=[str(each) for each in range(3000)])
    data = bytearray((tmp_path / "t").read_bytes())
    if damage % 3 == 0:
        del data[chosen.randrange(len(data)) :]
    # the ends hold the schema and the footer; in between are values, which may be any
    for _ in range(chosen.randrange(1, 30)):
        if data:
            at = chosen.choice(
                [chosen.randrange(min(600, len(data))), len(data) - 1 - chosen.randrange(min(600, len(data)))]
            )
            data[at] = chosen.randrange(256)
    (tmp_path / "t").write_bytes(data)
    try:
        table = open_table(sound)
        assert isinstance(table.total, int)
    except Unreadable as error:
        assert "bytes" in str(error)  # noqa: PT017  some damage is to values alone


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


def test_arrays_of_objects_are_refused_and_nothing_in_them_runs():
    with pytest.raises(Unreadable, match="no array that can be shown"):
        open_table(npy(np.array([Bomb()], dtype=object)))
    with pytest.raises(Unreadable):
        content(Source(version=VERSION, format="view", data=pickle.dumps(Bomb())), "tree")


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10**30,), }",
        "{'descr': '<f8'",
        "__import__('os')",
        "(" * 5000,
    ],
)
def test_headers_that_lie_are_refused(header):
    text = header.replace("10**30", "1" + "0" * 30).encode()
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * 64
    with pytest.raises(Unreadable):
        open_table(Source(version=VERSION, format="npy", data=data))


def test_a_slice_of_an_array_is_a_table(tmp_path):
    cube = np.arange(24).reshape(2, 3, 4)
    assert open_table(npy(cube), (1,)).page(slice(2, 3), 1, 2) == [[21, 22]]
    assert open_table(npy(np.float32(2.5))).page(slice(0, 1), 0, 9) == [[2.5]]
    assert open_table(npy(np.asfortranarray(cube[0]))).page(slice(0, 1), 0, 9) == [[0, 1, 2, 3]]


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"items": 3}', b"null"])
def test_notes_that_are_damaged_are_a_sentence(data):
    for kind in ("tree", "model", "figure"):
        try:
            content(Source(version=VERSION, format="view", data=data), kind)
        except Unreadable as error:
            assert "doctor" in str(error)  # noqa: PT017  some are whole notes of another kind
    with pytest.raises(Unreadable):
        open_table(Source(version=VERSION, format="view", data=data))
