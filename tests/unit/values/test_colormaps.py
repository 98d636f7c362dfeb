"""A colour map is the same before and after it was first used, and another one after what a user does to it."""

import copy

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from notebook import Notebook

MAPS = {
    "of segments": lambda: copy.copy(mpl.colormaps["gray"]),
    "of a list": lambda: ListedColormap(["red", "blue"]),
    "of functions": lambda: copy.copy(mpl.colormaps["cubehelix"]),
    "made from colours": lambda: LinearSegmentedColormap.from_list("mine", ["red", "blue"]),
}


def used(made):
    made(0.5)
    return made


@pytest.fixture
def version():
    return Notebook().version


@pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
def test_using_a_colour_map_does_not_change_it(version, make):
    assert version(make()) == version(used(make())) == version(used(used(make())))


@pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
def test_writing_to_its_table_changes_a_colour_map(version, make):
    made = used(make())
    before = version(made)
    made._lut[0, 3] = 0.5
    assert version(made) != before


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("change", [lambda made: made.set_bad("red"), lambda made: made.set_over("red")])
@pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
def test_a_colour_for_what_has_none_changes_a_colour_map(version, make, change):
    fresh, done = make(), used(make())
    before = version(done)
    change(fresh)
    change(done)
    assert version(fresh) == version(done) != before


def test_colours_that_were_changed_after_the_first_use_are_told_from_those_before(version):
    before, after = ListedColormap(["red", "blue"]), used(ListedColormap(["red", "blue"]))
    before.colors[0] = "green"
    after.colors[0] = "green"
    assert version(before) != version(after)


def test_a_table_that_another_holds_is_a_part_of_its_colour_map(version):
    made, same = used(MAPS["of a list"]()), used(MAPS["of a list"]())
    assert version([made, made._lut]) != version([made, same._lut])
    view = made._lut[:1]
    assert version([made, view]) != version([made, view.copy()])


def test_what_the_user_computes_colours_by_is_not_called(version):
    called = []

    def ramp(x):
        called.append(1)
        return np.asarray(x)

    made = used(LinearSegmentedColormap("mine", {"red": ramp, "green": ramp, "blue": ramp}))
    called.clear()
    version(made)
    assert not called
