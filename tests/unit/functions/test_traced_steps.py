"""Steps that are only traced: parents, states, streams, threads, event loops; nothing is lost."""

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import steppe
from steppe.functions import recorder
from steppe.functions.recorder import RECORDER


@steppe.step(cache=False)
def leaf(x):
    if x < 0:
        raise ValueError(x)
    return x


@steppe.step(cache=False)
def branch(xs):
    return sum(leaf(x) for x in xs)


def by_name(runs):
    found = {}
    for run in runs:
        found.setdefault(run.step.name, []).append(run)
    return found


def test_calls_are_written_down_with_their_parents_and_times(traced):
    assert branch([1, 2]) == 3
    found = by_name(traced())
    (parent,) = found["branch"]
    assert [run.parent for run in found["leaf"]] == [parent.id] * 2
    assert parent.parent == ""
    assert all(parent.started <= run.started <= run.ended <= parent.ended for run in found["leaf"])
    assert {str(run.state) for run in (*found["leaf"], parent)} == {"succeeded"}


def test_an_error_is_written_down_and_raised_as_it_is(traced):
    with pytest.raises(ValueError, match="-1"):
        branch([1, -1])
    found = by_name(traced())
    assert [str(run.state) for run in found["leaf"]] == ["succeeded", "failed"]
    assert found["branch"][0].error == "ValueError: -1"
    leaf(3)
    assert traced()[-1].parent == "", "the failed ones are not around what comes later"


def test_threads_have_parents_of_their_own(traced):
    gate = threading.Barrier(4)

    @steppe.step(cache=False)
    def outer(number):
        gate.wait(30)
        return leaf(number)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outer, range(4))) == [0, 1, 2, 3]
    found = by_name(traced())
    outers = next(runs for name, runs in found.items() if name.endswith("outer"))
    assert sorted(run.parent for run in found["leaf"]) == sorted(run.id for run in outers)


def test_requests_in_an_event_loop_have_parents_of_their_own(traced):
    @steppe.step(cache=False, name="request")
    async def request(number):
        await asyncio.sleep(0)
        part = await asyncio.gather(answer(number), answer(number))
        return sum(part)

    @steppe.step(cache=False, name="answer")
    async def answer(number):
        await asyncio.sleep(0)
        return leaf(number)

    async def main():
        return await asyncio.gather(*(request(number) for number in range(20)))

    assert asyncio.run(main()) == [2 * number for number in range(20)]
    found = by_name(traced())
    answers = {run.id: run for run in found["answer"]}
    assert sorted(run.parent for run in found["leaf"]) == sorted(answers)
    parents = [run.parent for run in answers.values()]
    assert all(parents.count(run.id) == 2 for run in found["request"])


def test_a_stream_ends_with_its_step(traced):
    @steppe.step(name="words")
    def words(n):
        for number in range(n):
            yield leaf(number)

    @steppe.step(cache=False, name="reader")
    def reader():
        return [leaf(word) for word in words(2)]

    assert reader() == [0, 1]
    found = by_name(traced())
    (stream,) = found["words"]
    assert stream.parent == found["reader"][0].id
    parents = [run.parent for run in found["leaf"]]
    assert parents.count(stream.id) == 2, "what runs in the stream is inside of it"
    assert parents.count(found["reader"][0].id) == 2, "what runs between its items is not"


@pytest.mark.parametrize("how", ["closed", "abandoned", "failed"])
def test_a_stream_that_is_not_read_to_its_end_ends_too(traced, how):
    @steppe.step(name="words")
    def words():
        yield 1
        if how == "failed":
            raise ValueError("no more")
        yield 2

    stream = words()
    assert next(stream) == 1
    if how == "closed":
        stream.close()
    elif how == "failed":
        with pytest.raises(ValueError, match="no more"):
            next(stream)
    del stream
    gc.collect()
    (run,) = traced()
    assert str(run.state) == ("failed" if how == "failed" else "succeeded")
    assert how == "failed" or "closed it before its end" in run.why


def test_an_asynchronous_stream_ends_with_its_step(traced):
    @steppe.step(name="tokens")
    async def tokens(n):
        for number in range(n):
            await asyncio.sleep(0)
            yield leaf(number)

    async def main():
        return [each async for each in tokens(3)]

    assert asyncio.run(main()) == [0, 1, 2]
    found = by_name(traced())
    assert [run.parent for run in found["leaf"]] == [found["tokens"][0].id] * 3
    assert str(found["tokens"][0].state) == "succeeded"


def test_who_is_faster_than_the_catalog_waits_for_it(traced, monkeypatch):
    monkeypatch.setattr(recorder, "MOST", 50)
    longest = []
    write = RECORDER._write

    def slow(batch):
        longest.append(len(RECORDER._queue))
        write(batch)

    monkeypatch.setattr(RECORDER, "_write", slow)
    for number in range(2000):
        leaf(number)
    assert len(traced()) == 1000, "as many as a page has"
    assert max(longest) <= 52


def test_retries_of_traced_steps(traced):
    tries = []

    @steppe.step(cache=False, retries=2, retry_on=OSError, name="fetch")
    def fetch(kind):
        tries.append(kind)
        raise kind("gone")

    with pytest.raises(OSError, match="gone"):
        fetch(OSError)
    with pytest.raises(ValueError, match="gone"):
        fetch(ValueError)
    assert tries == [OSError] * 3 + [ValueError]
