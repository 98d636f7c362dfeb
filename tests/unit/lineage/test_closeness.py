"""Values that are equal within a tolerance, by their types: floats may lie apart, and nothing else may."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from steppe.lineage.closeness import Tolerance, close, texts_close

NEAR, FAR = 1 + 1e-9, 1 + 1e-3
WITHIN = Tolerance(rtol=1e-6)


@dataclass
class Fit:
    slope: float
    rows: int = 3


def fit(slope, rows=3):
    return Fit(slope, rows)


def cycle(number):
    ring = [number]
    ring.append(ring)
    return ring


def boxed(*numbers):
    box = np.empty(len(numbers), object)
    box[:] = [np.array([number]) for number in numbers]
    return box


def forest(number):
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(max_depth=1).fit([[0.0], [1.0]], [0.0, number])


KINDS = {
    "float": lambda x: x,
    "complex": lambda x: complex(0, x),
    "numpy scalar": np.float64,
    "float32": lambda x: np.float32(x * 3),
    "array": lambda x: np.array([[1.0, x], [math.nan, math.inf]]),
    "complex array": lambda x: np.array([1j * x]),
    "array of objects": lambda x: boxed(1.0, x),
    "masked array": lambda x: np.ma.array([x, x * 7], mask=[False, True]),
    "record": lambda x: np.array([(1, x)], [("n", int), ("x", float)]),
    "list": lambda x: [1, "a", x],
    "tuple in dict": lambda x: {"a": ({"b": [x]}, None)},
    "series": lambda x: pd.Series([1.0, x, math.nan], name="s"),
    "series with an index of floats": lambda x: pd.Series([1, 2], index=[0.5, x]),
    "nullable series": lambda x: pd.Series([x, None], dtype="Float64"),
    "series of objects": lambda x: pd.Series(["a", x, None], dtype=object),
    "frame": lambda x: pd.DataFrame({"n": [1, 2], "x": [0.5, x], "w": ["a", "b"]}),
    "frame of two levels": lambda x: pd.DataFrame({"x": [x]}, index=pd.MultiIndex.from_tuples([("a", x)])),
    "index": lambda x: pd.Index([0.0, x]),
    "object": fit,
    "object in a list": lambda x: [fit(1.0), fit(x)],
    "cycle": cycle,
    "model": forest,
}


@pytest.mark.parametrize("kind", KINDS)
def test_floats_may_lie_apart_within_the_tolerance_and_no_further(kind):
    make = KINDS[kind]
    assert close(make(1.0), make(NEAR), WITHIN)
    assert close(make(1.0), make(NEAR), Tolerance(atol=1e-6))
    assert not close(make(1.0), make(FAR), WITHIN)
    assert not close(make(1.0), make(FAR), Tolerance(atol=1e-6))


OTHERS = {
    "integers": (100, 101),
    "an integer and a float": (1, 1.0),
    "texts": ("1.0", "1.00"),
    "integers of an array": (np.array([100, 200]), np.array([100, 201])),
    "another dtype": (np.ones(2), np.ones(2, np.float32)),
    "another shape": (np.ones(2), np.ones((1, 2))),
    "times": (np.array(["2026-01-01"], "M8[s]"), np.array(["2026-01-02"], "M8[s]")),
    "infinity": (np.array([1.0]), np.array([math.inf])),
    "what is missing": (pd.Series([1.0, None]), pd.Series([None, 1.0])),
    "integers of a frame": (pd.DataFrame({"n": [100]}), pd.DataFrame({"n": [101]})),
    "a frame's columns": (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})),
    "a frame's index": (pd.DataFrame({"a": [1.0]}, index=[1]), pd.DataFrame({"a": [1.0]}, index=[2])),
    "a series' name": (pd.Series([1.0], name="a"), pd.Series([1.0], name="b")),
    "words": (pd.Series(["a"]), pd.Series(["b"])),
    "keys": ({"a": 1.0}, {"b": 1.0}),
    "length": ([1.0], [1.0, 1.0]),
    "dates": (dt.date(2026, 1, 1), dt.date(2026, 1, 2)),
    "classes": (Fit, KINDS),
    "another field": (fit(1.0, 3), fit(1.0, 4)),
    "what has no state": (lambda: 1, lambda: 1),
    "generators": (np.random.default_rng(1), np.random.default_rng(2)),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_but_floats_may_differ(kind):
    one, other = OTHERS[kind]
    assert close(one, one, WITHIN)
    assert not close(one, other, Tolerance(rtol=0.5, atol=0.5))


def test_times_that_are_missing_are_equal():
    days = [np.array(["2026-01-01", "NaT"], "M8[D]") for _ in range(2)]
    assert close(*days, WITHIN)
    assert close(*(pd.DataFrame({"d": each, "x": [1.0, x]}) for each, x in zip(days, (1.0, NEAR), strict=True)), WITHIN)


def test_frames_of_polars():
    pl = pytest.importorskip("polars")
    frames = {x: pl.DataFrame({"n": [1, 2], "x": [0.5, x], "l": [[x], None]}) for x in (1.0, NEAR, FAR)}
    assert close(frames[1.0], frames[NEAR], WITHIN)
    assert not close(frames[1.0], frames[FAR], WITHIN)
    assert not close(pl.DataFrame({"n": [100]}), pl.DataFrame({"n": [101]}), Tolerance(rtol=0.5))
    assert not close(pl.DataFrame({"n": [1.0]}), pl.DataFrame({"m": [1.0]}), WITHIN)


def test_tensors_and_modules_of_torch():
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.float32, torch.complex64):
        assert close(torch.tensor([1.0, math.nan], dtype=dtype), torch.tensor([NEAR, math.nan], dtype=dtype), WITHIN)
        assert not close(torch.tensor([1.0], dtype=dtype), torch.tensor([FAR], dtype=dtype), WITHIN)
    halves = [torch.tensor([x], dtype=torch.bfloat16, requires_grad=True) for x in (1.0, 1.0, 1.5)]
    assert close(halves[0], halves[1], WITHIN)
    assert not close(halves[0], halves[2], WITHIN)
    assert not close(torch.tensor([100]), torch.tensor([101]), Tolerance(rtol=0.5))
    assert not close(torch.ones(2), torch.ones(2, dtype=torch.float64), WITHIN)
    assert not close(torch.ones(2), torch.ones(1, 2), WITHIN)

    def layer(weight):
        made = torch.nn.Linear(1, 1)
        made.load_state_dict({"weight": torch.tensor([[weight]]), "bias": torch.tensor([0.0])})
        return {"net": torch.nn.Sequential(made)}

    assert close(layer(0.5), layer(0.5 + 1e-7), Tolerance(rtol=1e-4))
    assert not close(layer(0.5), layer(0.6), Tolerance(rtol=1e-4))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("loss 0.5000", "loss 0.5000", True),
        ("loss 0.50000001 after 3", "loss 0.5 after 3", True),
        ("loss 0.51", "loss 0.5", False),
        ("after 3", "after 4", False),
        ("1e-3 of it", "1.0000001e-3 of it", True),
        ("a  9.9999999\nb 10.0", "a 10.0000000\nb 10.0", True),
        ("[0.5, nan]", "[nan, 0.5]", False),
        ("0.5 m", "0.5 s", False),
    ],
)
def test_numbers_in_texts_may_lie_apart_where_they_are_no_whole_ones(one, other, same):
    assert texts_close(one, other, Tolerance(rtol=1e-6)) is same
    assert texts_close(one, other, Tolerance()) is (one == other)
