"""JSON, for plain data that comes back exactly: dicts with text keys, lists, text, numbers, booleans, None."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

from steppe.types import Buffer, Digest, Part
from steppe.values.walk import Root

LONGEST = 1 << 20
"""Larger trees are pickled, which is faster."""


def store(name: str, root: Root, put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store plain data, or return None where JSON would not give it back as it is."""
    if root.refs or len(root.stream) > LONGEST:
        return None
    try:
        if not _exact(root.value):
            return None
        data = json.dumps(root.value, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError:  # nested too deeply for JSON; the pickler says so itself where it is for it, too
        return None
    if len(data) <= 1 << 14:
        return Part(names=(name,), format="json", inline=data, size=len(data))
    return Part(names=(name,), format="json", blob=put([data]), size=len(data))


def load(part: Part, view: memoryview) -> Any:
    """Read plain data back."""
    del part
    return json.loads(bytes(view))


def _exact(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _sound(key) for key in value) and all(map(_exact, value.values()))
    if kind is list:
        return all(map(_exact, value))
    if kind is float:
        return math.isfinite(value)
    if kind is str:
        return _sound(value)
    return value is None or kind is bool or (kind is int and abs(value) < 1 << 63)


def _sound(text: str) -> bool:
    """Tell whether text can be written as UTF-8: a lone surrogate can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
