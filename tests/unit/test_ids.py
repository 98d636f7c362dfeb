"""Ids sort by their times, and are unique within them."""

import secrets
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from steppe.ids import LENGTH, first_id, new_id, time_of

TIMES = st.floats(0, 2**54 / 1e6, exclude_max=True)
BITS = st.integers(0, 2**74 - 1)


@given(TIMES, TIMES, BITS, BITS)
def test_ids_sort_as_their_times_do_to_the_microsecond(one, other, bits, other_bits):
    first, second = new_id(one, lambda _: bits), new_id(other, lambda _: other_bits)
    if round(one * 1e6) != round(other * 1e6):
        assert (first < second) == (one < other)
    assert len(first) == LENGTH
    assert set(first) <= set("0123456789abcdefghijklmnopqrstuv")


@given(TIMES, BITS)
def test_the_first_id_of_a_time_bounds_all_of_that_time(now, bits):
    assert first_id(now) <= new_id(now, lambda _: bits)
    later = now + 0.01
    if later * 1e6 < 2**54 - 1:
        assert new_id(now, lambda _: bits) < first_id(later)


def test_ids_of_one_moment_differ():
    many = {new_id(1.7e9, secrets.randbits) for _ in range(10_000)}
    assert len(many) == 10_000


def test_the_random_bits_asked_for_are_those_that_fit():
    asked = []
    new_id(1.0, lambda bits: asked.append(bits) or 2**bits - 1)
    assert asked == [74]
    assert new_id(1.0, lambda bits: 2**bits - 1) < first_id(1.000001)


def test_an_id_is_the_same_for_the_same_time_and_bits():
    assert new_id(1_700_000_000.123456, lambda _: 0) == "30k90o40h40000000000000000"
    assert all(one < other for one, other in pairwise(first_id(second) for second in range(100)))


@given(TIMES, BITS)
def test_an_id_tells_its_time(now, bits):
    assert abs(time_of(new_id(now, lambda _: bits)) - now) < 1e-5


def test_times_that_no_clock_tells_have_the_first_or_the_last_id():
    assert first_id(float("nan")) == first_id(-1e308) == first_id(0)
    assert first_id(float("inf")) == first_id(1.7976931348623157e308) == first_id(2.0**60)
