"""Orders of long tables: the first rows at once, how far the rest is, and an order that is given up leaves nothing."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from steppe_server.reader import Reader
from steppe_server.warm import WarmProcess
from tests.benchmarks.tables import made

ROWS = 4_000_000


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return made(ROWS, tmp_path_factory.mktemp("long"))


@pytest.fixture
def reader():
    found = Reader()
    yield found
    found.close()


def asker(reader, source, folder):
    async def page(sort, offset=0):
        return await reader.page(
            source, folder, at=(), span=(offset, 3), columns=(0, 9), sort=sort, descending=False, wait=0.0
        )

    return page


async def until(ask, holds):
    """Ask again and again until an answer is as it should be."""
    for _ in range(3000):
        if holds(await ask()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError


async def test_the_first_rows_are_there_while_the_order_is_made_and_how_far_it_is(reader, source, tmp_path):
    page = asker(reader, source, tmp_path)
    first = await page(1)
    assert (first.sorting, len(first.rows)) == (True, 3)
    told = []
    while (found := await page(1, ROWS // 2)).sorting:
        assert found.rows == []
        told += [found.progress] if found.progress is not None else []
        await asyncio.sleep(0.02)
    assert told == sorted(told)
    assert 0 < told[-1] <= 1
    assert (await page(1)).rows == first.rows
    assert (found.progress, len(found.rows)) == (None, 3)
    assert found.rows == sorted(found.rows, key=lambda row: row[1])


async def test_an_order_that_is_given_up_leaves_nothing_and_can_be_asked_for_again(reader, source, tmp_path):
    page = asker(reader, source, tmp_path)
    assert (await page(1)).sorting
    await until(lambda: page(1), lambda found: found.progress is not None)
    assert await reader.give_up(source, tmp_path, at=(), sort=1)
    assert list(tmp_path.iterdir()) == []
    assert not await reader.give_up(source, tmp_path, at=(), sort=1)
    assert (await page(2)).sorting
    assert await reader.give_up(source, tmp_path, at=(), sort=2), "before its process has begun"
    await until(lambda: page(1), lambda found: not found.sorting)
    assert len((await page(1, ROWS - 3)).rows) == 3


async def test_what_else_a_process_was_asked_is_begun_again_when_something_is_given_up(tmp_path):
    process = WarmProcess()
    try:
        endless = asyncio.create_task(process.ask(begin, tmp_path / "endless", 600.0, patience=600))
        others = [asyncio.create_task(process.ask(begin, tmp_path / f"{n}", 0.0, patience=600)) for n in range(3)]
        begun = tmp_path / "endless"
        await until(lambda: asyncio.to_thread(lambda: begun.exists() and begun.read_text()), bool)
        endless.cancel()
        process.give_up()
        process.give_up()  # of what has not begun yet
        pids = await asyncio.gather(*others)
        assert len(set(pids)) == 1
        assert pids[0] != int((tmp_path / "endless").read_text())
        with pytest.raises(asyncio.CancelledError):
            await endless
    finally:
        process.close()


def begin(file, seconds):
    file.write_text(str(os.getpid()))
    time.sleep(seconds)
    return os.getpid()


async def test_the_route_gives_up_an_order_and_says_whether_there_was_one(ask, project):
    status, told = await ask("DELETE", f"artifacts/b3:{'0' * 64}/table", sort=1)
    assert (status, "run a step first" in told["message"]) == (404, True)
    status, told = await ask("DELETE", f"artifacts/b3:{'0' * 64}/table")
    assert (status, "sort" in told["message"]) == (400, True)
