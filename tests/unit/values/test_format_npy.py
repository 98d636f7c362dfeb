"""Plain arrays in .npy files: NumPy reads them, their digest is in the version, and nothing else is stored for it."""

import io

import numpy as np
import pytest
from value_notebook import Notebook, pack, store_in, unpack

from steppe.errors import CannotMove
from steppe.values import families as families  # registers the encoders
from steppe.values import formats
from steppe.values.alone import is_shown, large_arrays
from steppe.values.numpy_arrays import file_of
from steppe.values.walk import Walk
from steppe.worker.sources import Sources

GRID = np.arange(2 * 3 * 5).reshape(2, 3, 5)
KINDS = ["?", "<i1", "<u8", ">i4", "<f2", ">f8", "<c16", "S3", "<U2", ">U2", "<M8[ns]", "<M8[25s]", ">m8[D]", "<m8"]
LARGE = 1 << 18


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "make",
    [lambda a: a, np.asfortranarray, lambda a: a[0, 0, :0], lambda a: np.array(a[0, 0, 0]), lambda a: a[:, :1, :1]],
    ids=["C", "F", "empty", "scalar", "one"],
)
def test_numpy_reads_the_file_of_an_array(kind, make):
    array = np.copy(make(GRID.astype(kind)), order="A")
    head, elements = file_of(array)
    assert len(head) % 64 == 0
    read = np.load(io.BytesIO(head + bytes(elements)))
    assert read.dtype == array.dtype
    assert read.shape == array.shape
    assert read.strides == array.strides
    assert read.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "array",
    [
        np.array([1, "a"], object),
        np.zeros(3, [("a", "i4"), ("b", "f8")]),
        np.zeros(3, np.longdouble),
        np.zeros(3, np.clongdouble),
        np.arange(10)[::2],
        GRID.transpose(1, 0, 2),
        np.zeros(3, np.dtype("f4", metadata={"unit": "m"})),
    ],
    ids=["objects", "fields", "long double", "long complex", "gaps", "permuted", "metadata"],
)
def test_what_npy_would_not_keep_has_no_file(array):
    assert file_of(array) is None


@pytest.mark.parametrize("length", [3, LARGE])
def test_the_version_tells_the_file_that_is_stored(length, tmp_path):
    store, array = store_in(tmp_path), np.arange(length)
    root = Walk(Sources()).walk("array", array)
    assert root.file == store.put(file_of(array))
    (part,) = pack(Notebook(), store, array=array)
    assert part.blob == (root.file if length == LARGE else None)


@pytest.mark.parametrize("length", [3, LARGE])
def test_an_array_that_changes_between_its_version_and_its_storing_is_refused(length, tmp_path):
    book, store, array = Notebook(), store_in(tmp_path), np.arange(length)
    root = Walk(book.sources).walk("array", array)
    array[1] = 7
    with pytest.raises(CannotMove, match="`array` was changed while it was being kept"):
        formats.store("array", root, {}, store.put)


def test_an_array_can_be_stored_in_the_same_go_as_it_is_digested(tmp_path):
    book, store, array = Notebook(), store_in(tmp_path), np.arange(LARGE)
    walk, puts = Walk(book.sources), []

    def put(chunks):
        puts.append(store.put(chunks))
        return puts[-1]

    root = walk.walk("array", array, put)
    assert puts == [root.file]
    assert root.version == book.version(array)
    other = walk.walk("other", np.arange(LARGE))
    assert puts == [root.file]
    assert (other.stored, root.stored) == (False, True)
    array[0] = 7  # what is stored is what was walked, whatever happens now
    part = formats.store("array", root, {}, put)
    assert puts == [root.file]
    back = unpack(book, store, [part])["array"]
    assert back[0] == 0
    assert book.version(back) == root.version


def test_arrays_inside_others_are_not_stored_on_their_own():
    walk = Walk(Sources())
    walk.walk("holder", np.array([np.arange(LARGE), None], object), lambda chunks: pytest.fail(f"stored {chunks}"))


def test_large_arrays_that_share_memory_are_told_apart_from_those_that_do_not():
    alone, shared = np.zeros(LARGE), np.zeros(2 * LARGE)
    values = {
        "small": np.zeros(3),
        "alone": alone,
        "whole": shared,
        "half": shared[:LARGE],
        "again": shared[LARGE:],
        "one": (twice := np.ones(LARGE)),
        "two": twice,
        "empty": np.zeros((LARGE, 0)),
        "frame": [alone],
        "apart": np.zeros(LARGE)[::-1],
    }
    assert set(large_arrays(values)) == {"alone", "apart"}


def test_an_array_whose_memory_a_walked_value_shows_is_seen():
    array = np.zeros(LARGE)
    walk = Walk(Sources())
    walk.walk("held", {"a": [np.zeros(LARGE), array[5:6]]})
    assert is_shown(array, walk.roots.values())
    assert not is_shown(np.zeros(LARGE), walk.roots.values())
    assert not is_shown(array[6:], walk.roots.values())
