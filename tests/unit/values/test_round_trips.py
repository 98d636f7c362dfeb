"""What comes back from the Store is what was stored, in the same kernel and in a new one: or it is refused."""

import io
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from specimens import FAMILIES, family, version_of
from value_notebook import Notebook, as_main, pack, store_in, unpack

from steppe.errors import CannotMove
from steppe.types import Part
from steppe.values import rebuild

HERE = Path(__file__).parent
REFUSED = {
    "tables: polars objects",
    "tables: polars objects of other",
    "tensors: untyped storage",
}
if sys.version_info < (3, 13):  # pickle goes as deep as the stack, from there on
    REFUSED |= {"builtin: deep list", "builtin: deeper list"}
if sys.version_info >= (3, 14):  # its `__new__` wants the function, and nothing says so to pickle
    REFUSED |= {"standard: partialmethod", "standard: partialmethod 2"}
"""Specimens that pickle can't write, or their own library."""

PICKED = ("standard", "notebook")
"""Families whose values hold sets, code, or what a hash seed could change."""


@pytest.fixture(autouse=True)
def _main(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    registered = list(rebuild.SOURCES)
    yield
    rebuild.SOURCES[:] = registered


def version_in(book: Notebook, value: Any) -> str:
    """Return a value's version in a notebook where its class has its name: what a step that uses it needs, too."""
    if type(value).__module__ == "__main__":
        book.names.setdefault(type(value).__name__, type(value))
    return book.version(value)


def differences(name: str, folder: Path) -> list[str]:
    """Return the specimens of a family that come back as something else, and how."""
    store = store_in(folder)
    found = []
    for key, make in family(name).items():
        value, book = make()
        as_main(book)
        before = book.version(value)
        try:
            parts = pack(book, store, value=value)
        except CannotMove as error:
            found += [] if key in REFUSED else [f"{key} is refused: {error}"]
            continue
        if key in REFUSED:
            found.append(f"{key} is not refused any more")
        for there in (book, Notebook()) if name == "notebook" else (book,):
            as_main(there)
            back = unpack(there, store, parts)["value"]
            if version_in(there, back) != before:
                found.append(f"{key} is changed: {value!r:.80} to {back!r:.80}")
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_what_comes_back_is_what_was_stored(name, tmp_path):
    assert differences(name, tmp_path) == []


def test_what_another_process_with_another_hash_seed_stored_comes_back(tmp_path):
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    program = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); import child; "
        f"child.store_specimens({str(tmp_path)!r}, {PICKED!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
    )
    differ = []
    makers = {key: make for name in PICKED for key, make in family(name).items()}
    for key, parts in msgspec.msgpack.decode(done.stdout, type=dict[str, list[Part]]).items():
        there = Notebook()
        as_main(there)
        if version_in(there, unpack(there, store_in(tmp_path), parts)["value"]) != version_of(makers[key]):
            differ.append(key)
    assert differ == []


@pytest.mark.parametrize(
    ("make", "strides"),
    [
        (lambda: np.arange(6.0)[::-1], (-8,)),
        (lambda: np.arange(600.0).reshape(6, 100)[:, 3], (800,)),
        (lambda: np.arange(600.0).reshape(6, 100)[::-1, ::50], (-800, 400)),
        (lambda: np.broadcast_to(np.arange(3), (4, 3)), (0, 8)),
        (lambda: np.array([[1, "a"], [None, []]], object)[:, ::-1], (16, -8)),
        (lambda: np.arange(24).reshape(2, 3, 4).astype(object).transpose(1, 0, 2), (32, 96, 8)),
    ],
)
def test_an_array_lies_in_memory_as_it_did(make, strides, tmp_path):
    book, store, array = Notebook(), store_in(tmp_path), make()
    back = unpack(book, store, pack(book, store, array=array))["array"]
    assert back.strides == strides == array.strides
    assert back.flags.writeable == array.flags.writeable
    assert back.tolist() == array.tolist()
    assert back.ravel(order="K").tolist() == array.ravel(order="K").tolist()


def test_a_read_only_array_of_objects_comes_back_read_only(tmp_path):
    array = np.array([1, "a"], object)
    array.flags.writeable = False
    book, store = Notebook(), store_in(tmp_path)
    assert not unpack(book, store, pack(book, store, array=array))["array"].flags.writeable


def test_arrays_of_objects_that_share_memory_are_refused(tmp_path):
    array = np.array([1, "a", None], object)
    with pytest.raises(CannotMove, match="share memory"):
        pack(Notebook(), store_in(tmp_path), pair=[array, array[1:]])


def test_a_class_with_slots_has_them_in_a_new_kernel_and_no_dict(tmp_path):
    book, there, store = Notebook(), Notebook(), store_in(tmp_path)
    as_main(book)
    names = book.run(
        "class Slots:\n    __slots__ = ('a',)\n    def __init__(self):\n        self.a = 1\nmade = Slots()"
    )
    parts = pack(book, store, made=names["made"])
    as_main(there)
    back = unpack(there, store, parts)["made"]
    assert back.a == 1
    assert not hasattr(back, "__dict__")
    with pytest.raises(AttributeError):
        back.b = 2


@pytest.mark.parametrize(
    "value", [io.BytesIO(b"abc"), io.StringIO("abc"), ValueError("a")], ids=["bytes", "text", "error"]
)
def test_the_version_stays_when_attributes_were_asked_for(value):
    book = Notebook()
    before = book.version(value)
    assert vars(value) == {}
    assert book.version(value) == before


def test_a_value_that_comes_back_as_something_else_is_refused(tmp_path):
    book = Notebook()
    as_main(book)
    cell = "class Lossy:\n    def __init__(self):\n        self.a = 1\n    def __setstate__(self, state):\n        pass"
    made = book.run(cell + "\nmade = Lossy()")["made"]
    with pytest.raises(CannotMove, match="`made` would come back from a pickle as something else"):
        pack(book, store_in(tmp_path), made=made)


def test_a_builtin_has_one_version_whatever_modules_are_loaded(monkeypatch):
    before = Notebook().version(NotImplemented)
    other = types.ModuleType("other")
    other.NotImplemented = NotImplemented
    monkeypatch.setattr(sys, "modules", {"other": other, **sys.modules})
    assert Notebook().version(NotImplemented) == before
