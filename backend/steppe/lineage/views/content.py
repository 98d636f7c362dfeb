"""What is drawn of a value that is no table: a tree, a text, a MIME bundle, a model's summary."""

from __future__ import annotations

import base64
import json
import math
from itertools import islice
from typing import Any

from steppe.lineage.views.cells import cell
from steppe.lineage.views.pictures import picture
from steppe.lineage.views.source import Source, Unreadable
from steppe.lineage.views.tables import opened_array
from steppe.types import Struct

LARGEST = 8 << 20
"""Bytes of JSON that are read."""
TEXT = 500_000
"""Characters of a text that are told."""
DEEP, WIDE, NODES = 12, 200, 6000
"""Levels of a tree, children of a node, nodes in all."""

ALLOWED = frozenset(
    {
        "application/vnd.plotly.v1+json",
        "image/png",
        "image/jpeg",
        "image/svg+xml",
        "text/html",
        "text/plain",
        "text/markdown",
    }
    | {"text/latex", "application/json"}
)


class Content(Struct, frozen=True, kw_only=True):
    """What is drawn.

    Attributes:
        data: a MIME bundle, or empty.
        tree: a node: `{"type", "items": [[name, node], …], "more"}`, or a leaf: `[type, text]`; or None.
        text: a text.
        facts: names and values of a model or an array.
        parameters: of a model.
        parts: of a model: its layers or steps.
        more: whether only the beginning is told.
    """

    data: dict[str, Any] = {}
    tree: Any = None
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    more: bool = False


def content(source: Source, kind: str) -> Content:
    """Return what is drawn of a value.

    Args:
        source: its bytes, or its note's.
        kind: how it is shown.

    Raises:
        Unreadable: they are not what they should be.
    """
    if source.format == "npy":
        return of_array(source)
    try:
        found = json.loads(source.read(LARGEST))
    except (ValueError, RecursionError) as error:
        raise Unreadable("its bytes are no JSON: `steppe doctor` checks the store.") from error
    try:
        if source.format == "json":
            return _text(found) if isinstance(found, str) else _plain(found)
        return _noted(json.loads(found) if isinstance(found, str) else found, kind)
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable("what was noted about it is damaged: `steppe doctor` checks the store.") from error


def of_bundle(data: dict[str, Any]) -> Content:
    """Return what a cell showed of a value."""
    return Content(data=bundle(data))


def of_array(source: Source) -> Content:
    """Return an array as a picture, where it can be one, and its shape."""
    array = opened_array(source)
    facts = [("shape", " × ".join(f"{length:,}" for length in array.shape) or "scalar")]  # noqa: RUF001
    facts += [("type", str(array.dtype)), ("bytes", f"{array.nbytes:,}")]
    facts += [("order", "columns")] if array.flags.f_contiguous and not array.flags.c_contiguous else []
    drawn = picture(array)
    data = {"image/png": base64.b64encode(drawn[0]).decode()} if drawn is not None else {}
    return Content(data=data, text=drawn[1] if drawn is not None else "", facts=tuple(facts))


def _text(text: str) -> Content:
    return Content(text=text[:TEXT], more=len(text) > TEXT)


def bundle(data: dict[str, Any]) -> dict[str, Any]:
    """Return what may be drawn of a MIME bundle: known types of a bounded size."""
    sizes = ((kind, item) for kind, item in data.items() if kind in ALLOWED)
    return {kind: item for kind, item in sizes if len(item if isinstance(item, str) else json.dumps(item)) <= LARGEST}


def _plain(found: Any) -> Content:
    left = [NODES]
    tree = _node(found, DEEP, left)
    return Content(tree=tree, more=left[0] <= 0)


def _node(value: Any, deep: int, left: list[int]) -> Any:
    left[0] -= 1
    kind = type(value).__name__
    if not isinstance(value, dict | list):
        return [kind, "None" if value is None else str(cell(value))]
    if deep == 0 or left[0] <= 0:
        return [kind, f"{kind} of {len(value):,}"]
    pairs = value.items() if isinstance(value, dict) else ((str(at), item) for at, item in enumerate(value))
    items = [[name[:500], _node(item, deep - 1, left)] for name, item in islice(pairs, WIDE) if left[0] > 0]
    return {"type": kind, "items": items, "more": len(value) - len(items)}


def _noted(found: Any, kind: str) -> Content:
    if kind in ("figure", "image"):
        return Content(data=bundle(found))
    if kind == "model":
        pairs = {name: tuple((str(a), str(b)) for a, b in found[name]) for name in ("facts", "parameters", "parts")}
        return Content(
            text=str(found["type"]), facts=pairs["facts"], parameters=pairs["parameters"], parts=pairs["parts"]
        )
    left = [NODES]
    return Content(tree=_checked(found, 64, left))


def _checked(node: Any, deep: int, left: list[int]) -> Any:
    left[0] -= 1
    if deep == 0 or left[0] < 0:
        raise Unreadable("what was noted about it is damaged: it is nested too deeply.")
    if isinstance(node, list):
        kind, text = node
        return [str(kind), str(text)]
    items = [[str(name), _checked(item, deep - 1, left)] for name, item in node["items"]]
    more = node["more"]
    return {"type": str(node["type"]), "items": items, "more": int(more) if math.isfinite(more) else 0}
