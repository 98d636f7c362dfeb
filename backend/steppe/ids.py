"""Unique ids that sort by the time at which they were made. Knows nothing of what they name."""

from __future__ import annotations

from base64 import b32hexdecode
from collections.abc import Callable

LENGTH = 26
_RANDOM_BITS = 74
_LAST_MICROSECOND = 2**54 - 1
_LETTERS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_SHIFTS = range(120, -1, -10)


def new_id(now: float, random: Callable[[int], int]) -> str:
    """Return a new id of 26 characters `0-9a-v`: 54 bits of time, then 74 random ones.

    Ids compare as text in the order of their times, to the microsecond (good until the year 2540); ids of one
    microsecond are in no particular order.

    Args:
        now: seconds since 1970.
        random: gives a non-negative integer of as many random bits as it is asked for, like `secrets.randbits`.
    """
    return _text(_microseconds(now) << _RANDOM_BITS | random(_RANDOM_BITS))


def first_id(now: float) -> str:
    """Return the least id that `new_id` could make at `now`: a bound for a search by time."""
    return _text(_microseconds(now) << _RANDOM_BITS)


def time_of(made: str) -> float:
    """Return when an id was made, in seconds since 1970.

    Raises:
        ValueError: it is no id of ours.
    """
    if len(made) != LENGTH:
        raise ValueError(made)
    return (int.from_bytes(b32hexdecode(f"{made.upper()}======"), "big") >> _RANDOM_BITS) / 1e6


def _microseconds(now: float) -> int:
    if not now > 0:  # also where it is no number
        return 0
    return round(min(now * 1e6, _LAST_MICROSECOND))


def _text(number: int) -> str:
    number <<= 2  # 26 characters hold two bits more than there are
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
