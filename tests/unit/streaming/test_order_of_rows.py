"""Which rows come in which batch: each once, for any sizes, shards, workers, seeds and places to go on at."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.streaming.batches import epoch_of
from steppe.streaming.live import LiveArray
from steppe.streaming.order import Order


@st.composite
def orders(draw):
    batch_size = draw(st.integers(1, 12))
    return {
        "rows": draw(st.integers(0, 150)),
        "batch_size": batch_size,
        "seed": draw(st.none() | st.integers(0, 3)),
        "block": draw(st.integers(1, 9)),
        "window": batch_size * draw(st.integers(1, 6)),
        "drop_last": draw(st.booleans()),
    }


def batches(order, epoch=0, start=0, every=1):
    rows = LiveArray(np.arange(order.rows))
    return [each.rows.tolist() for each in epoch_of(rows, order, "numpy", epoch, start, every=every)]


def joined(of):
    return list(itertools.chain.from_iterable(of))


@given(orders(), st.integers(1, 5), st.integers(0, 2))
@settings(deadline=None)
def test_the_shards_have_each_row_once_and_are_as_large_as_each_other(asked, count, epoch):
    shards = [Order(**{**asked, "drop_last": False}, shard=(index, count)) for index in range(count)]
    found = [batches(order, epoch) for order in shards]
    assert sorted(joined(map(joined, found))) == list(range(asked["rows"]))
    sizes = [len(joined(each)) for each in found]
    assert max(sizes) - min(sizes) <= 1
    for order, each in zip(shards, found, strict=True):
        assert len(each) == order.batches
        assert all(len(batch) == order.batch_size for batch in each[:-1])


@given(orders(), st.integers(0, 2))
@settings(deadline=None)
def test_the_order_follows_from_seed_and_epoch(asked, epoch):
    assert batches(Order(**asked), epoch) == batches(Order(**asked), epoch)
    if asked["seed"] is None:
        whole = joined(batches(Order(**asked), epoch))
        assert whole == list(range(len(whole)))


@given(orders(), st.integers(1, 4), st.integers(0, 40), st.integers(0, 2))
@settings(deadline=None)
def test_workers_that_are_asked_in_turn_give_the_order_of_one_from_any_place_on(asked, workers, start, epoch):
    order = Order(**asked, shard=(1, 3))
    mine = [batches(order, epoch, start + worker, workers) for worker in range(workers)]
    in_turn = [batch for turn in itertools.zip_longest(*mine) for batch in turn if batch is not None]
    assert in_turn == batches(order, epoch)[start:]


@given(orders())
@settings(deadline=None)
def test_a_short_batch_is_left_out_where_that_is_asked_for(asked):
    found = batches(Order(**{**asked, "drop_last": True}))
    assert {len(batch) for batch in found} <= {asked["batch_size"]}
    assert len(found) == asked["rows"] // asked["batch_size"]


def test_what_is_shuffled_is_spread_over_its_window_and_its_blocks_over_the_rows():
    order = Order(rows=100_000, batch_size=100, seed=0, block=100, window=10_000)
    first = joined(batches(order)[:100])
    assert len(set(np.array(first) // 100)) == 100, "a hundred blocks"
    assert np.corrcoef(np.arange(10_000), first)[0, 1] < 0.05
    assert max(first) > 90_000
    assert min(first) < 10_000
    assert joined(batches(order, 1)[:100]) != first


def test_the_order_of_a_seed_stays_for_ever():
    order = Order(rows=12, batch_size=4, seed=7, block=2, window=8)
    assert batches(order) == ORDER_OF_SEVEN


ORDER_OF_SEVEN = [[8, 9, 1, 5], [4, 7, 0, 6], [11, 10, 2, 3]]
