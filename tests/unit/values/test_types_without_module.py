"""A type need not say from which module it is: sympy makes such types as it computes, and users may."""

import pickle
from typing import Any

import polars as pl
import pytest
from value_notebook import Notebook, pack, store_in, unpack

from steppe.errors import Unversionable
from steppe.values.kinds import full_name, module_of
from steppe.values.preview import preview, type_name
from steppe.values.walk import refuse


class Named:
    """What values of the made types have in common: pickle is told of them by this class."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> Any:
        return made, (type(self).__qualname__, self.name)


def made(kind: str, name: str, module: Any = None) -> Any:
    """Return an instance of a type that says `module` is its module."""
    return type(kind, (Named,), {"__module__": module})(name)


MODULES = {"none": None, "a number": 5, "a list": [1], "a property": property(lambda self: "m")}


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_a_type_whose_module_is_no_text_is_called_by_its_name_alone(module):
    kind = type(made("u1", "x", module))
    assert module_of(kind) == ""
    assert full_name(kind) == type_name(kind("x")) == preview(kind("x")) == "u1"
    assert str(refuse(kind("x"), "no")) == str(Unversionable("u1", "no"))


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_a_value_of_such_a_type_has_a_version_that_tells_its_content(module):
    book = Notebook()
    assert book.version(made("u1", "x", module)) == book.version(made("u1", "x", module))
    assert book.version(made("u1", "x", module)) != book.version(made("u1", "y", module))
    assert book.version(made("u1", "x", module)) != book.version(made("u2", "x", module))


def test_a_value_of_a_type_without_a_module_comes_back(tmp_path):
    book, store = Notebook(), store_in(tmp_path)
    value = [made("u1", "x")]
    back = unpack(book, store, pack(book, store, value=value))["value"]
    assert book.version(back) == book.version(value)
    assert pickle.loads(pickle.dumps(value))[0].name == back[0].name == "x"


def test_a_frame_of_a_type_without_a_module_is_told_from_a_plain_one():
    kind = type("Frame", (pl.DataFrame,), {"__module__": None})
    book = Notebook()
    assert book.version(kind({"a": [1]})) == book.version(kind({"a": [1]}))
    assert book.version(kind({"a": [1]})) != book.version(pl.DataFrame({"a": [1]}))
