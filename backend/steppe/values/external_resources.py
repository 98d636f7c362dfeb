"""External resources: known by what their class says identifies them, and never by where they happen to be."""

from __future__ import annotations

from typing import Any

from steppe.values.walk import Encoder, Walk, refuse


def _put_resource(walk: Walk, value: Any) -> None:
    """Write a resource: its class, with all its code, and its identity."""
    identity = value.identity()
    if identity is None:
        raise refuse(value, "nothing says what identifies it: give its class a method `identity()`")
    walk.out += b"E"
    walk.put(type(value))
    start = len(walk.out)
    walk.put(identity)
    walk.detail(".identity()", start)


resource: tuple[Encoder, bool] = (_put_resource, True)
"""The encoder, and that which of two equal ones it is does make a difference."""
