"""External resources in `async` code: the event loop goes on while they come and go, and they are ended even so."""

import asyncio
import contextlib
import os
import threading
import time

import pytest

import steppe
from steppe.errors import ResourceFailed
from steppe.functions.external_ward import Ward
from steppe.testing import check_resource, mock_steps


class Folder(steppe.ExternalResource):
    """A resource whose methods are coroutines, on the loop of whoever uses it."""

    poll_seconds = 0.02

    def __init__(self, place, data="one"):
        self.place = str(place)
        self.data = data
        self._loops = []

    async def activate(self):
        self._loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)
        os.mkdir(self.place)

    async def deactivate(self):
        await asyncio.sleep(0)
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(self.place)

    async def is_active(self):
        await asyncio.sleep(0)
        return await asyncio.to_thread(os.path.isdir, self.place)

    def identity(self):
        return self.data


class Waits(Folder):
    """One that comes up only once something else has run on the loop."""

    async def activate(self):
        self._begun.set()
        await self._go_on.wait()
        await super().activate()


class Blocks(steppe.ExternalResource):
    """The same, with methods that block their thread."""

    def __init__(self):
        self._begun, self._go_on = threading.Event(), threading.Event()

    def activate(self):
        self._begun.set()
        assert self._go_on.wait(60)

    def deactivate(self):
        self.ended = True


@steppe.step
async def ask(folder, x):
    await asyncio.sleep(0)
    return f"{folder.data} {x}"


@steppe.step
def told(folder, x):
    return f"{folder.data} {x}"


@steppe.pipeline
async def daily(place):
    async with Folder(place) as folder:
        return await ask(folder, 1), told(folder, 2), folder.state


def of(traced, name):
    return [run for run in traced() if run.step.name == name]


def test_a_pipeline_uses_one_and_its_steps_are_inside_of_it(traced, tmp_path):
    assert asyncio.run(daily(tmp_path / "there")) == ("one 1", "one 2", "active")
    assert not os.path.exists(tmp_path / "there")
    (run,) = of(traced, "Folder")
    assert [state for state, _, _ in run.stages] == ["created", "activating", "active", "deactivating", "deactivated"]
    assert str(run.state) == "succeeded"
    assert {each.parent for name in ("ask", "told") for each in of(traced, name)} == {run.id}


def test_coroutines_run_on_the_loop_of_the_block(session, tmp_path):
    async def main():
        async with Folder(tmp_path / "there") as folder:
            assert folder._loops == [asyncio.get_running_loop()]

    asyncio.run(main())


def test_the_loop_goes_on_while_one_comes_up(session, tmp_path):
    async def main():
        resource = Waits(tmp_path / "there")
        resource._begun, resource._go_on = asyncio.Event(), asyncio.Event()

        async def release():
            await resource._begun.wait()
            resource._go_on.set()

        helper = asyncio.create_task(release())
        async with asyncio.timeout(60), resource:
            assert resource.state == "active"
        await helper
        blocks = Blocks()

        async def unblock():
            await asyncio.to_thread(blocks._begun.wait, 60)
            blocks._go_on.set()

        helper = asyncio.create_task(unblock())
        async with asyncio.timeout(60), blocks:
            await helper
        assert blocks.ended

    asyncio.run(main())


@pytest.mark.parametrize("where", ["coming up", "in its block"])
def test_a_task_that_is_cancelled_leaves_none_behind(traced, tmp_path, where):
    there = tmp_path / "there"

    async def main():
        resource = Waits(there) if where == "coming up" else Folder(there)
        resource._begun, resource._go_on = asyncio.Event(), asyncio.Event()

        async def use():
            async with resource:
                resource._begun.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(use())
        async with asyncio.timeout(60):
            await resource._begun.wait()
        if where == "coming up":
            there.mkdir()  # half there
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert resource.state == "deactivated"

    asyncio.run(main())
    assert not there.exists()
    assert {str(run.state) for name in ("Waits", "Folder") for run in of(traced, name)} == {"cancelled"}


def test_it_is_ended_after_an_error_and_where_it_does_not_come_up_in_time(session, tmp_path):
    class Late(Folder):
        activation_timeout = 0.05

        async def is_active(self):
            return False

    class Stuck(Folder):
        activation_timeout = 0.05

        async def activate(self):
            await super().activate()
            await asyncio.sleep(60)

    async def fails():
        async with Folder(tmp_path / "there"):
            raise ZeroDivisionError

    async def never(kind):
        async with kind(tmp_path / "there"):
            raise AssertionError("its block runs")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fails())
    assert not os.path.exists(tmp_path / "there")
    for kind in (Late, Stuck):
        with pytest.raises(ResourceFailed, match=rf"{kind.__name__} is not active after 0.05 s"):
            asyncio.run(never(kind))
        assert not os.path.exists(tmp_path / "there")


def test_one_that_goes_while_it_is_needed_is_seen_to_be_gone(session, tmp_path):
    async def main():
        async with Folder(tmp_path / "there") as folder:
            folder.check()
            os.rmdir(folder.place)
            async with asyncio.timeout(60):
                while True:
                    folder.check()
                    await asyncio.sleep(0.01)

    with pytest.raises(ResourceFailed, match=r"Folder is gone: is_active\(\) says no"):
        asyncio.run(main())


def test_one_with_coroutines_is_used_without_async_too_and_in_a_running_loop(session, tmp_path):
    def use():
        with Folder(tmp_path / "there") as folder:
            return told(folder, 3)

    async def main():
        return use()

    assert (use(), asyncio.run(main())) == ("one 3", "one 3")
    assert not os.path.exists(tmp_path / "there")


def test_the_process_that_looks_after_it_ends_it_by_its_coroutine(tmp_path):
    folder = Folder(tmp_path / "there")
    os.mkdir(folder.place)
    ward = Ward("")
    ward.tell(folder, None, 60)
    ward.close(done=False)  # as when its owner is gone
    until = time.monotonic() + 60
    while os.path.exists(folder.place):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_something_else_may_stand_in_for_it_and_its_promises_can_be_tested(tmp_path):
    with mock_steps({Folder: "a stand-in", ask: 1, told: 2}):

        async def main():
            async with Folder(tmp_path / "there") as found:
                return found

        assert asyncio.run(main()) == "a stand-in"
    check_resource(lambda: Folder(tmp_path / "there"))
