"""Matplotlib: what its objects hold that pickle is not told of, and how they are stored and written back with it.

Who is told of changes: transforms know their parents weakly, registries their callbacks, artists whom they make stale,
figures their canvas. Matplotlib's own pickles leave that out, so that what comes back would no longer follow.
"""

from __future__ import annotations

import re
import types
from copyreg import __newobj__  # type: ignore[attr-defined]  # pickle knows it by this name
from functools import partial
from typing import Any

from steppe.values import rebuild_matplotlib as rebuild
from steppe.values.code import importable
from steppe.values.reduced import is_users, padded

OWN = ("_parents", "_invalid", "_inverted")
"""What a transform keeps for itself: made anew from its children."""

DRAWN_BY = "_renderer"
"""The attribute of a text that holds what has drawn it last: all texts of a figure share it."""

PLACES = ("callbacks", "_func_cid_map", "_cid_gen", "_pickled_cids")
"""The attributes of a registry that hold its callbacks."""

LIBRARIES = ("matplotlib.", "mpl_toolkits.", "networkx.", "seaborn.")


def reduced(value: Any) -> Any:
    """Return how an object of Matplotlib is made again, or None for one that pickle sees to."""
    from matplotlib.artist import Artist
    from matplotlib.cbook import CallbackRegistry
    from matplotlib.transforms import TransformNode

    kind: Any = type(value)
    if isinstance(value, Artist):
        made = artist_made(value)
        return made and (*made, artist_state(value), None, None, rebuild.artist)
    if kind.__reduce_ex__ is not object.__reduce_ex__ or kind.__reduce__ is not object.__reduce__:
        return None
    if isinstance(value, TransformNode) and is_plain_transform(kind):
        return __newobj__, (kind,), transform_state(value), None, None, rebuild.transform
    if kind is CallbackRegistry:
        return __newobj__, (kind,), registry_state(value), None, None, rebuild.callbacks
    return None


def artist_made(value: Any) -> tuple[Any, tuple[Any, ...]] | None:
    """Return what an artist is made with, before it gets its state; None for one that is made in a way of its own."""
    make, arguments, state, items, pairs, _ = padded(value.__reduce_ex__(5))
    if type(state) is not dict or items or pairs or not hasattr(value, "stale_callback"):
        return None
    return make, arguments


def is_plain_transform(kind: Any) -> bool:
    """Tell whether a kind of transform is stored as Matplotlib stores transforms."""
    from matplotlib.transforms import TransformNode

    plain: Any = TransformNode
    return bool((kind.__getstate__, kind.__setstate__) == (plain.__getstate__, plain.__setstate__))


def transform_state(value: Any) -> tuple[dict[str, Any], list[str]]:
    """Return what a transform holds, and the names of the attributes that tell it when they change."""
    from matplotlib.transforms import TransformNode

    state = {name: item for name, item in vars(value).items() if name not in OWN}
    told = [
        name for name, item in state.items() if isinstance(item, TransformNode) and id(value) in vars(item)["_parents"]
    ]
    return state, told


def artist_state(value: Any) -> tuple[dict[str, Any], Any, Any]:
    """Return what an artist tells pickle, whom it tells that it is stale, and a figure's canvas."""
    state = value.__getstate__()
    if drawn_by(value) is not None:
        state[DRAWN_BY] = drawn_by(value)
    state.update(rebuild.TRIED.get(id(value), (None, {}))[1])
    told = value.stale_callback
    name = getattr(told, "__qualname__", "")
    known = importable(told, getattr(told, "__module__", None), name) or is_users(told)
    return state, told if known else None, _canvas(value)


def drawn_by(value: Any) -> Any:
    """Return what has drawn a text, where it can come back: texts measure themselves by it."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Text

    renderer = vars(value).get(DRAWN_BY) if isinstance(value, Text) else None
    return renderer if type(renderer) is RendererAgg else None


def _canvas(value: Any) -> tuple[str, Any] | None:
    """Return the kind of a figure's canvas and the number of its manager, where they are those of no window."""
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = vars(value).get("canvas")
    if type(canvas) is not FigureCanvasAgg:
        return None
    return "agg", canvas.manager.num if type(canvas.manager) is FigureManagerBase else None


def connected(registry: Any) -> list[tuple[str, int, Any, bool]]:
    """Return the callbacks that come back with a registry: signal, id, function, and whether Matplotlib pickles it.

    Those of canvases, windows and toolbars are left out: whoever makes these connects them.
    """
    found = []
    for signal, proxies in registry.callbacks.items():
        for cid, proxy in proxies.items():
            function = proxy()
            pickled = cid in registry._pickled_cids  # noqa: SLF001  # nothing else tells
            if function is not None and (pickled or _belongs(function)):
                found.append((signal, cid, function, pickled))
    return found


def _belongs(function: Any) -> bool:
    """Tell whether a callback belongs to what is drawn, or to the user."""
    while isinstance(function, partial):
        function = function.func
    if not isinstance(function, types.MethodType):
        return is_users(function)
    kind = type(function.__self__)
    windows = f"{kind.__module__}.".startswith(("matplotlib.backend", "matplotlib_inline."))
    return is_users(function.__func__) or (f"{kind.__module__}.".startswith(LIBRARIES) and not windows)


def registry_state(registry: Any) -> tuple[dict[str, Any], list[Any], int]:
    """Return a registry's attributes, its callbacks, and the id that the next one will get."""
    attributes = {name: item for name, item in vars(registry).items() if name not in PLACES}
    return attributes, connected(registry), following(registry)


def following(registry: Any) -> int:
    """Return the id that a registry will give next, without taking it."""
    found = re.search(r"\d+", repr(registry._cid_gen))  # noqa: SLF001  # asking it for one would take that
    assert found is not None
    return int(found[0])
