"""Matplotlib: what its objects keep for their own use, and differs between processes, is left out."""

from __future__ import annotations

from copyreg import __newobj__  # type: ignore[attr-defined]  # pickle knows it by this name
from typing import Any

from steppe.values import matplotlib_state as states
from steppe.values.reduced import put_object, put_state_of
from steppe.values.walk import Encoder, Walk


def _put_transform(walk: Walk, value: Any) -> None:
    """Write a transform without its table of parents, which is keyed by addresses, and what it has computed so far.

    Both are made anew from the children.
    """
    put_state_of(walk, value, leave_out=states.OWN)


def _put_artist(walk: Walk, value: Any) -> None:
    """Write an artist without the note whether it was drawn since its last change, and by what.

    A text that was drawn is the text that it was: a cell that shows a figure changes none.
    """
    made = states.artist_made(value)
    if made is None:
        put_object(walk, value)
        return
    state, *beside = states.artist_state(value)
    drawn_by = state.get(states.DRAWN_BY)
    own = ("_stale", states.DRAWN_BY) if drawn_by is None or drawn_by is states.drawn_by(value) else ("_stale",)
    put_state_of(walk, value, leave_out=own, state=state, make=None if made[0] is __newobj__ else made)
    walk.put(tuple(beside))


def _put_callbacks(walk: Walk, value: Any) -> None:
    """Write a registry of callbacks: those that come back with it."""
    walk.out += b"="
    for signal, cid, function, _ in states.connected(value):
        walk.put((signal, cid))
        walk.put(function)


artist: tuple[Encoder, bool] = (_put_artist, True)
transform: tuple[Encoder, bool] = (_put_transform, True)
callbacks: tuple[Encoder, bool] = (_put_callbacks, True)

__all__ = ["artist", "callbacks", "transform"]
