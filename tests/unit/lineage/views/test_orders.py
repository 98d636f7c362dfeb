"""Orders of long columns: exact, stable, what is missing last; the first rows are those of the whole order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from steppe.lineage.views import buckets, firsts
from steppe.lineage.views.firsts import first_rows
from steppe.lineage.views.keys import keys_of
from steppe.lineage.views.orders import find_order, give_up, order_of, progress_of, rows_at
from steppe.lineage.views.source import Source
from steppe.lineage.views.tables import open_table

ROWS = 5000
RNG = np.random.default_rng(7)
HOLES = RNG.random(ROWS) < 0.1
FLOATS = np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(size=ROWS))
KINDS = np.array(["b", "a", "d", "c", "unused"], dtype=object)
CODES = RNG.integers(0, 4, ROWS).astype("int8")

COLUMNS = {
    "numbers": pa.array(RNG.integers(-40, 40, ROWS)),
    "numbers, some missing": pa.array(RNG.integers(-40, 40, ROWS), mask=HOLES),
    "the ends of what fits": pa.array([np.iinfo(np.int64).min, np.iinfo(np.int64).max] * (ROWS // 2)),
    "unsigned": pa.array(RNG.integers(0, 2**64, ROWS, dtype=np.uint64)),
    "floats": pa.array(FLOATS, from_pandas=False),
    "floats, some missing": pa.array(FLOATS, mask=HOLES, from_pandas=False),
    "floats without end": pa.array(np.where(HOLES, np.inf, np.where(FLOATS > 1, -np.inf, FLOATS)), from_pandas=False),
    "rising": pa.array(np.arange(ROWS)),
    "falling": pa.array(np.arange(ROWS)[::-1].astype("float32")),
    "all alike": pa.array(np.zeros(ROWS, "int16")),
    "none there": pa.array([None] * ROWS, pa.float64()),
    "truths": pa.array(RNG.random(ROWS) < 0.5, mask=HOLES),
    "times": pa.array(RNG.integers(0, 900, ROWS).astype("M8[ns]"), mask=HOLES),
    "days": pa.array(RNG.integers(0, 900, ROWS).astype("M8[D]")),
    "categories": pa.DictionaryArray.from_arrays(pa.array(CODES, mask=HOLES), pa.array(KINDS)),
    "texts": pa.array([f"t{n}" if n % 7 else None for n in RNG.integers(0, 400, ROWS).tolist()]),
    "texts all there": pa.array([f"ä{n}" for n in RNG.integers(0, 400, ROWS).tolist()]),
}


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch):
    """Have even these columns taken apart."""
    monkeypatch.setattr(firsts, "PIECE", 301)
    monkeypatch.setattr(firsts, "LOOKS", 8)
    monkeypatch.setattr(firsts, "LENGTH", 50)
    monkeypatch.setattr(buckets, "PIECE", 301)
    monkeypatch.setattr(buckets, "ROWS", 400)


def table(path, column, chunks):
    """Return a table of one column, in chunks."""
    batches = [column.slice(at, -(-ROWS // chunks)) for at in range(0, ROWS, -(-ROWS // chunks))]
    whole = pa.table({"c": pa.chunked_array(batches, type=column.type)})
    with pa.ipc.new_file(path, whole.schema) as writer:
        writer.write_table(whole)
    return open_table(Source(version="b3:" + "1" * 64, format="arrow", path=str(path)))


def expected(column, descending):
    """Return the order as Python sorts: what is missing last, rising rows as they stand, falling ones turned round."""
    values = column.cast(pa.int64()).to_pylist() if pa.types.is_temporal(column.type) else column.to_pylist()
    nan = [row for row, value in enumerate(values) if value is not None and value != value]  # noqa: PLR0124
    none = [row for row, value in enumerate(values) if value is None]
    there = [row for row, value in enumerate(values) if value is not None and value == value]  # noqa: PLR0124
    there.sort(key=lambda row: values[row].encode() if isinstance(values[row], str) else values[row])
    return [*(there[::-1] if descending else there), *nan, *none], len(there)


@pytest.mark.parametrize("chunks", [1, 7])
@pytest.mark.parametrize("name", COLUMNS)
def test_orders_are_exact_and_the_first_rows_are_theirs(tmp_path, name, chunks):
    found = table(tmp_path / "t", COLUMNS[name].cast(pa.int32()) if name == "days" else COLUMNS[name], chunks)
    order_of(found, 0, tmp_path / "orders", "o")
    file = find_order(tmp_path / "orders", "o")
    for descending in (False, True):
        rows = rows_at(file, ROWS, 0, ROWS, descending=descending).tolist()
        wanted, there = expected(found.column(0), descending)
        assert rows == wanted
        for count in (1, 100, 300, 2000):
            first = first_rows(found.column(0), count, descending=descending)
            assert (None if first is None else first.tolist()) == (rows[:count] if there >= count else None), count
    assert [each.name for each in (tmp_path / "orders").iterdir()] == [file.name], "nothing else is left"


@pytest.mark.parametrize("array", [RNG.normal(size=999), RNG.integers(0, 9, 999).astype("u1"), RNG.random(999) < 0.5])
def test_arrays_have_orders_too(tmp_path, array):
    told = []
    missing = buckets.write_order(keys_of(array), tmp_path / "o", told.append)
    assert missing == 0
    assert np.fromfile(tmp_path / "o", np.uint32).tolist() == np.argsort(array, kind="stable").tolist()
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert first_rows(array, 50, descending=False).tolist() == np.argsort(array, kind="stable")[:50].tolist()


def test_how_far_an_order_is_can_be_told_and_what_is_left_of_one_goes(tmp_path, monkeypatch):
    found = table(tmp_path / "t", COLUMNS["numbers"], 1)
    seen = []

    def stopped(keys, file, tell):
        file.write_bytes(b"half")
        tell(0.25)
        seen.append(progress_of(tmp_path, "o"))
        raise KeyboardInterrupt

    monkeypatch.setattr("steppe.lineage.views.orders.write_order", stopped)
    with pytest.raises(KeyboardInterrupt):
        order_of(found, 0, tmp_path, "o")
    assert (seen, progress_of(tmp_path, "o")) == ([0.25], None)
    (tmp_path / ".o.progress").write_text("0.5")  # of a process that was ended
    (tmp_path / ".ab.fresh").write_bytes(b"half")
    assert progress_of(tmp_path, "o") == 0.5
    give_up(tmp_path, "o")
    assert [each.name for each in tmp_path.iterdir()] == ["t"]


def test_columns_that_have_no_numbers_have_no_keys():
    assert keys_of(pa.chunked_array([pa.array(["a"])])) is None
    assert keys_of(np.array([1 + 2j])) is None
    assert first_rows(np.array([1 + 2j]), 1, descending=False) is None
