"""A value that is nested too deeply to be stored is refused in a sentence."""

import functools
import sys

import pytest
from value_notebook import Notebook, pack, store_in

from steppe.errors import CannotMove


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pickle goes as deep as Steppe does, from Python 3.13 on")
def test_a_list_nested_too_deeply_is_refused_and_no_error_of_the_interpreter_escapes(tmp_path):
    deep = functools.reduce(lambda inner, _: [inner], range(600), [])
    with pytest.raises(CannotMove, match="`deep` can't be stored"):
        pack(Notebook(), store_in(tmp_path), deep=deep)
