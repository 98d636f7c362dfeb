"""A step is what the function was that it is made of: what it raises, what it carries, what its methods are."""

import asyncio
import gc
import pickle
import weakref

import pytest

import steppe


@steppe.step
def first(items):
    return next(iter(items))


@steppe.step
def size(items, *more):
    return len(items) + len(more)


class Counter:
    def __init__(self):
        self.count = 0

    @steppe.step
    def up(self, by):
        """Count."""
        self.count += by
        return self


def test_an_end_of_iteration_is_raised_as_it_is(session):
    with pytest.raises(StopIteration) as raised:
        first([])
    assert not raised.value.args
    assert isinstance(first.submit([]).exception(), StopIteration)


def test_defaults_and_code_that_are_set_later_hold(session):
    @steppe.step
    def work(x=1, *, y=2):
        return x, y

    def other(x=1, *, y=2):
        return y, x

    assert (work(), work.__defaults__, work.__kwdefaults__) == ((1, 2), (1,), {"y": 2})
    work.__defaults__ = (5,)
    assert work() == (5, 2)
    work.__kwdefaults__ = {"y": 6}
    assert work() == (5, 6)
    work.__code__ = other.__code__
    assert work() == (6, 5)
    assert work.__code__ is work.__wrapped__.__code__ is other.__code__
    with pytest.raises(AttributeError, match="__other__"):
        _ = work.__other__


def test_methods_of_one_object_are_one(session):
    one, other = Counter(), Counter()
    assert one.up == one.up != other.up
    assert len({one.up, one.up, other.up}) == 2
    assert (one.up.__self__, one.up.__func__) == (one, Counter.up)
    assert (one.up.__name__, one.up.__qualname__, one.up.__doc__) == ("up", "Counter.up", "Count.")
    assert one.up.__module__ == __name__
    assert one.up.options(retries=1) != one.up
    with pytest.raises(AttributeError, match="_nothing"):
        _ = one.up._nothing


def test_a_method_is_pickled_as_its_object_and_name(session):
    one = Counter()
    assert pickle.loads(pickle.dumps(one.up))(2).count == 2
    assert pickle.loads(pickle.dumps(Counter.up.options(retries=1)))(one, 3) is one
    assert one.count == 3


def test_a_call_holds_its_argument_no_longer(session):
    class Big(list):
        pass

    given = Big([1])
    gone = weakref.ref(given)
    gc.disable()
    try:
        assert size(given) == 1
        del given
        assert gone() is None
    finally:
        gc.enable()


def test_a_map_takes_an_item_after_the_call_before(session):
    seen, buffer = [], []

    def items():
        for number in range(3):
            buffer.append(number)
            seen.append(f"given {number}")
            yield buffer

    @steppe.step(cache=True)
    def total(numbers):
        return sum(numbers)

    assert total.map(items()) == [0, 1, 3]


def test_lists_in_themselves_and_deep_ones_are_arguments_after_a_submit(session):
    assert size.submit([1]).result() == 1
    round_about, deep = [], []
    round_about.append(round_about)
    for _ in range(3000):
        deep = [deep]
    assert size(round_about) == size(deep) == 1


def test_what_is_one_list_stays_one_when_futures_in_it_are_waited_for(session):
    @steppe.step
    def same(a, b, c):
        return a is b, c[0] is a, a

    held = [first.submit([7])]
    assert same(held, b=held, c=(held,)) == (True, True, [7])

    async def waits():
        @steppe.step
        async def late(a, b):
            return a is b, a

        return await late(held, b=held)

    assert asyncio.run(waits()) == (True, [7])
