"""Numbers that libraries count on their own classes: what is one, what is not, and how it is put back."""

import sys
import types

import pytest

from steppe.worker.ambient.counters import Counters, counters_of

LIBRARY = """
class Counted:
    made = 0

    def __init__(self):
        Counted.made += 1


class ByClass:
    made = 5

    @classmethod
    def make(cls):
        cls.made = cls.made + 1


class OfEach:
    made = 0

    def __init__(self):
        self.made += 1


class Constant:
    made = 7

    def look(self):
        return Constant.made
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    file = tmp_path / "counting_library.py"
    file.write_text(LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("steppe.worker.ambient.counters.is_library", lambda file: "counting_library" in file)
    import counting_library

    yield counting_library
    del sys.modules["counting_library"]


def read(counters):
    """Return what is counted in the library of these tests: others that are loaded have counted, too."""
    return {place: count for place, count in counters.read().items() if place.startswith("counting_")}


def test_what_the_code_of_a_class_sets_on_the_class_is_a_counter(library):
    assert [place for place, _, _ in counters_of(library)] == [
        "counting_library:Counted.made",
        "counting_library:ByClass.made",
    ]


def test_what_a_library_begins_with_is_no_change_although_it_was_counted_before_anyone_looked(library):
    assert read(Counters()) == {}
    library.Counted()
    library.ByClass.make()
    assert read(Counters()) == {"counting_library:Counted.made": 1, "counting_library:ByClass.made": 6}


def test_counters_are_put_back_and_those_that_had_not_counted_begin_anew(library):
    counters = Counters()
    library.Counted()
    before = counters.read()
    library.Counted()
    library.ByClass.make()
    assert counters.read() != before
    counters.write(before)
    assert (library.Counted.made, library.ByClass.made) == (1, 5)


def test_a_module_that_is_loaded_later_is_looked_through(library):
    counters = Counters()
    assert read(counters) == {}
    later = types.ModuleType("counting_later")
    later.__spec__ = library.__spec__
    later.__file__ = library.__file__
    sys.modules["counting_later"] = later
    try:
        exec(compile(LIBRARY, library.__file__, "exec"), vars(later))
        later.Counted()
        assert read(counters) == {"counting_later:Counted.made": 1}
    finally:
        del sys.modules["counting_later"]


def test_the_frames_of_sympy_are_counted_and_its_dummies_are_not():
    import sympy.core.symbol
    import sympy.physics.vector.frame

    assert [place for place, _, _ in counters_of(sympy.physics.vector.frame)] == [
        "sympy.physics.vector.frame:ReferenceFrame._count"
    ]
    assert not list(counters_of(sympy.core.symbol))


def test_the_numbers_of_estimators_shown_go_on_where_a_step_left_them():
    from sklearn.linear_model import LinearRegression

    from steppe.worker.ambient.counters import Identifiers

    ids = Identifiers()
    ids.write({})
    first = LinearRegression()._repr_html_()
    after = ids.read()
    ids.write({})
    assert LinearRegression()._repr_html_() == first
    ids.write(after)
    assert 'id="sk-container-id-2"' in LinearRegression()._repr_html_()


def test_a_module_without_a_spec_is_looked_through_as_well(library):
    del library.__spec__
    library.Counted()
    assert read(Counters()) == {"counting_library:Counted.made": 1}


def test_a_counter_that_begins_below_zero_is_no_change(library, tmp_path, monkeypatch):
    """PyTorch's compiler has one: each worker imported it to have the number."""
    (tmp_path / "counting_library_below.py").write_text(LIBRARY.replace("made = 0", "made = -1"))
    import counting_library_below

    try:
        counters = Counters()
        assert not any("below" in place for place in counters.read())
        counting_library_below.Counted()
        assert counters.read()["counting_library_below:Counted.made"] == 0
        counters.write({})
        assert counting_library_below.Counted.made == -1
    finally:
        del sys.modules["counting_library_below"]


def test_an_optimizer_of_torch_leaves_no_counter():
    torch = pytest.importorskip("torch")
    torch.optim.Adam([torch.nn.Parameter(torch.ones(1))])
    import torch._dynamo.utils

    assert not any("torch" in place for place in Counters().read())
