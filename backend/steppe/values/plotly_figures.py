"""Plotly: a figure is its class and its properties, in no order: plotly changes it when it reads them."""

from __future__ import annotations

from typing import Any

from steppe.values.walk import Encoder, Walk


def _put_figure(walk: Walk, value: Any) -> None:
    properties = _unordered(value.__reduce__()[1][0])
    walk.kept.append(properties)
    walk.out += b"O"
    walk.put(type(value))
    first = len(walk.root.nodes)
    walk.put(properties)
    walk.root.fresh.update(range(first, len(walk.root.nodes)))


def _unordered(value: Any) -> Any:
    """Return a property without containers that have an identity: a dict as its pairs by name."""
    if isinstance(value, dict):
        return "dict", tuple((name, _unordered(value[name])) for name in sorted(value, key=str))
    if isinstance(value, list | tuple):
        return type(value).__name__, tuple(map(_unordered, value))
    return value


figure: tuple[Encoder, bool] = (_put_figure, True)
