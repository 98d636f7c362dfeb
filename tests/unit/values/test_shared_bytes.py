"""Arrays over the memory of a bytearray: they come back over it, and how they lie in it is told."""

import array

import numpy as np
import pytest
from value_notebook import Notebook, pack, store_in, unpack

from steppe.errors import CannotMove
from steppe.values.sharing_key import sharing


def over(buffer: bytearray, dtype: str = ">i2") -> np.ndarray:
    return np.frombuffer(buffer, dtype)


def test_an_array_over_a_bytearray_is_told_from_one_of_its_own():
    book, buffer = Notebook(), bytearray([0, 1, 3, 2])
    assert book.version([buffer, over(buffer)]) == book.version([buffer, over(buffer)])
    assert book.version([buffer, over(buffer)]) != book.version([buffer, over(buffer).copy()])
    assert book.version([buffer, over(buffer)[1:]]) != book.version([buffer, over(buffer)[1:].copy()])


def test_that_two_names_share_bytes_is_in_a_key():
    book, buffer = Notebook(), bytearray(8)
    apart = book.walk(a=buffer, b=over(bytearray(8)))
    together = book.walk(a=buffer, b=over(buffer))
    assert sharing(apart, apart.roots) == []
    assert len(sharing(together, together.roots)) == 1


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_bytearray_and_arrays_over_it_come_back_sharing_it(names, tmp_path):
    book, store, buffer = Notebook(), store_in(tmp_path), bytearray([0, 1, 3, 2])
    values = dict(zip(names, (buffer, [over(buffer), over(buffer, "<u4")]), strict=True))
    back = unpack(book, store, pack(book, store, **values))
    first, (big, whole) = back[names[0]], back[names[1]]
    assert type(first) is bytearray
    first[0] = 1
    assert (big[0], whole[0]) == (257, 0x02030101)
    big[1] = 0
    assert first == bytearray([1, 1, 0, 0])


def test_an_array_over_a_bytearray_of_the_inputs_comes_back_over_the_one_that_lives(tmp_path):
    book, store, buffer, live = Notebook(), store_in(tmp_path), bytearray(4), bytearray(4)
    before = book.walk(x=buffer)
    parts = pack(book, store, before, a=over(buffer), b=over(buffer)[1:])
    back = unpack(book, store, parts, book.walk(x=live))
    live[3] = 7
    assert back["a"].tolist() == [0, 7]
    assert back["b"].tolist() == [7]


def test_a_change_through_an_array_is_written_into_the_bytes_that_live(tmp_path):
    book, store, buffer, live = Notebook(), store_in(tmp_path), bytearray(4), bytearray(4)
    shown, lives = over(buffer), over(live)
    before = book.walk(x=buffer, y=shown)
    shown[0] = 5
    parts = pack(book, store, before)
    unpack(book, store, parts, book.walk(x=live, y=lives))
    assert live == bytearray([0, 5, 0, 0])
    assert lives.tolist() == [5, 0]


def test_an_array_over_memory_that_is_not_followed_is_not_stored(tmp_path):
    numbers = array.array("i", [1, 2])
    book, store = Notebook(), store_in(tmp_path)
    with pytest.raises(CannotMove, match=r"array\.array"):
        pack(book, store, a=[np.frombuffer(numbers, "i4")])
    with pytest.raises(CannotMove, match=r"array\.array"):
        pack(book, store, a=np.frombuffer(memoryview(numbers), "i4"))
