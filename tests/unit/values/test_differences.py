"""Where two values part is told by a path in the user's words."""

import pytest
from value_notebook import Notebook

from steppe.values.differences import difference


class Thing:
    def __init__(self, **attributes):
        vars(self).update(attributes)


PAIRS = {
    "[1]": ([1, 2], [1, 3]),
    "['b'][0]": ({"a": 1, "b": [1]}, {"a": 1, "b": [2]}),
    ".inner.size": (Thing(a=[], inner=Thing(size=1)), Thing(a=[], inner=Thing(size=2))),
    ".pair[1].size": (Thing(pair=(0, Thing(size=1))), Thing(pair=(0, Thing(size=2)))),
    ".b": (Thing(a=[], b=[]), Thing(a=[])),
    "": ([1], [1]),
}


@pytest.mark.parametrize("path", PAIRS)
def test_the_first_difference_is_named_by_its_path(path):
    was, now = (Notebook().walk(value=value).roots["value"] for value in PAIRS[path])
    assert difference(was, now) == path
