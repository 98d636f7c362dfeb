"""Functions that pickles of ours call to make Matplotlib's objects again. Their names are in stored bytes: they stay.

The functions `write_…` do the same to objects that live.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TRIED: dict[int, tuple[Any, dict[str, Any]]] = {}
"""Axes that were made to be looked at only, by identity, and with whom they say that they share theirs."""

_trials: list[bool] = []

GROUPS: dict[str, Callable[[], Any]] = {"_shared_axes": dict, "_twinned_axes": lambda: None}
"""What Matplotlib itself keeps of all axes that live: with whom each shares its axes. By name, what stands for none."""


def transform(made: Any, kept: tuple[dict[str, Any], list[str]]) -> None:
    """Give a transform what it held, and have its children tell it when they change. It will compute anew."""
    state, told = kept
    parents = vars(made).get("_parents", {})  # it may be part of what it is made of: then a parent came before
    vars(made).update(state)
    made._parents = parents  # noqa: SLF001  # as in its own `__setstate__`
    made._invalid = _full()  # noqa: SLF001  # likewise
    made._inverted = None  # noqa: SLF001  # likewise
    children = [] if _trials else [state[name] for name in told]  # those that live must not tell what is only looked at
    for child in children:
        vars(child).setdefault("_parents", {})
    made.set_children(*children)


def _full() -> int:
    from matplotlib.transforms import TransformNode

    return int(getattr(TransformNode, "_INVALID_FULL", 3))


def write_transform(target: Any, kept: tuple[dict[str, Any], list[str]]) -> None:
    """Give a transform that lives what it is to hold, and tell those that depend on it."""
    for item in vars(target).values():
        parents = getattr(item, "_parents", None)
        if isinstance(parents, dict):
            parents.pop(id(target), None)
    own = vars(target).get("_parents", {})
    vars(target).clear()
    vars(target)["_parents"] = own
    transform(target, kept)
    target._invalid = 0  # noqa: SLF001  # else it would not tell its parents
    target._invalidate_internal(_full(), target)  # noqa: SLF001  # `invalidate` may tell of a change of the affine part alone


def artist(made: Any, kept: tuple[dict[str, Any], Any, Any]) -> None:
    """Give an artist what it held; a figure gets a canvas and a manager as it had."""
    state, told, canvas = kept
    _restore(made, state)
    if canvas is not None:
        _give_canvas(made, canvas[1])
    made.stale_callback = told


@contextmanager
def trial() -> Iterator[None]:
    """Let axes that are made meanwhile not share theirs with those that live: they will be thrown away."""
    _trials.append(True)
    try:
        yield
    finally:
        _trials.pop()
        if not _trials:
            TRIED.clear()


def _restore(made: Any, state: dict[str, Any]) -> None:
    restore = getattr(made, "__setstate__", None)
    if _trials and state.keys() >= GROUPS.keys():
        TRIED[id(made)] = made, {name: state[name] for name in GROUPS}
        state.update({name: none() for name, none in GROUPS.items()})
    if restore is None:
        vars(made).update(state)
    else:
        restore(state)


def _give_canvas(figure: Any, number: int | None) -> None:
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from steppe.values.matplotlib_state import following

    registry = figure._canvas_callbacks  # noqa: SLF001  # the canvas' own
    free = following(registry)
    canvas = FigureCanvasAgg(figure)
    if number is not None:
        FigureManagerBase(canvas, number)
        registry._cid_gen = itertools.count(max(free, following(registry)))  # noqa: SLF001  # no id is given twice


def write_artist(target: Any, kept: tuple[dict[str, Any], Any, Any]) -> None:
    """Give an artist that lives what it is to hold; a figure keeps its canvas."""
    state, told, _ = kept
    canvas = vars(target).get("canvas")
    target.stale_callback = None
    vars(target).clear()
    _restore(target, state)
    if canvas is not None:
        vars(target)["canvas"] = canvas
    target.stale_callback = told


def callbacks(made: Any, kept: tuple[dict[str, Any], list[Any], int]) -> None:
    """Give a registry of callbacks what it held."""
    attributes, found, following = kept
    by_signal: dict[Any, dict[int, Any]] = {}
    for signal, cid, function, _ in found:
        by_signal.setdefault(signal, {})[cid] = function
    pickled = {cid for _, cid, _, pickled in found if pickled}
    empty = {"_func_cid_map": None, "_cid_gen": following, "_pickled_cids": pickled}
    made.__setstate__({**attributes, **empty, "callbacks": by_signal})


def write_callbacks(target: Any, kept: tuple[dict[str, Any], list[Any], int]) -> None:
    """Connect and disconnect callbacks of a registry that lives, until it has those that it is to have."""
    from steppe.values.matplotlib_state import connected

    _, found, following = kept
    for _, cid, _, _ in connected(target):
        target.disconnect(cid)
    for signal, cid, function, pickled in sorted(found, key=lambda each: each[1]):
        target._cid_gen = itertools.count(cid)  # noqa: SLF001  # the id may be what the user keeps of it
        target.connect(signal, function)
        if pickled:
            target._pickled_cids.add(cid)  # noqa: SLF001  # as its own `_connect_picklable`
    target._cid_gen = itertools.count(following)  # noqa: SLF001  # likewise
