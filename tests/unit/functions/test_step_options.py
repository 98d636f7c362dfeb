"""What `@steppe.step` takes, and what it says of what it does not take."""

import pytest

import steppe
from steppe.errors import BadOption, UnknownOption, UsageError
from steppe.functions.options import Told


def test_bare_and_with_options_it_makes_a_step_with_the_functions_own_names():
    @steppe.step
    def one(x):
        """Say one."""

    @steppe.step(gpu=1, retries=2, name="deux")
    def two(x):
        """Say two."""

    assert (one.__name__, one.__doc__, one.__module__) == ("one", "Say one.", __name__)
    assert two.name == "deux"
    assert two.told.options.resources.gpu == 1


def test_options_are_checked_as_those_of_cells():
    with pytest.raises(UnknownOption, match=r"@steppe.step has no option `gpus`: did you mean `gpu`\?"):
        steppe.step(gpus=1)
    with pytest.raises(BadOption, match=r"@steppe.step memory=lots: give a size"):
        steppe.step(memory="lots")
    with pytest.raises(UsageError, match="`inputs`: a function's inputs are its arguments"):
        steppe.step(inputs="a")
    with pytest.raises(UsageError, match="retry_on='OSError': give a class of errors"):
        steppe.step(retry_on="OSError")


def test_only_functions_are_steps():
    with pytest.raises(UsageError, match="not of a type"):
        steppe.step(dict)


def test_options_of_a_call_win_and_leave_the_step_as_it_is():
    @steppe.step(retries=2, memory="1Gi")
    def train():
        """Train."""

    other = train.options(retries=5)
    assert other._told.retries == 5
    assert other._told.options.resources.memory == 2**30
    assert train.told.retries == 2


def test_a_profile_that_is_not_there_is_named():
    with pytest.raises(UsageError, match="no such table"):
        Told("step", {"profile": "big"}).at({"small": {}})


def test_wrong_arguments_are_a_type_error_with_the_steps_name():
    @steppe.step
    def train(x):
        return x

    with pytest.raises(TypeError, match=r"train\(\) missing a required argument: 'x'"):
        train.signature.bind("train", (), {})
