"""A set comes back with its own order where that order is the same in each process."""

from __future__ import annotations

import pickle
import random
from fractions import Fraction

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


@pytest.mark.parametrize(
    "value",
    [
        {2.5, True, 3j},
        {np.int64(3), np.float32(2.5), np.bool_(True)},
        {(1, 2), (3, (4, 5))},
        {frozenset({1, 9}), 7},
        set(),
    ],
)
def test_sets_whose_items_hash_alike_everywhere_are_steady(value):
    assert steady(value)


@pytest.mark.parametrize(
    "value", [{"a", 1}, {NAN, 1}, {np.float64("nan")}, {("a", 1)}, {b"a"}, {object()}, {Fraction(1, 3), "a"}, {(NAN,)}]
)
def test_other_sets_are_not(value):
    assert not steady(value)
