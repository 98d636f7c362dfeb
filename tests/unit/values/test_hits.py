"""Two loads share nothing with each other or with the Store; a change to an input is written into what lives."""

import collections
import copy

import numpy as np
import pandas as pd
import pytest
from value_notebook import Notebook, pack, store_in, unpack


@pytest.mark.parametrize("make", [lambda: [[1], {"a": [2]}], lambda: np.zeros(1 << 18), lambda: [np.zeros(1 << 18)]])
def test_writing_into_one_load_changes_neither_another_nor_the_store(make, tmp_path):
    book, store = Notebook(), store_in(tmp_path)
    parts = pack(book, store, value=make())
    one, two = unpack(book, store, parts)["value"], unpack(book, store, parts)["value"]
    part = one[0] if isinstance(one, list) else one
    part[0] = 7
    assert book.version(one) != book.version(make())
    assert book.version(two) == book.version(make())
    assert book.version(unpack(book, store, parts)["value"]) == book.version(make())


def test_names_that_share_a_part_come_back_sharing_it(tmp_path):
    book, store, part, memory = Notebook(), store_in(tmp_path), [1], np.arange(8)
    parts = pack(book, store, a=[part], b={"p": part}, c=memory, d=memory[2:6])
    back = unpack(book, store, parts)
    assert back["a"][0] is back["b"]["p"]
    back["c"][2] = 50
    assert back["d"][0] == 50


CHANGES = {
    "list": (lambda: [1, [2]], lambda x: x[1].append(3)),
    "dict": (lambda: {"b": 1, "a": 2}, lambda x: x.update(b=x.pop("b"))),
    "set": (lambda: {1, 2}, lambda x: x.discard(1)),
    "deque": (lambda: collections.deque([1], 3), lambda x: x.extendleft([2, 3])),
    "bytearray": (lambda: bytearray(b"abc"), lambda x: x.extend(b"d")),
    "array": (lambda: np.zeros((2, 3)), lambda x: x.__setitem__((slice(None), 1), 5)),
    "shape": (lambda: np.zeros((2, 3)), lambda x: setattr(x, "shape", (3, 2))),
    "frame": (lambda: pd.DataFrame({"a": [1]}), lambda x: x.insert(0, "b", [2])),
    "series": (lambda: pd.Series([1, 2]), lambda x: x.__setitem__(0, 5)),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_to_an_input_is_written_into_the_object_that_lives(kind, tmp_path):
    make, change = CHANGES[kind]
    book, store, value, live = Notebook(), store_in(tmp_path), make(), make()
    before = book.walk(x=value)
    change(value)
    parts = pack(book, store, before)
    inputs = book.walk(x=live)
    alias = live
    unpack(book, store, parts, inputs)
    assert book.version(alias) == book.version(value) != book.version(copy.deepcopy(make()))


class Part:
    def __init__(self, whole):
        self.whole = whole

    def __setstate__(self, state):
        vars(self).update(state)


def test_a_new_part_of_a_changed_input_is_kept_with_the_change(tmp_path):
    book, store, value, live = Notebook(), store_in(tmp_path), [], []
    before = book.walk(x=value)
    part = Part(value)
    value.append(part)
    parts = pack(book, store, before, part=part)
    back = unpack(book, store, parts, book.walk(x=live))["part"]
    assert live == [back]
    assert back.whole is live
