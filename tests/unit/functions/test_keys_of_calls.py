"""The key of a call: however arguments are passed it is one, and no two values share it."""

import math

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import steppe
from steppe.functions.call import Call

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)

QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@steppe.step
def work(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, more


def key(session, *args, **kwargs):
    arguments = work.signature.bind("work", args, kwargs)
    call = Call(work, work.told, arguments, session, None)
    call._look()
    assert call.step.key is not None, call.step.why
    return call.step.key


def same(one, other):
    """Tell whether two values are one, types and signs included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return one == other


@QUICKLY
@given(a=VALUES, b=VALUES, c=VALUES)
def test_by_position_by_name_or_by_default_it_is_one_key(session, a, b, c):
    assert key(session, a, b, c=c) == key(session, b=b, c=c, a=a) == key(session, a, c=c, b=b)
    assert key(session, a) == key(session, a, 2, c=3) == key(session, a=a, c=3)


@QUICKLY
@given(one=VALUES, other=VALUES)
def test_values_that_differ_never_share_a_key(session, one, other):
    assume(not same(one, other))
    assert key(session, one) != key(session, other)
    assert key(session, 0, c=one) != key(session, 0, c=other)
    assert key(session, 0, z=one) != key(session, 0, z=other)


@QUICKLY
@given(value=VALUES)
def test_a_value_under_another_parameter_is_another_key(session, value):
    assume(not same(value, 2) and not same(value, 3))
    keys = [
        key(session, 0, value),
        key(session, 0, c=value),
        key(session, 0, 2, value),
        key(session, 0, 2, [value]),
        key(session, 0, z=value),
        key(session, 0, y=value),
    ]
    assert len(set(keys)) == len(keys)


def test_how_arguments_share_parts_is_in_the_key(session):
    shared = [1]
    assert key(session, shared, shared) != key(session, [1], [1])
