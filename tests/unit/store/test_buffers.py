"""Chunks of any shape as flat bytes."""

from hypothesis import given
from hypothesis import strategies as st

from steppe.store.buffers import copied, cut, flat, flat_views


def test_flat_bytes_are_not_copied():
    held = bytearray(b"abc")
    flat(held)[0] = ord("x")
    flat(memoryview(held).cast("c"))[1] = ord("y")
    assert held == b"xyc"


@given(st.lists(st.binary(max_size=40)), st.integers(1, 32))
def test_copying_changes_no_byte_and_fills_each_buffer(chunks, size):
    pieces = [bytes(piece) for piece in copied(flat_views(chunks), lambda: memoryview(bytearray(size)))]
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert b"" not in pieces


@given(st.binary(max_size=50), st.integers(1, 60))
def test_cutting_changes_no_byte(data, size):
    parts = list(cut(memoryview(data), size))
    assert b"".join(parts) == data
    assert all(part.nbytes <= size for part in parts)
