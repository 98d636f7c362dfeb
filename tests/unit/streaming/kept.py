"""Values kept in a store as steps keep them, and streams of them with sizes of a test's own."""

import types

from steppe.streaming.batches import ordered
from steppe.streaming.opened import _of_part
from steppe.streaming.order import Order
from steppe.streaming.stream import Stream
from steppe.types import Part
from steppe.values import format_arrow, numpy_arrays


def array_part(store, array):
    head, data = numpy_arrays.file_of(array)
    return Part(names=("array",), format="npy", blob=store.put([head, data]), size=len(head) + len(data))


def frame_part(store, frame):
    part = format_arrow.store("frame", types.SimpleNamespace(value=frame), store.put)
    assert part is not None, "it is not kept as an Arrow file"
    return part


def rows_of_part(part, store):
    return _of_part(part, store)


def stream_of(
    rows,
    batch_size,
    *,
    seed=None,
    shard=(0, 1),
    drop_last=False,
    epochs=1,
    form=None,
    block=None,
    window=None,
    prefetch=1 << 24,
):
    order = ordered(rows, batch_size, shard, seed, drop_last=drop_last)
    order = Order(
        rows=order.rows,
        batch_size=batch_size,
        shard=shard,
        seed=seed,
        drop_last=drop_last,
        block=block or order.block,
        window=(window or order.window // batch_size) * batch_size,
    )
    return Stream(
        rows, order, name="value", version="b3:0", form=form or rows.form, prefetch=float(prefetch), epochs=epochs
    )
