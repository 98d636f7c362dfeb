"""Large arrays that stand alone: nothing else shows their memory, so they can be stored before all else is known."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from steppe.values.walk import Root

LARGE = 1 << 20
"""Bytes from which on it takes longer to store an array than to look for what shares its memory."""


def large_arrays(values: dict[str, Any]) -> list[str]:
    """Return the names of large plain arrays that share no memory with each other."""
    numpy = sys.modules.get("numpy")
    arrays = [name for name, value in values.items() if numpy is not None and type(value) is numpy.ndarray]
    large = [name for name in arrays if values[name].nbytes >= LARGE]
    if not large:
        return []
    from steppe.values.memory import extent

    spans = sorted((*extent(values[name]), name) for name in large)
    found, end = [], 0
    for place, (low, high, name) in enumerate(spans):
        if low >= end and (place + 1 == len(spans) or spans[place + 1][0] >= high):
            found.append(name)
        end = max(end, high)
    return found


def is_shown(array: Any, roots: Iterable[Root]) -> bool:
    """Tell whether any root that was walked shows memory of an array."""
    from steppe.values.memory import extent

    low, high = extent(array)
    return any(begin < high and low < end for root in roots for _, begin, end in root.extents)
