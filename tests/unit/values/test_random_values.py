"""Random nested values: one change is another version, the same recipe the same; what has none is named by its path."""

import collections
import socket
import sqlite3
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from value_notebook import Notebook, version

from steppe.errors import Unversionable

ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.binary(max_size=8)
)
KEYS = st.one_of(st.integers(-9, 9), st.text(max_size=3))
RECIPES = st.recursive(
    ATOMS.map(lambda atom: ("atom", atom)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["list", "tuple", "deque", "box"]), st.lists(inner, max_size=4)),
        st.tuples(st.just("dict"), st.lists(st.tuples(KEYS, inner), max_size=4, unique_by=lambda pair: pair[0])),
        st.tuples(st.just("set"), st.lists(st.integers(), max_size=4, unique=True)),
        st.tuples(st.just("array"), st.lists(st.integers(0, 99), min_size=1, max_size=4)),
        st.tuples(st.just("twice"), inner),
    ),
    max_leaves=12,
)
"""How values are made: a kind and what it holds. A recipe makes an equal value each time, of other objects."""


class Box:
    """An instance with attributes."""

    def __init__(self, items):
        self.items = items


def _twice(inner):
    made = make(inner)
    return [made, made]


def make(recipe):
    """Make the value of a recipe."""
    kind, held = recipe
    makers = {
        "atom": lambda: held if not isinstance(held, str | bytes) else type(held)().join([held[:1], held[1:]]),
        "list": lambda: [make(item) for item in held],
        "tuple": lambda: tuple(make(item) for item in held),
        "deque": lambda: collections.deque(make(item) for item in held),
        "box": lambda: Box([make(item) for item in held]),
        "dict": lambda: {key: make(item) for key, item in held},
        "set": lambda: set(held),
        "array": lambda: np.array(held),
        "twice": lambda: _twice(held),
    }
    return makers[kind]()


def changed(draw, recipe):
    """Return a recipe with one change somewhere."""
    kind, held = recipe
    if kind == "atom":
        return kind, draw(ATOMS.filter(lambda other: (type(other), repr(other)) != (type(held), repr(held))))
    if kind == "twice":
        return kind, changed(draw, held)
    if kind == "array":
        at = draw(st.integers(0, len(held) - 1))
        return kind, [*held[:at], held[at] + 1, *held[at + 1 :]]
    if kind == "set":
        return kind, [*held, max(held, default=0) + 1]
    if not held or draw(st.booleans()):
        added = ("atom", draw(ATOMS))
        return kind, [*held, ("a new key", added) if kind == "dict" else added]
    at = draw(st.integers(0, len(held) - 1))
    if kind == "dict":
        key, item = held[at]
        return kind, [*held[:at], (key, changed(draw, item)), *held[at + 1 :]]
    return kind, [*held[:at], changed(draw, held[at]), *held[at + 1 :]]


@settings(max_examples=300)
@given(RECIPES, st.data())
def test_one_change_anywhere_is_another_version(recipe, data):
    assert version(make(changed(data.draw, recipe))) != version(make(recipe))


@settings(max_examples=200)
@given(RECIPES)
def test_a_value_made_again_from_other_objects_has_the_same_version(recipe):
    assert version(make(recipe)) == version(make(recipe))


@settings(max_examples=100)
@given(RECIPES)
def test_one_object_twice_is_not_two_equal_ones(recipe):
    two = [make(recipe), make(recipe)]
    one = [two[0], two[0]]
    assert (version(one) == version(two)) == (not _has_identity(two[0]))


def _has_identity(value):
    """Tell whether code can see that two places hold one object: it, or a part of it, can be changed."""
    if isinstance(value, tuple):
        return any(map(_has_identity, value))
    return not isinstance(value, type(None) | bool | int | float | str | bytes)


POISONS = {
    "generator": lambda: (item for item in ()),
    "lock": threading.Lock,
    "thread": lambda: threading.Thread(target=print),
    "connection": lambda: sqlite3.connect(":memory:"),
    "socket": socket.socket,
}


@pytest.mark.parametrize("kind", [*POISONS, "file"])
@pytest.mark.parametrize(
    ("around", "path"),
    [
        (lambda poison: [1, poison], r"value\[1\]"),
        (lambda poison: {"a": (poison,)}, r"value\['a'\]\[0\]"),
        (lambda poison: {"a": [Box([0, poison])]}, r"value\['a'\]\[0\]\.items\[1\]"),
    ],
)
def test_a_value_without_a_version_is_named_by_its_path(kind, around, path, tmp_path):
    poison = (tmp_path / "a.txt").open("w") if kind == "file" else POISONS[kind]()
    try:
        with pytest.raises(Unversionable) as raised:
            Notebook().walk(value=around(poison))
        with pytest.raises(Unversionable, match=path):
            raise raised.value.under("value")
    finally:
        getattr(poison, "close", lambda: None)()
