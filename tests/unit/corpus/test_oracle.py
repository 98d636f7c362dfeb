"""The oracle's digests tell apart what a notebook can tell apart, and nothing else."""

import collections
import datetime as dt
import enum
import functools
import json
import os
import random
import runpy
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notebooks.corpus.oracle.libraries import BY_NAME
from tests.notebooks.corpus.oracle.reader import Reader
from tests.notebooks.corpus.oracle.standard import BY_TYPE

SUMMARY = Path(__file__).parents[2] / "notebooks" / "corpus" / "summary.py"


def digest(value) -> str:
    return Reader(BY_TYPE, BY_NAME).read(value, "value")


def shared(**names) -> list[list[str]]:
    reader = Reader(BY_TYPE, BY_NAME)
    for name, value in names.items():
        reader.read(value, name)
    return reader.shared()


def generator(draws: int) -> np.random.Generator:
    made = np.random.default_rng(0)
    made.random(draws)
    return made


def frame(**changes) -> pd.DataFrame:
    made = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    return made.assign(**changes)


class Thing:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slotted:
    __slots__ = ("__hidden", "seen")

    def __init__(self, seen, hidden):
        self.seen, self.__hidden = seen, hidden


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def notebook_values(source: str) -> dict:
    names = {"__name__": "__main__"}
    exec(source, names)
    return names


PAIRS = {
    "int and float": (1, 1.0),
    "int and bool": (1, True),
    "int and text": (1, "1"),
    "text and bytes": ("a", b"a"),
    "zero's sign": (0.0, -0.0),
    "list and tuple": ([1, 2], (1, 2)),
    "regrouped": ([[1], 2], [[1, 2]]),
    "a dict's order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "a dict's keys": ({1: 1}, {"1": 1}),
    "sets": ({1, 2}, {1, 3}),
    "set and frozen set": ({1}, frozenset({1})),
    "enum members": (Colour.RED, Colour.BLUE),
    "a large int": (10**6000, 10**6000 + 1),
    "dtype": (np.array([1, 2]), np.array([1.0, 2.0])),
    "shape": (np.zeros((2, 3)), np.zeros((3, 2))),
    "memory order": (np.zeros((2, 3)), np.zeros((2, 3), order="F")),
    "bytes order": (np.arange(3, dtype="<i4"), np.arange(3, dtype=">i4")),
    "read only": (np.zeros(2), np.broadcast_to(0.0, 2)),
    "masked": (np.ma.masked_array([1, 2], [0, 1]), np.ma.masked_array([1, 2], [1, 0])),
    "object array": (np.array([[1], None], dtype=object), np.array([[2], None], dtype=object)),
    "scalar": (np.float32(1), np.float64(1)),
    "a generator's state": (generator(1), generator(2)),
    "a frame's values": (frame(), frame(a=[1, 3])),
    "a frame's dtype": (frame(), frame(a=[1.0, 2.0])),
    "a frame's columns": (frame(), frame().rename(columns={"a": "c"})),
    "a frame's column order": (frame(), frame()[["b", "a"]]),
    "a frame's index": (frame(), frame().set_axis([1, 2])),
    "an index' name": (frame(), frame().rename_axis("key")),
    "missing and text": (frame(), frame(b=["x", "None"])),
    "time zone": (pd.Timestamp("2024", tz="UTC"), pd.Timestamp("2024", tz="Europe/Berlin")),
    "a column's time zone": (
        pd.Series(pd.date_range("2024", periods=2)),
        pd.Series(pd.date_range("2024", periods=2, tz="UTC")),
    ),
    "category order": (
        pd.Series(["a"], dtype=pd.CategoricalDtype(["a", "b"])),
        pd.Series(["a"], dtype=pd.CategoricalDtype(["b", "a"])),
    ),
    "a series' name": (pd.Series([1], name="a"), pd.Series([1], name="b")),
    "attributes": (Thing(a=1), Thing(a=2)),
    "hidden slots": (Slotted(1, 2), Slotted(1, 3)),
    "partial": (functools.partial(print, 1), functools.partial(print, 2)),
    "default dict": (collections.defaultdict(int), collections.defaultdict(list)),
    "deque": (collections.deque([1], 2), collections.deque([1], 3)),
    "errors": (ValueError(1), ValueError(2)),
    "dates": (dt.date(2024, 1, 1), dt.datetime(2024, 1, 1)),
    "random": (random.Random(1), random.Random(2)),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_values_that_differ_have_different_digests(pair):
    first, second = pair
    assert digest(first) != digest(second)
    assert digest([first]) != digest([second])
    assert digest(Thing(a=first)) != digest(Thing(a=second))


CODE = {
    "a constant": ("def f(): return 1", "def f(): return 1.0"),
    "a default": ("def f(a=1): return a", "def f(a=2): return a"),
    "a keyword's default": ("def f(*, a=1): return a", "def f(*, a=2): return a"),
    "an operator": ("def f(a): return a + 1", "def f(a): return a - 1"),
    "a name": ("def f(): return a", "def f(): return b"),
    "a nested function": ("def f(): return lambda: 1", "def f(): return lambda: 2"),
    "a closure": (
        "def g(n):\n    def f(): return n\n    return f\nf = g(1)",
        "def g(n):\n    def f(): return n\n    return f\nf = g(2)",
    ),
    "an attribute": ("def f(): pass\nf.calls = 1", "def f(): pass\nf.calls = 2"),
    "a method": ("class f:\n    def m(self): return 1", "class f:\n    def m(self): return 2"),
    "a class attribute": ("class f:\n    a = 1", "class f:\n    a = 2"),
    "a base": ("class f(list): pass", "class f(dict): pass"),
    "a constant set": ("def f(x): return x in {1, 2}", "def f(x): return x in {1, 3}"),
}


@pytest.mark.parametrize("pair", CODE.values(), ids=CODE)
def test_a_notebooks_functions_and_classes_are_known_by_their_code(pair):
    first, second = (notebook_values(source)["f"] for source in pair)
    assert digest(first) != digest(second)


def test_where_code_stands_does_not_count():
    plain, moved = (
        notebook_values(source)["f"] for source in ("def f(): return 1", "\n\n# a comment\ndef f():  return 1")
    )
    assert digest(plain) == digest(moved)


def test_cycles_end():
    first, second = [1], [1]
    first.append(first)
    second.append(second)
    assert digest(first) == digest(second) != digest([1, [1]])


def test_very_deep_and_very_large_values_end():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    assert digest(deep)
    assert digest(list(range(400_000)))


def test_an_objects_own_methods_are_not_run():
    class Trap:
        def __getattr__(self, name):
            raise AssertionError(name)

        def __repr__(self):
            raise AssertionError

        def __eq__(self, other):
            raise AssertionError

        __hash__ = object.__hash__

    assert digest(Trap()) == digest(Trap())


def test_gaps_between_an_arrays_items_do_not_count():
    base = np.arange(24.0).reshape(4, 6)
    assert digest(base[::2, ::3]) == digest(base[::2, ::3].copy())
    assert digest(base.T[::2]) != digest(np.ascontiguousarray(base.T[::2]))


def test_two_names_of_one_list_are_shared():
    rows = [1]
    assert shared(a=rows, b=rows, c=[1]) == [["a", "b"]]


def test_a_list_in_two_containers_is_shared():
    rows = [1]
    assert shared(a={"x": rows}, b=Thing(y=rows)) == [["a['x']", "b.y"]]


def test_a_view_shares_memory_with_its_base_and_a_copy_does_not():
    base = np.arange(10)
    assert shared(base=base, view=base[2:4], copy=base[2:4].copy()) == [["base", "view"]]


def test_interned_values_are_not_shared():
    assert shared(a="text", b="text", c=1000, d=1000, e=(), f=()) == []


@pytest.mark.parametrize(
    "value",
    [
        np.int64(5),
        np.uint8(7),
        np.float32(1),
        np.dtype("c8"),
        np.datetime64("2024-01-01"),
        pd.StringDtype(),
        pd.Int64Dtype(),
        pd.SparseDtype(float),
        pd.DatetimeTZDtype(tz="UTC"),
    ],
)
def test_scalars_and_types_of_columns_that_cannot_change_are_not_shared(value):
    assert shared(a=value, b=[value]) == []


def expression(**attributes):
    """Return an instance of a class that is called as sympy's are."""
    basic = type("Basic", (), {"__module__": "sympy.core.basic", "__slots__": ("args",)})
    made = type("Add", (basic,), {"__module__": "sympy.core.add"})()
    vars(made).update(attributes)
    return made


def test_an_expression_of_sympy_that_cannot_change_is_not_shared(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", types.SimpleNamespace(srepr=lambda value: "Add()"))
    plain, function, system = expression(), expression(nargs=1), expression(units={})
    assert shared(a=plain, b=[plain], c=function, d=function) == []
    assert shared(a=system, b=[system]) == [["a", "b[0]"]]
    assert shared(a=Thing(p=plain, l=(found := [1])), b=found) == [["a.l", "b"]]


def test_a_record_of_numpy_whose_fields_can_be_set_is_shared():
    record = np.zeros(1, dtype=[("x", "i4")])[0]
    assert shared(a=record, b=record, c=record.copy()) == [["a", "b"]]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.binary(), lambda s: st.lists(s) | st.tuples(s, s)
    )
)
def test_a_copy_has_the_same_digest(value):
    import copy
    import pickle

    assert digest(value) == digest(copy.deepcopy(value)) == digest(pickle.loads(pickle.dumps(value)))


def test_a_digest_does_not_depend_on_the_hash_seed():
    program = (
        "import sys, enum; sys.path.insert(0, sys.argv[1])\n"
        "from tests.notebooks.corpus.oracle.libraries import BY_NAME\n"
        "from tests.notebooks.corpus.oracle.reader import Reader\n"
        "from tests.notebooks.corpus.oracle.standard import BY_TYPE\n"
        "class C:\n    tags = {'a', 'b', 'c'}\n    def m(self, x): return x in {'p', 'q', 'r'}\n"
        "value = [{'a', 'b', ('c', 1)}, C, C(), frozenset('xyz'), {'k': {1, 'z'}}]\n"
        "print(Reader(BY_TYPE, BY_NAME).read(value, 'v'))"
    )
    root = str(Path(__file__).parents[3])
    found = {
        subprocess.run(
            [sys.executable, "-c", program, root],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_the_summary_names_all_but_what_ipython_put_there(tmp_path, monkeypatch):
    monkeypatch.setenv("CORPUS_SUMMARY_FILE", str(tmp_path / "summary.json"))
    names = {"x": 1, "_x": [2], "Out": {}, "get_ipython": print, "__name__": "__main__"}
    before = list(sys.path)
    runpy.run_path(str(SUMMARY))["write"](names)
    found = json.loads((tmp_path / "summary.json").read_text())
    assert sorted(found["names"]) == ["Out", "_x", "x"]
    assert found["names"]["x"]["type"] == "builtins.int"
    assert found["ambient"]["working directory"] == str(Path.cwd())
    assert sys.path == before
