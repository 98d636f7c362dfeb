"""Matplotlib: what its objects keep for their own use, and differs between processes, is left out."""

from __future__ import annotations

from typing import Any

from steppe.values.reduced import put_object, put_state_of
from steppe.values.walk import Encoder, Walk


def _put_transform(walk: Walk, value: Any) -> None:
    """Write a transform without its table of parents, which is keyed by addresses and made anew from the children."""
    put_state_of(walk, value, leave_out=("_parents",))


def _put_callbacks(walk: Walk, value: Any) -> None:
    """Write a registry of callbacks by its class: it keeps weak references, and pickle drops nearly all of it."""
    del value
    walk.out += b"="


transform: tuple[Encoder, bool] = (_put_transform, True)
callbacks: tuple[Encoder, bool] = (_put_callbacks, True)

__all__ = ["callbacks", "put_object", "transform"]
