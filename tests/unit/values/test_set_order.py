"""A set comes back with its own order where that order is the same in each process."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.values.set_order import put_in, steady, to_put_in

NAN = float("nan")


def made_in(way, items, others):
    """Make a set in one of the ways that leave tables of different sizes."""
    if way == "added":
        found = set()
        for item in items:
            found.add(item)
        return found
    if way == "joined":
        return set(items[: len(items) // 2]) | set(items[len(items) // 2 :])
    if way == "both":
        return set(items) & {*items[::-1]}
    if way == "less":
        return set(items) - set(others)
    return {"listed": set(items), "copied": set(items).copy(), "frozen": frozenset(items)}[way]


def again(value):
    found = to_put_in(value)
    return pickle.loads(pickle.dumps(value)) if found is None else put_in(type(value), *found)


@pytest.mark.parametrize("top", [30, 1000, 10**6, 2**62])
@pytest.mark.parametrize("way", ["added", "listed", "joined", "both", "less", "copied", "frozen"])
def test_nearly_all_sets_of_numbers_get_their_order_again(way, top):
    chance = random.Random(f"{way} {top}")
    plainly = ours = 0
    for _ in range(100):
        items = [chance.randrange(-top // 4, top) for _ in range(chance.randrange(2, 20 if top < 100 else 200))]
        value = made_in(way, items, items[: len(items) // 3])
        plainly += list(pickle.loads(pickle.dumps(value))) == list(value)
        ours += list(again(value)) == list(value)
    assert ours >= max(plainly, 94)


@given(st.sets(st.integers()), st.booleans())
def test_what_is_found_is_the_same_set(value, frozen):
    value = frozenset(value) if frozen else value
    found = to_put_in(value)
    if found is not None:
        made = put_in(type(value), *found)
        assert (type(made), made, list(made)) == (type(value), value, list(value))


def test_a_large_set_is_left_as_it_is():
    assert to_put_in(set(random.Random(1).sample(range(10**9), 20_000))) is None


class Point(NamedTuple):
    x: int
    y: int


@dataclass(frozen=True)
class Corner:
    x: int
    y: int


@dataclass(frozen=True)
class Named:
    name: str


class Own(int):
    def __hash__(self):
        return hash("own")


class Count(int):
    pass


@pytest.mark.parametrize(
    "value",
    [
        {2.5, True, 3j},
        {np.int64(3), np.float32(2.5), np.bool_(True)},
        {(1, 2), (3, (4, 5))},
        {frozenset({1, 9}), 7},
        {Point(1, 2), Point(2, 1)},
        {Corner(1, 2), Corner(2, 1)},
        {Fraction(1, 3), Decimal("1.5"), range(3), UUID(int=7), Count(4)},
        set(),
    ],
)
def test_sets_whose_items_hash_alike_everywhere_are_steady(value):
    assert steady(value)
    assert fresh_hashes(value) == fresh_hashes(value)


@pytest.mark.parametrize(
    "value",
    [
        {"a", 1},
        {NAN, 1},
        {np.float64("nan")},
        {("a", 1)},
        {b"a"},
        {object()},
        {Fraction(1, 3), "a"},
        {(NAN,)},
        {Named("a")},
        {Own(1)},
        {date(2020, 1, 1)},
    ],
)
def test_other_sets_are_not(value):
    assert not steady(value)


def fresh_hashes(value):
    """Return the items' hashes as another process has them, with another seed."""
    code = "import pickle, sys; print(list(map(hash, pickle.load(sys.stdin.buffer))))"
    data = pickle.dumps([item for item in value if type(item).__module__ != __name__])
    environ = {**os.environ, "PYTHONHASHSEED": "random"}
    return subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True, env=environ).stdout


def test_a_set_goes_on_like_the_first_when_more_is_added():
    value = set(range(0, 90, 3)) | set(range(5))
    assert sys.getsizeof({*list(value)}) != sys.getsizeof(value)
    made = again(value)
    for more in range(200, 230):
        value.add(more)
        made.add(more)
        assert list(made) == list(value)
