"""Specimens of pyarrow and polars."""

import datetime as dt
import decimal

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc


def _table(**changes) -> pa.Table:
    return pa.table({"a": [1, 2, 3], "b": ["x", "y", None]} | changes)


def _frame(**changes) -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]} | changes)


def _enum(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"c": ["x", "y"]}, schema={"c": pl.Enum(names)})


def _union(dense: bool) -> pa.Array:
    kinds = pa.array([0, 1], pa.int8())
    parts = [pa.array([1, 2]), pa.array(["a", "b"])]
    return (
        pa.UnionArray.from_dense(kinds, pa.array([0, 0], pa.int32()), parts)
        if dense
        else pa.UnionArray.from_sparse(kinds, parts)
    )


TIME = dt.datetime(2024, 1, 1)
SPECIMENS = {
    "table": _table,
    "renamed": lambda: _table().rename_columns(["A", "b"]),
    "reordered": lambda: _table().select(["b", "a"]),
    "cell changed": lambda: _table(a=[1, 2, 4]),
    "null elsewhere": lambda: _table(b=["x", None, "y"]),
    "null for text": lambda: _table(b=["x", "y", ""]),
    "int32": lambda: _table(a=pa.array([1, 2, 3], pa.int32())),
    "large text": lambda: _table(b=pa.array(["x", "y", None], pa.large_string())),
    "text views": lambda: _table(b=pa.array(["x", "y", None], pa.string_view())),
    "text views of other": lambda: _table(b=pa.array(["x", "z", None], pa.string_view())),
    "binary": lambda: _table(b=pa.array([b"x", b"y", None])),
    "fixed binary": lambda: _table(b=pa.array([b"x", b"y", None], pa.binary(1))),
    "not nullable": lambda: _table().cast(pa.schema([pa.field("a", pa.int64(), nullable=False), ("b", pa.string())])),
    "with metadata": lambda: _table().replace_schema_metadata({"k": "v"}),
    "with other metadata": lambda: _table().replace_schema_metadata({"k": "w"}),
    "with a field's metadata": lambda: _table().cast(
        pa.schema([pa.field("a", pa.int64(), metadata={"k": "v"}), ("b", pa.string())])
    ),
    "without columns": lambda: pa.table({}),
    "without rows": lambda: _table().slice(0, 0),
    "without rows, other": lambda: _table(a=pa.array([1, 2, 3], pa.int32())).slice(0, 0),
    "names regrouped 1": lambda: pa.table({"ab": [1], "c": [1]}),
    "names regrouped 2": lambda: pa.table({"a": [1], "bc": [1]}),
    "batch": lambda: pa.record_batch({"a": [1, 2, 3], "b": ["x", "y", None]}),
    "array": lambda: pa.array([1, 2, 3]),
    "chunked": lambda: pa.chunked_array([[1, 2, 3]]),
    "bools": lambda: pa.array([True, False, True]),
    "bools with a null": lambda: pa.array([True, None, True]),
    "bools of nine": lambda: pa.array([True] * 9),
    "bools of eight": lambda: pa.array([True] * 8),
    "floats": lambda: pa.array([0.0, 1.0]),
    "floats with -0.0": lambda: pa.array([-0.0, 1.0]),
    "floats with nan": lambda: pa.array([float("nan"), 1.0]),
    "floats with null": lambda: pa.array([None, 1.0]),
    "halves": lambda: pa.array([0.0, 1.0], pa.float16()),
    "nulls": lambda: pa.nulls(3),
    "nulls of four": lambda: pa.nulls(4),
    "nulls of ints": lambda: pa.nulls(3, pa.int64()),
    "texts": lambda: pa.array(["ab", "c"]),
    "texts regrouped": lambda: pa.array(["a", "bc"]),
    "texts, empty": lambda: pa.array(["", ""]),
    "texts, three empty": lambda: pa.array(["", "", ""]),
    "dictionary": lambda: pa.array(["x", "y", "x"]).dictionary_encode(),
    "dictionary of other order": lambda: pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.int32()), ["y", "x"]),
    "dictionary ordered": lambda: pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0], pa.int32()), ["x", "y"], ordered=True
    ),
    "lists": lambda: pa.array([[1, 2], [3]]),
    "lists regrouped": lambda: pa.array([[1], [2, 3]]),
    "lists with null": lambda: pa.array([[1, 2], None, [3]]),
    "lists with empty": lambda: pa.array([[1, 2], [], [3]]),
    "large lists": lambda: pa.array([[1, 2], [3]], pa.large_list(pa.int64())),
    "fixed lists": lambda: pa.array([[1, 2], [3, 4]], pa.list_(pa.int64(), 2)),
    "fixed lists of other": lambda: pa.array([[1, 2], [3, 5]], pa.list_(pa.int64(), 2)),
    "structs": lambda: pa.array([{"p": 1, "q": "x"}, {"p": 2, "q": "y"}]),
    "structs of other names": lambda: pa.array([{"p": 1, "r": "x"}, {"p": 2, "r": "y"}]),
    "structs with null": lambda: pa.array([{"p": 1, "q": "x"}, None]),
    "structs of nulls": lambda: pa.array([{"p": 1, "q": "x"}, {"p": None, "q": None}]),
    "maps": lambda: pa.array([[("k", 1)], [("l", 2)]], pa.map_(pa.string(), pa.int64())),
    "maps of other keys": lambda: pa.array([[("k", 1)], [("m", 2)]], pa.map_(pa.string(), pa.int64())),
    "maps of other items": lambda: pa.array([[("k", 1)], [("l", 3)]], pa.map_(pa.string(), pa.int64())),
    "maps regrouped": lambda: pa.array([[("k", 1), ("l", 2)], []], pa.map_(pa.string(), pa.int64())),
    "decimals": lambda: pa.array([decimal.Decimal("1.0")]),
    "decimals of other scale": lambda: pa.array([decimal.Decimal("1.00")]),
    "times": lambda: pa.array([TIME], pa.timestamp("us")),
    "times in ns": lambda: pa.array([TIME], pa.timestamp("ns")),
    "times in UTC": lambda: pa.array([TIME], pa.timestamp("us", "UTC")),
    "times in Berlin": lambda: pa.array([TIME], pa.timestamp("us", "Europe/Berlin")),
    "dates": lambda: pa.array([TIME.date()]),
    "durations": lambda: pa.array([dt.timedelta(1)]),
    "intervals": lambda: pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "unions, dense": lambda: _union(True),
    "unions, sparse": lambda: _union(False),
    "run ends": lambda: pc.run_end_encode(pa.array([1, 1, 2])),
    "run ends of other": lambda: pc.run_end_encode(pa.array([1, 2, 2])),
    "bool8": lambda: pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0], pa.int8())),
    "scalar": lambda: pa.scalar(1),
    "scalar of int32": lambda: pa.scalar(1, pa.int32()),
    "scalar of other": lambda: pa.scalar(2),
    "schema": lambda: pa.schema([("a", pa.int64())]),
    "schema of other": lambda: pa.schema([("a", pa.int32())]),
    "type": pa.int64,
    "type int32": pa.int32,
    "type of times": lambda: pa.timestamp("us", "UTC"),
    "field": lambda: pa.field("a", pa.int64()),
    "polars": _frame,
    "polars renamed": lambda: _frame().rename({"a": "A"}),
    "polars reordered": lambda: _frame().select("b", "a"),
    "polars cell changed": lambda: _frame(a=[1, 2, 4]),
    "polars int32": lambda: _frame(a=pl.Series([1, 2, 3], dtype=pl.Int32)),
    "polars floats": lambda: _frame(a=[1.0, 2.0, 3.0]),
    "polars null elsewhere": lambda: _frame(b=["x", None, "y"]),
    "polars without rows": lambda: _frame().clear(),
    "polars without columns": pl.DataFrame,
    "polars categorical": lambda: _frame(b=pl.Series(["x", "y", None], dtype=pl.Categorical)),
    "polars enum": lambda: _enum("x", "y"),
    "polars enum of other order": lambda: _enum("y", "x"),
    "polars enum of three": lambda: _enum("x", "y", "z"),
    "polars times": lambda: pl.DataFrame({"t": [TIME]}),
    "polars times in UTC": lambda: pl.DataFrame({"t": [TIME]}).with_columns(pl.col("t").dt.replace_time_zone("UTC")),
    "polars times in ms": lambda: pl.DataFrame({"t": [TIME]}).with_columns(pl.col("t").dt.cast_time_unit("ms")),
    "polars lists": lambda: pl.DataFrame({"l": [[1, 2], [3]]}),
    "polars lists regrouped": lambda: pl.DataFrame({"l": [[1], [2, 3]]}),
    "polars arrays": lambda: pl.DataFrame({"l": [[1, 2], [3, 4]]}, schema={"l": pl.Array(pl.Int64, 2)}),
    "polars arrays of other": lambda: pl.DataFrame({"l": [[1, 2], [3, 5]]}, schema={"l": pl.Array(pl.Int64, 2)}),
    "polars structs": lambda: pl.DataFrame({"s": [{"p": 1}, {"p": 2}]}),
    "polars structs of other name": lambda: pl.DataFrame({"s": [{"q": 1}, {"q": 2}]}),
    "polars structs of texts": lambda: pl.DataFrame({"s": [{"q": "x"}, {"q": "y"}]}),
    "polars objects": lambda: pl.DataFrame({"o": pl.Series([[1], {2}], dtype=pl.Object)}),
    "polars objects of other": lambda: pl.DataFrame({"o": pl.Series([[1], {3}], dtype=pl.Object)}),
    "polars decimals": lambda: pl.DataFrame({"d": [decimal.Decimal("1.0")]}),
    "polars binary": lambda: pl.DataFrame({"b": [b"x"]}),
    "polars binary of other": lambda: pl.DataFrame({"b": [b"y"]}),
    "polars long text": lambda: pl.DataFrame({"b": ["x" * 100, "y" * 100]}),
    "polars long text of other": lambda: pl.DataFrame({"b": ["x" * 100, "x" * 99 + "y"]}),
    "polars bools": lambda: pl.DataFrame({"b": [True, False]}),
    "polars nulls": lambda: pl.DataFrame({"b": [None, None]}),
    "polars series": lambda: pl.Series("a", [1, 2]),
    "polars series renamed": lambda: pl.Series("b", [1, 2]),
    "polars dtype": lambda: pl.Int64,
    "polars dtype of times": lambda: pl.Datetime("us", "UTC"),
    "polars dtype of other": lambda: pl.Datetime("ns", "UTC"),
    "polars sorted flag": lambda: pl.Series("s", [1, 2, 5]).set_sorted(),
    "polars expression": lambda: pl.col("a") + 1,
    "polars expression of other": lambda: pl.col("a") + 2,
}
