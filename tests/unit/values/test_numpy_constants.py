"""What NumPy has one of comes back as that one; what can be changed, as one where it was one."""

import numpy as np
import pytest
from value_notebook import Notebook, pack, store_in, unpack


@pytest.mark.parametrize("name", ["?", "i1", "u2", "i8", "q", "f4", "f8", "c8", "O"])
def test_a_type_of_numpys_own_comes_back_as_the_one_that_all_use(name, tmp_path):
    book, store = Notebook(), store_in(tmp_path)
    back = unpack(book, store, pack(book, store, value=np.dtype(name)))["value"]
    assert back is np.dtype(name)


@pytest.mark.parametrize("dtype", [[("x", "i4")], ">i8", "U3", "M8[ns]", "M8"])
def test_another_type_comes_back_with_all_that_it_says(dtype, tmp_path):
    book, store, value = Notebook(), store_in(tmp_path), np.dtype(dtype, metadata={"a": 1})
    back = unpack(book, store, pack(book, store, value=value))["value"]
    assert back == value
    assert back.metadata == value.metadata
    assert book.version(back) == book.version(value)


def test_names_of_one_record_come_back_as_names_of_one(tmp_path):
    book, store, record = Notebook(), store_in(tmp_path), np.zeros(1, dtype=[("x", "i4")])[0]
    back = unpack(book, store, pack(book, store, a=record, b=[record]))
    assert back["a"] is back["b"][0]


def test_two_records_are_told_from_one():
    book, record = Notebook(), np.zeros(1, dtype=[("x", "i4")])[0]
    assert book.version([record, record]) != book.version([record, record.copy()])


def test_the_limits_of_a_type_are_the_same_whatever_was_asked_of_them():
    """NumPy works each number out when somebody asks for it, and there is one object for all who ask."""
    book, limits = Notebook(), np.finfo(np.float16)
    before = book.version(limits)
    assert (limits.tiny, limits.resolution, str(limits)) != ()
    assert book.version(limits) == before
    assert book.version(np.finfo(np.float64)) != before
