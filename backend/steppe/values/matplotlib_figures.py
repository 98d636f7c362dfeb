"""Matplotlib: what its objects keep for their own use, and differs between processes, is left out."""

from __future__ import annotations

from typing import Any

from steppe.values.reduced import put_object, put_state_of
from steppe.values.walk import Encoder, Walk


def _put_transform(walk: Walk, value: Any) -> None:
    """Write a transform without its table of parents, which is keyed by addresses, and what it has computed so far.

    Both are made anew from the children.
    """
    put_state_of(walk, value, leave_out=("_parents", "_invalid", "_inverted"))


def _put_artist(walk: Walk, value: Any) -> None:
    """Write an artist without the note whether it was drawn since its last change: what comes back never was."""
    kind: Any = type(value)
    if kind.__reduce_ex__ is not object.__reduce_ex__ or kind.__reduce__ is not object.__reduce__:
        put_object(walk, value)
        return
    put_state_of(walk, value, leave_out=("_stale",))


def _put_callbacks(walk: Walk, value: Any) -> None:
    """Write a registry of callbacks by its class: it keeps weak references, and pickle drops nearly all of it."""
    del value
    walk.out += b"="


artist: tuple[Encoder, bool] = (_put_artist, True)
transform: tuple[Encoder, bool] = (_put_transform, True)
callbacks: tuple[Encoder, bool] = (_put_callbacks, True)

__all__ = ["artist", "callbacks", "transform"]
