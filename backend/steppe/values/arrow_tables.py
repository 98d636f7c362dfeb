"""pyarrow: tables and arrays by their logical content, however they are chunked, sliced or padded."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from steppe.values.walk import Encoder, Walk


def _put_table(walk: Walk, value: Any) -> None:
    walk.out += b"Q"
    walk.tag(type(value).__name__)
    walk.put(_metadata(value.schema))
    for field, column in zip(value.schema, value.columns, strict=True):
        start = len(walk.out)
        walk.tag(field.name)
        walk.put(field.nullable)
        walk.put(_metadata(field))
        put_chunked(walk, column)
        if walk.depth == 1:
            walk.detail(field.name, start)


def _metadata(owner: Any) -> tuple[Any, ...] | None:
    return None if owner.metadata is None else tuple(owner.metadata.items())


def whole(value: Any) -> Any:
    """Return the chunks of an array as one; a single chunk as it is, since pyarrow would copy it."""
    return value.chunk(0) if value.num_chunks == 1 else value.combine_chunks()


def put_chunked(walk: Walk, value: Any) -> None:
    """Write a (chunked) array: type, length, validity, content."""
    array = whole(value) if isinstance(value, pa.ChunkedArray) else value
    if isinstance(array, pa.ChunkedArray):  # of no chunks, or too long for one: pyarrow keeps it chunked
        walk.out += b"%d*" % array.num_chunks
        for chunk in array.chunks:
            put_array(walk, chunk)
        walk.tag(str(array.type))
        return
    put_array(walk, array)


def put_array(walk: Walk, array: Any) -> None:
    """Write an array: slices, padding and what lies under nulls do not count."""
    walk.out += b"a%d:%d:" % (len(array), array.null_count)
    walk.tag(str(array.type))
    if array.null_count:
        _put_bits(walk, array.is_valid())
    _put_values(walk, array)


def _put_values(walk: Walk, array: Any) -> None:
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        put_array(walk, array.storage)
    elif pa.types.is_dictionary(kind):
        walk.put(kind.ordered)
        put_array(walk, array.indices)
        put_array(walk, array.dictionary)
    elif pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            walk.tag(kind.field(i).name)
            put_array(walk, pc.struct_field(array, [i]))
    elif pa.types.is_boolean(kind):
        _put_bits(walk, pc.fill_null(array, fill_value=False) if array.null_count else array)
    elif pa.types.is_null(kind):
        return
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind):
        put_array(walk, pc.list_value_length(array) if not pa.types.is_map(kind) else _map_lengths(array))
        put_array(walk, array.flatten() if not pa.types.is_map(kind) else array.items)
        if pa.types.is_map(kind):
            put_array(walk, array.keys)
    elif _is_bytes(kind):
        _put_strings(walk, array)
    elif pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_fixed_size_binary(kind):
        _put_fixed(walk, array)
    else:  # unions, views, run-ends: rare enough for Python objects
        walk.put(array.to_pylist())


def _is_bytes(kind: Any) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _map_lengths(array: Any) -> Any:
    return pc.subtract(array.offsets.slice(1), array.offsets.slice(0, len(array)))


def _put_fixed(walk: Walk, array: Any) -> None:
    if array.null_count:
        zero = pa.scalar(0, pa.int64()).cast(array.type) if not _opaque(array.type) else None
        array = pc.fill_null(array, zero) if zero is not None else pa.array(array.to_pylist(), array.type)
    width = array.type.bit_width // 8
    data = array.buffers()[1]
    begin = array.offset * width
    view = memoryview(b"") if data is None else memoryview(data)[begin : begin + len(array) * width]
    walk.buffer(array, view) if array.offset == 0 else walk.bytes(view)


def _opaque(kind: Any) -> bool:
    return bool(pa.types.is_fixed_size_binary(kind) or pa.types.is_decimal(kind) or pa.types.is_interval(kind))


def _put_strings(walk: Walk, array: Any) -> None:
    """Write strings as their lengths and their joined bytes."""
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(b"" if "binary" in str(array.type) else "", array.type))
    _, offsets, data = array.buffers()
    width = 8 if "large" in str(array.type) else 4
    code: Any = "q" if width == 8 else "i"
    if len(array) == 0 or offsets is None:
        return
    marks = memoryview(offsets).cast("B")[array.offset * width : (array.offset + len(array) + 1) * width].cast(code)
    first, last = marks[0], marks[-1]
    if first == 0:
        walk.bytes(marks.cast("B"))
    else:
        import numpy as np

        walk.bytes(memoryview(np.frombuffer(marks, dtype=f"i{width}") - first).cast("B"))
    walk.bytes(memoryview(data)[first:last] if data is not None else b"")


def _put_bits(walk: Walk, array: Any) -> None:
    """Write booleans as bytes of bits, begun at the first."""
    whole = pa.concat_arrays([array]) if array.offset == 0 else pc.and_(array, array)
    data = memoryview(whole.buffers()[1]) if len(array) else memoryview(b"")
    full, rest = divmod(len(array), 8)
    walk.bytes(bytes(data[:full]) + (bytes([data[full] & ((1 << rest) - 1)]) if rest else b""))


def _put_chunked(walk: Walk, value: Any) -> None:
    walk.out += b"h"
    put_chunked(walk, value)


def _put_array(walk: Walk, value: Any) -> None:
    walk.out += b"j"
    put_array(walk, value)


table: tuple[Encoder, bool] = (_put_table, False)
chunked: tuple[Encoder, bool] = (_put_chunked, False)
array: tuple[Encoder, bool] = (_put_array, False)
