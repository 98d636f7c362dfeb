"""A placeholder behaves as the value that it stands for, and loads it once."""

import copy
import operator
import pickle

import numpy as np
import pytest

from steppe.types import Artifact
from steppe.values.lazy import Lazy, is_lazy, real


def lazy(value):
    """Return a placeholder, and the list to which each loading adds."""
    loads = []

    def load():
        loads.append(1)
        return value

    return Lazy(Artifact(version="b3:0", type="?"), load), loads


USES = {
    "attribute": ([3], lambda x: x.count(3)),
    "len": ([1, 2], len),
    "iter": ([1, 2], list),
    "next": (iter([5]), next),
    "reversed": ([1, 2], lambda x: list(reversed(x))),
    "contains": ([1, 2], lambda x: 2 in x),
    "item": ({"a": 1}, lambda x: x["a"]),
    "slice": ([1, 2, 3], lambda x: x[1:]),
    "isinstance": ([1], lambda x: (isinstance(x, list), isinstance(x, dict))),
    "repr": ([1], repr),
    "str": ("a", str),
    "format": (1.5, lambda x: f"{x:.3f}"),
    "bool": ([], bool),
    "hash": ("a", hash),
    "call": (max, lambda x: x(1, 2)),
    "add": (2, lambda x: (x + 1, 1 + x, x + x)),
    "subtract": (2, lambda x: (x - 1, 1 - x)),
    "power": (2, lambda x: (x**3, 3**x, pow(x, 3, 5))),
    "types that differ": (2, lambda x: (x + 1.5, 1.5 + x, x * [1])),
    "compare": (2, lambda x: (x < 3, x == 2, x > 3, x != 2, x >= 2)),
    "index": (1, lambda x: [4, 5][x]),
    "numbers": (2.5, lambda x: (int(x), float(x), round(x), -x, abs(x))),
    "numpy": (np.arange(3), lambda x: (np.sum(x), (x + 1).tolist(), np.asarray(x).tolist(), x.shape)),
    "pickle": ([1, [2]], lambda x: pickle.loads(pickle.dumps(x))),
    "copy": ([1, [2]], copy.copy),
    "deepcopy": ([1, [2]], copy.deepcopy),
    "operator": ([1], lambda x: operator.concat(x, [2])),
    "with": (open, lambda x: x.__name__),
    "keywords": ({"a": 1}, lambda x: dict(**x)),
    "stars": ([1, 2], lambda x: [*x]),
    "doc": ([], lambda x: x.__class__),
}


@pytest.mark.parametrize("use", USES)
def test_it_is_used_as_its_value_is(use):
    value, does = USES[use]
    plain = copy.copy(value) if use == "next" else value
    placeholder, loads = lazy(value)
    found = does(placeholder)
    assert not is_lazy(found)
    assert repr(found) == repr(does(plain))
    assert loads == [1]


@pytest.mark.parametrize(
    ("value", "change", "after"),
    [
        ([1], lambda x: x.append(2), [1, 2]),
        ([1], lambda x: operator.setitem(x, 0, 5), [5]),
        ({"a": 1}, lambda x: operator.delitem(x, "a"), {}),
        ([1], lambda x: operator.iadd(x, [2]), [1, 2]),
        ({1}, lambda x: operator.ior(x, {2}), {1, 2}),
    ],
)
def test_changing_it_changes_its_value(value, change, after):
    placeholder, _ = lazy(value)
    change(placeholder)
    assert value == after
    assert real(placeholder) is value


def test_what_cannot_be_done_with_the_value_is_the_same_error():
    placeholder, _ = lazy(3)
    with pytest.raises(TypeError, match=r"subscriptable|__getitem__"):
        placeholder[0]
    with pytest.raises(TypeError, match=r"unsupported|must be|can only"):
        placeholder + "a"
    with pytest.raises(AttributeError, match="'int' object has no attribute 'nothing'"):
        placeholder.nothing


def test_nothing_is_loaded_before_it_is_looked_at():
    placeholder, loads = lazy([1])
    assert is_lazy(placeholder)
    assert {"a": placeholder}.keys() == {"a"}
    assert loads == []
