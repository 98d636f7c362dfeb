"""Tables of pyarrow, frames of polars and tensors are shown from their files, all of their rows."""

import datetime as dt
import decimal

import polars as pl
import pyarrow as pa
import pytest

from steppe.lineage.views.stored import Stored
from steppe.lineage.views.tables import open_table
from steppe.store import LocalStore
from steppe.types import Artifact
from steppe.values import families as families
from steppe.values import formats
from steppe.values.walk import Walk
from steppe.worker.sources import Sources

ROWS = 9_000
BEGIN = dt.datetime(2026, 1, 1)


def shown(tmp_path, value):
    store = LocalStore(tmp_path / "store")
    part = formats.store("value", Walk(Sources()).walk("value", value), {}, store.put)
    stored = Stored(Artifact(version="b3:0", type="", part=part), None, "value", None)
    return stored.view, (lambda: open_table(stored.source(store)))


@pytest.mark.parametrize("kind", ["pyarrow", "polars"])
def test_a_table_is_shown_to_its_last_row(tmp_path, kind):
    columns = {
        "id": range(ROWS),
        "sure": [None if i % 7 == 0 else i % 2 == 0 for i in range(ROWS)],
        "name": [f"n{i}" for i in range(ROWS)],
        "when": [BEGIN + dt.timedelta(hours=i) for i in range(ROWS)],
    }
    one = pa.table({**columns, "price": [decimal.Decimal(i) / 4 for i in range(ROWS)]})
    value = pl.DataFrame(columns) if kind == "polars" else pa.concat_tables([one.slice(0, 5000), one.slice(5000)])
    view, table = shown(tmp_path, value)
    assert view == "table"
    assert [column.name for column in table().columns][:4] == list(columns)
    assert (table().total, table().noted) == (ROWS, ROWS)
    page = table().page(slice(4999, 5001), 0, 9)
    assert [row[:3] for row in page] == [[4999, False, "n4999"], [5000, True, "n5000"]]
    assert str(page[1][3]).startswith("2026-07-28")


def test_a_tensor_is_shown_where_numpy_has_its_numbers(tmp_path):
    torch = pytest.importorskip("torch")
    view, table = shown(tmp_path, torch.arange(20_000.0).reshape(-1, 2))
    assert (view, table().page(slice(2, 3), 0, 9)) == ("array", [[4.0, 5.0]])
    assert shown(tmp_path, torch.zeros(40_000, dtype=torch.bfloat16))[0] == "none"
