"""What the workers of a raised cluster hold, one after the other."""

import pytest

from steppe.executors.process.capacity import Capacity
from steppe.executors.process.slots import Ledger
from steppe.executors.ray.messages import Wish
from steppe.executors.ray.shares import Shares
from steppe.types import Resources

THERE = Capacity(cpu=4.0, memory=4 << 30, gpus=("0", "1", "2", "3"))


@pytest.fixture
def wish(tmp_path):
    return Wish(name="one", resources=Resources(cpu=1, gpu=1, workers=4, fewest=1), slots=str(tmp_path))


def everything(shares):
    """Return the devices of each worker that has room."""
    return list(iter(shares.next, None))


def test_a_range_takes_what_is_free_and_the_rest_once_it_is(wish, tmp_path):
    held = Ledger(str(tmp_path), THERE).take(Resources(cpu=2.5, gpu=1), "other", print)
    shares = Shares(wish, THERE, 4)
    shares.take(print)
    assert (everything(shares), shares.left) == ([("1",)], 3)
    held.release()
    assert (everything(shares), shares.left) == ([("0",), ("2",), ("3",)], 0)


def test_what_somebody_holds_for_all_of_them_is_divided(wish):
    shares = Shares(Wish(name="one", resources=wish.resources), THERE, 2)
    shares.take(print)
    assert everything(shares) == [("0",), ("1",)]
