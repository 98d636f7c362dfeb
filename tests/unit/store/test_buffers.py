"""Chunks of any shape as flat bytes."""

from hypothesis import given
from hypothesis import strategies as st

from steppe.store.buffers import cut, flat, flat_views, gathered


def test_flat_bytes_are_not_copied():
    held = bytearray(b"abc")
    flat(held)[0] = ord("x")
    flat(memoryview(held).cast("c"))[1] = ord("y")
    assert held == b"xyc"


@given(st.lists(st.binary(max_size=40)), st.integers(4, 32))
def test_gathering_changes_no_byte_and_passes_large_chunks_through(chunks, size):
    gathers = [(bytes(piece), piece.nbytes) for piece in gathered(flat_views(chunks), size)]
    assert b"".join(data for data, _ in gathers) == b"".join(chunks)
    assert all(0 < length <= max(size, 40) for _, length in gathers)
    small = [data for data, length in gathers if length * 4 < size]
    assert len(small) <= 1 + sum(len(chunk) * 4 >= size for chunk in chunks)


@given(st.binary(max_size=50), st.integers(1, 60))
def test_cutting_changes_no_byte(data, size):
    parts = list(cut(memoryview(data), size))
    assert b"".join(parts) == data
    assert all(part.nbytes <= size for part in parts)
