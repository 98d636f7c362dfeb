"""Stand-ins for steps: the pipeline's own code runs, and nothing else."""

import asyncio

import pytest

import steppe
from steppe.engine import current
from steppe.errors import UsageError
from steppe.testing import mock_steps


@steppe.step(on="process", gpu=8)
def load(path):
    raise AssertionError


@steppe.step
def train(digits, lr=0.1):
    raise AssertionError


@steppe.step
def plain(x):
    return x + 1


@steppe.pipeline
def daily(path):
    digits = load(path)
    return plain(train.submit(digits, lr=0.5).result())


def test_steps_are_stood_in_for_and_their_calls_remembered():
    with mock_steps({load: lambda path: [path], "train": 41}) as mocked:
        assert daily("a.csv") == 42
    assert mocked[load][0].args == ("a.csv",)
    assert mocked["train"] == [((["a.csv"],), {"lr": 0.5})]
    assert len(mocked[plain]) == 1
    assert current.current() is None, "no session was opened"


def test_maps_and_coroutines_are_stood_in_for():
    @steppe.step
    async def fetch(url):
        raise AssertionError

    with mock_steps({fetch: "page", load: 3}):
        assert asyncio.run(fetch("x")) == "page"
        assert asyncio.run(fetch.map(["x", "y"])) == ["page", "page"]
        assert load.map(["a", "b"]) == [3, 3]


def test_a_stand_in_is_called_as_the_step_is():
    with mock_steps({train: 1}), pytest.raises(TypeError, match="unexpected keyword argument 'rate'"):
        train(1, rate=2)
    with pytest.raises(UsageError, match="takes steps, or their names"):
        mock_steps({3: 4})
