"""Specimens of pandas."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd


def _frame(**changes) -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "c": ["x", "y", "z"]} | changes)


def _with(change, frame: pd.DataFrame | None = None):
    made = _frame() if frame is None else frame
    back = change(made)
    return made if back is None else back


def _categories(order=("x", "y", "z"), ordered=False) -> pd.Series:
    return pd.Series(pd.Categorical(["x", "y", "x"], categories=order, ordered=ordered))


def _series(*items, **options) -> pd.Series:
    return pd.Series(list(items), **options)


def _levels(**options) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], **options)
    return pd.DataFrame({"v": [1, 2, 3]}, index=index)


def _sharing(same: bool) -> pd.DataFrame:
    part: list = [1]
    return pd.DataFrame({"a": [part, part if same else [1]]})


def _attrs(value) -> pd.DataFrame:
    made = _frame()
    made.attrs["a"] = value
    return made


TIMES = ("2024-01-01 00:00", "2024-01-01 01:00")
SPECIMENS = {
    "frame": _frame,
    "int32": lambda: _frame(a=np.array([1, 2, 3], "i4")),
    "float of same": lambda: _frame(a=[1.0, 2.0, 3.0]),
    "cell changed": lambda: _frame(a=[1, 2, 4]),
    "rows swapped": lambda: _frame().iloc[[1, 0, 2]],
    "rows swapped, index anew": lambda: _frame().iloc[[1, 0, 2]].reset_index(drop=True),
    "column renamed": lambda: _frame().rename(columns={"a": "A"}),
    "columns reordered": lambda: _frame()[["b", "a", "c"]],
    "columns swapped by name": lambda: _frame().rename(columns={"a": "b", "b": "a"}),
    "columns named": lambda: _frame().rename_axis("n", axis=1),
    "column labels as ints": lambda: pd.DataFrame({1: [1]}),
    "column labels as texts": lambda: pd.DataFrame({"1": [1]}),
    "column labels as floats": lambda: pd.DataFrame({1.0: [1]}),
    "column labels as tuples": lambda: pd.DataFrame({("a", "b"): [1]}),
    "column labels mixed": lambda: pd.DataFrame({"a": [1], 1: [2], None: [3]}),
    "column labels twice": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "column labels twice, swapped": lambda: pd.DataFrame([[2, 1]], columns=["a", "a"]),
    "without columns": lambda: pd.DataFrame(index=range(3)),
    "without rows": lambda: pd.DataFrame({"a": []}),
    "without rows, ints": lambda: pd.DataFrame({"a": np.array([], int)}),
    "without anything": pd.DataFrame,
    "index of ints": lambda: _with(lambda frame: setattr(frame, "index", pd.Index([0, 1, 2]))),
    "index of other ints": lambda: _frame().set_index(pd.Index([0, 1, 3])),
    "index of floats": lambda: _frame().set_index(pd.Index([0.0, 1.0, 2.0])),
    "index of texts": lambda: _frame().set_index(pd.Index(["0", "1", "2"])),
    "index of objects": lambda: _frame().set_index(pd.Index([0, 1, 2], dtype=object)),
    "index named": lambda: _frame().rename_axis("n"),
    "index named otherwise": lambda: _frame().rename_axis("m"),
    "index of a step": lambda: _frame().set_index(pd.RangeIndex(0, 6, 2)),
    "levels": _levels,
    "levels named": lambda: _levels(names=["i", "j"]),
    "levels of other names": lambda: _levels(names=["j", "i"]),
    "levels swapped": lambda: _levels().swaplevel(),
    "levels as a column": lambda: _levels().reset_index(level=1),
    "unused level": lambda: pd.DataFrame(
        {"v": [1]}, index=pd.MultiIndex(levels=[["a", "b"]], codes=[[0]], names=[None])
    ),
    "used level": lambda: pd.DataFrame({"v": [1]}, index=pd.MultiIndex(levels=[["a"]], codes=[[0]], names=[None])),
    "categories": _categories,
    "categories ordered": lambda: _categories(ordered=True),
    "categories in another order": lambda: _categories(order=("y", "x", "z")),
    "categories without an unused one": lambda: _categories(order=("x", "y")),
    "categories as texts": lambda: _categories().astype("str"),
    "categories as objects": lambda: _categories().astype(object),
    "categories of ints": lambda: pd.Series(pd.Categorical([1, 2, 1])),
    "categories of floats": lambda: pd.Series(pd.Categorical([1.0, 2.0, 1.0])),
    "categories with a gap": lambda: pd.Series(pd.Categorical(["x", None, "x"])),
    "times": lambda: _series(*map(pd.Timestamp, TIMES)),
    "times in ns": lambda: _series(*map(pd.Timestamp, TIMES)).astype("M8[ns]"),
    "times in s": lambda: _series(*map(pd.Timestamp, TIMES)).astype("M8[s]"),
    "times in UTC": lambda: _series(*map(pd.Timestamp, TIMES)).dt.tz_localize("UTC"),
    "times in Berlin": lambda: _series(*map(pd.Timestamp, TIMES)).dt.tz_localize("Europe/Berlin"),
    "times UTC in Berlin": lambda: (
        _series(*map(pd.Timestamp, TIMES)).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    ),
    "times in Paris": lambda: _series(*map(pd.Timestamp, TIMES)).dt.tz_localize("Europe/Paris"),
    "times with a gap": lambda: _series(pd.Timestamp(TIMES[0]), pd.NaT),
    "times as objects": lambda: _series(*map(pd.Timestamp, TIMES)).astype(object),
    "times as datetimes": lambda: _series(*(dt.datetime.fromisoformat(text) for text in TIMES), dtype=object),
    "time index": lambda: pd.DatetimeIndex(TIMES),
    "time index with freq": lambda: pd.date_range(TIMES[0], periods=2, freq="h"),
    "time index with other freq": lambda: pd.date_range(TIMES[0], periods=2, freq="60min", tz="UTC"),
    "time index of a frame": lambda: pd.DataFrame({"v": [1, 2]}, index=pd.DatetimeIndex(TIMES)),
    "time index with freq of a frame": lambda: pd.DataFrame(
        {"v": [1, 2]}, index=pd.date_range(TIMES[0], periods=2, freq="h")
    ),
    "durations": lambda: _series(*map(pd.Timedelta, (1, 2))),
    "duration index": lambda: pd.timedelta_range("0s", periods=2, freq="s"),
    "periods": lambda: pd.Series(pd.period_range("2024-01", periods=2, freq="M")),
    "periods of days": lambda: pd.Series(pd.period_range("2024-01-01", periods=2, freq="D")),
    "period index": lambda: pd.period_range("2024-01", periods=2, freq="M"),
    "intervals": lambda: pd.Series(pd.interval_range(0, 2)),
    "intervals closed left": lambda: pd.Series(pd.interval_range(0, 2, closed="left")),
    "interval index": lambda: pd.interval_range(0, 2),
    "Int64": lambda: _series(1, 2, dtype="Int64"),
    "Int64 with a gap": lambda: _series(1, None, dtype="Int64"),
    "Int64 with 0": lambda: _series(1, 0, dtype="Int64"),
    "Int32": lambda: _series(1, 2, dtype="Int32"),
    "Float64": lambda: _series(1, 2, dtype="Float64"),
    "boolean": lambda: _series(True, False, dtype="boolean"),
    "boolean with a gap": lambda: _series(True, None, dtype="boolean"),
    "bool": lambda: _series(True, False),
    "object bools": lambda: _series(True, False, dtype=object),
    "ints as objects": lambda: _series(1, 2, dtype=object),
    "floats as objects": lambda: _series(1.0, 2.0, dtype=object),
    "text": lambda: _series("x", "y"),
    "text as objects": lambda: _series("x", "y", dtype=object),
    "text with a gap": lambda: _series("x", None),
    "text of python": lambda: _series("x", "y", dtype="string[python]"),
    "text of pyarrow": lambda: _series("x", "y", dtype="string[pyarrow]"),
    "objects with None": lambda: _series("x", None, dtype=object),
    "objects with nan": lambda: _series("x", np.nan, dtype=object),
    "objects with NA": lambda: _series("x", pd.NA, dtype=object),
    "objects with NaT": lambda: _series("x", pd.NaT, dtype=object),
    "arrow ints": lambda: _series(1, 2, dtype="int64[pyarrow]"),
    "arrow ints with a gap": lambda: _series(1, None, dtype="int64[pyarrow]"),
    "arrow ints of 32": lambda: _series(1, 2, dtype="int32[pyarrow]"),
    "arrow floats": lambda: _series(1, 2, dtype="double[pyarrow]"),
    "arrow times": lambda: _series(*map(pd.Timestamp, TIMES), dtype="timestamp[us][pyarrow]"),
    "arrow times in UTC": lambda: _series(*map(pd.Timestamp, TIMES), dtype="timestamp[us, tz=UTC][pyarrow]"),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    "sparse of 1": lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1], fill_value=1)),
    "sparse elsewhere": lambda: pd.Series(pd.arrays.SparseArray([0, 1, 0])),
    "dense": lambda: _series(0, 0, 1),
    "dense of floats": lambda: _series(0.0, 0.0, 1.0),
    "dense of -0.0": lambda: _series(-0.0, 0.0, 1.0),
    "dense of nan": lambda: _series(np.nan, 0.0, 1.0),
    "complex": lambda: _series(1j, 2j),
    "large ints": lambda: _series(1 << 60, 2),
    "large ints, one off": lambda: _series((1 << 60) + 1, 2),
    "huge ints": lambda: _series(1 << 70, 2, dtype=object),
    "decimals": lambda: _series(decimal.Decimal("1.0"), decimal.Decimal(2)),
    "other decimals": lambda: _series(decimal.Decimal(1), decimal.Decimal(2)),
    "lists": lambda: pd.DataFrame({"a": [[1], [2]]}),
    "dicts": lambda: pd.DataFrame({"a": [{"k": 1}, {"k": 2}]}),
    "dicts of other": lambda: pd.DataFrame({"a": [{"k": 1}, {"k": 3}]}),
    "lists that are one": lambda: _sharing(True),
    "lists that are equal": lambda: _sharing(False),
    "arrays": lambda: pd.DataFrame({"a": [np.zeros(2), np.ones(2)]}),
    "attrs": lambda: _attrs(1),
    "attrs of other": lambda: _attrs(2),
    "flags": lambda: _frame().set_flags(allows_duplicate_labels=False),
    "series": lambda: _series(1, 2, 3),
    "series named": lambda: _series(1, 2, 3, name="a"),
    "series named 1": lambda: _series(1, 2, 3, name=1),
    "series named '1'": lambda: _series(1, 2, 3, name="1"),
    "series as frame": lambda: _series(1, 2, 3, name="a").to_frame(),
    "series with index": lambda: _series(1, 2, 3, index=[3, 4, 5]),
    "Index": lambda: pd.Index([1, 2, 3]),
    "Index named": lambda: pd.Index([1, 2, 3], name="a"),
    "RangeIndex": lambda: pd.RangeIndex(1, 4),
    "Index of texts": lambda: pd.Index(["a", "b"]),
    "CategoricalIndex": lambda: pd.CategoricalIndex(["a", "b"]),
    "Categorical": lambda: pd.Categorical(["a", "b"]),
    "Timestamp": lambda: pd.Timestamp(TIMES[0]),
    "Timestamp in ns": lambda: pd.Timestamp(TIMES[0]).as_unit("ns"),
    "Timestamp UTC": lambda: pd.Timestamp(TIMES[0], tz="UTC"),
    "Timestamp Berlin": lambda: pd.Timestamp(TIMES[0], tz="Europe/Berlin"),
    "Timedelta": lambda: pd.Timedelta(1, "h"),
    "Timedelta of 2": lambda: pd.Timedelta(2, "h"),
    "Period": lambda: pd.Period("2024-01", "M"),
    "Period of a day": lambda: pd.Period("2024-01-01", "D"),
    "Interval": lambda: pd.Interval(0, 1),
    "Interval closed left": lambda: pd.Interval(0, 1, closed="left"),
    "NaT": lambda: pd.NaT,
    "NA": lambda: pd.NA,
    "offset": lambda: pd.offsets.MonthEnd(1),
    "offset of 2": lambda: pd.offsets.MonthEnd(2),
    "dtype category": lambda: pd.CategoricalDtype(["a"], ordered=True),
    "dtype category unordered": lambda: pd.CategoricalDtype(["a"], ordered=False),
    "dtype Int64": lambda: pd.Int64Dtype(),
    "dtype tz": lambda: pd.DatetimeTZDtype("ns", "UTC"),
    "dtype tz of us": lambda: pd.DatetimeTZDtype("us", "UTC"),
    "groupby": lambda: _frame().groupby("c"),
    "groupby of other": lambda: _frame().groupby("a"),
    "rolling": lambda: _frame()[["a"]].rolling(2),
    "large": lambda: pd.DataFrame({"a": np.arange(20_000), "b": np.arange(20_000.0)}),
    "large, mixed": lambda: pd.DataFrame(
        {"a": np.arange(20_000), "b": np.arange(20_000) % 2 == 0, "c": pd.Categorical(["x", "y"] * 10_000), "d": "text"}
    ),
    "large, times": lambda: pd.DataFrame({"t": pd.date_range("2024", periods=20_000, freq="s"), "b": 1.5}),
    "large, fragmented": lambda: _with(
        lambda frame: [frame.insert(1, f"n{i}", float(i)) for i in range(3)] and None,
        pd.DataFrame({"a": np.arange(20_000), "b": 1.0}),
    ),
    "large, of one block": lambda: pd.DataFrame(np.arange(60_000.0).reshape(20_000, 3), columns=list("abc")),
    "large, F": lambda: pd.DataFrame(np.asfortranarray(np.arange(60_000.0).reshape(20_000, 3)), columns=list("abd")),
}
