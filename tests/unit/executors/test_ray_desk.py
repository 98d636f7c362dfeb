"""What the desk keeps of an attempt; with a real Ray it is shown in tests/integration/ray."""

import asyncio

import pytest

from steppe.executors.executor import End, Launch
from steppe.executors.ray.desk import Desk, Kept
from steppe.executors.ray.messages import Batch, Order
from steppe.types import Resources


@pytest.fixture
def kept():
    launch = Launch(task="b3:none", attempt="one", store="", resources=Resources(), label="late")
    return Kept(Order(launch=launch))


async def cancel(kept):
    desk = Desk()
    desk._kept["one"] = kept
    await desk.cancel("one")


@pytest.mark.parametrize("how", ["failed", "lost", "killed"])
def test_what_somebody_cancelled_has_ended_by_that_however_it_ends(kept, how):
    asyncio.run(cancel(kept))
    kept.hear(Batch(end=End(how=how, why="its task ended without a word", again=True)))
    assert (kept.end.how, kept.end.again) == ("cancelled", False)


def test_what_was_done_before_anybody_could_cancel_it_is_done(kept):
    asyncio.run(cancel(kept))
    kept.hear(Batch(end=End(how="done")))
    assert kept.end.how == "done"


def test_what_nobody_cancelled_ends_as_it_does(kept):
    kept.hear(Batch(end=End(how="lost", why="its node is gone", again=True)))
    asyncio.run(cancel(kept))
    assert (kept.end.how, kept.end.again) == ("lost", True)
