"""What is noted about a value that has no open format, so that it can be shown without loading it: a text of JSON.

Made when the value is kept, from libraries' own attributes alone; the value stays as it is, and the note shares nothing
with it. A note is small, and where it can't be made there is none: showing is never worth an error.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Literal

from steppe.types import Part
from steppe.values.kinds import full_name, module_of
from steppe.values.preview import preview
from steppe.values.walk import Put

Kind = Literal["table", "figure", "image", "model", "tree"]
KINDS: tuple[Kind, ...] = ("table", "figure", "image", "model", "tree")

LARGEST = 1 << 18
"""Characters of a note, but for figures."""
LARGEST_FIGURE = 1 << 22
LARGEST_VALUE = 1 << 28
"""Bytes of a value's Part; what is larger has no note."""
INLINE = 1 << 11
"""Bytes of a note that travel inside the result."""
ROWS, COLUMNS = 500, 60
"""Of a table; the rest of it is only counted."""
PIXELS = 20_000_000
DEEP, WIDE, LONG = 6, 100, 500
"""Levels of a tree, children of one node, characters of a text."""

IMMUTABLE = (str, int, float, bool, type(None))


def note_name(kind: Kind, name: str) -> str:
    """Return the name under which a result holds the note about a variable."""
    return f"view:{kind}:{name}"


def is_note(name: str) -> bool:
    """Tell whether a name in a result is a note's."""
    return name.startswith("view:")


def notes(values: Mapping[str, Any], parts: Iterable[Part], put: Put) -> list[Part]:
    """Note what can be shown of values that were kept as pickles.

    Args:
        values: by name.
        parts: what holds them.
        put: stores bytes.
    """
    found = []
    for part in parts:
        if part.format != "pickle" or part.size > LARGEST_VALUE:
            continue
        for name in part.names:
            noted = note_of(values[name]) if name in values else None
            if noted is not None:
                data = noted[1].encode()
                inline = data if len(data) <= INLINE else None
                blob = put([data]) if inline is None else None
                names = (note_name(noted[0], name),)
                found.append(Part(names=names, format="json", inline=inline, blob=blob, size=len(data)))
    return found


def note_of(value: Any) -> tuple[Kind, str] | None:
    """Return what is noted about a value, and as what it is shown; None for what needs no note."""
    found = _maker(value)
    if found is None:
        return None
    kind, make = found
    try:
        text = json.dumps(make(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except Exception:  # a value of a library that has changed its ways: it is shown by its preview
        return None
    return (kind, text) if len(text) <= (LARGEST_FIGURE if kind in ("figure", "image") else LARGEST) else None


def _maker(value: Any) -> tuple[Kind, Callable[[Any], Any]] | None:
    kind = type(value)
    if kind in IMMUTABLE or kind is bytes:
        return None
    if kind in (list, dict, tuple, set, frozenset):
        return ("tree", tree) if value else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return "tree", tree
    libraries = {module_of(cls).partition(".")[0]: cls for cls in reversed(kind.__mro__)}
    own = libraries.keys()
    if "pandas" in own and kind.__name__ in ("DataFrame", "Series"):
        return "table", _pandas
    if "polars" in own and kind.__name__ in ("DataFrame", "Series"):
        return "table", _polars
    if "plotly" in own and hasattr(value, "to_plotly_json"):
        return "figure", _plotly
    if "PIL" in own and hasattr(value, "thumbnail"):
        return "image", _image
    if "torch" in own and hasattr(value, "named_modules"):
        return "model", _module
    if "sklearn" in own and hasattr(value, "get_params"):
        return "model", _estimator
    if "onnx" in own and kind.__name__ == "ModelProto":
        return "model", _onnx
    return None


def tree(value: Any) -> Any:
    """Return plain data, dataclasses and what they hold as a tree of `[type, text]` leaves and `{"type", "items"}`."""
    return _node(value, DEEP, [5000])


def _node(value: Any, deep: int, left: list[int]) -> Any:
    left[0] -= 1
    kind = type(value)
    children: Iterable[tuple[str, Any]] | None = None
    count = 0
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = getattr(value, "__dict__", {})
        fields = [field.name for field in dataclasses.fields(value) if field.name in held]
        children, count = ((name, held[name]) for name in fields), len(fields)
    elif kind is dict:
        children, count = ((_leaf(key)[1], item) for key, item in value.items()), len(value)
    elif kind in (list, tuple) or (kind.__base__ is tuple and hasattr(value, "_fields")):
        names = getattr(value, "_fields", None) or map(str, range(len(value)))
        children, count = zip(names, tuple.__iter__(value) if kind is not list else value, strict=False), len(value)
    elif kind in (set, frozenset):
        some = value if len(value) > WIDE else sorted(value, key=lambda item: (full_name(type(item)), preview(item)))
        children, count = (("", item) for item in some), len(value)
    if children is None or deep == 0 or left[0] <= 0:
        return _leaf(value)
    items = [[name[:LONG], _node(item, deep - 1, left)] for name, item in islice(children, WIDE) if left[0] > 0]
    return {"type": full_name(kind), "items": items, "more": count - len(items)}


def _leaf(value: Any) -> list[str]:
    kind = type(value)
    text = value[:LONG] if kind is str else preview(value)
    return [full_name(kind), text]


def _cell(value: Any) -> Any:
    if value is None or type(value) in (bool, str):
        return value[:LONG] if type(value) is str else value
    if type(value) is int:
        return value if abs(value) <= 2**53 else str(value)
    if type(value) is float:
        return value if math.isfinite(value) else str(value)
    kind = type(value)
    if module_of(kind).partition(".")[0] in ("numpy", "pandas", "datetime", "decimal", "uuid", "pathlib"):
        return None if kind.__name__ in ("NaTType", "NAType") else str(value)[:LONG]
    return preview(value)


def _pandas(value: Any) -> dict[str, Any]:
    pandas = sys.modules["pandas"]
    if value.ndim == 1:
        columns = [(str(value.name if value.name is not None else "value"), value)]
    else:
        columns = [(str(name), value.iloc[:, at]) for at, name in zip(range(COLUMNS), value.columns, strict=False)]
    index = value.index
    if type(index).__name__ != "RangeIndex":
        columns = [(str(index.name if index.name is not None else "index"), index), *columns]
    found = {
        "columns": [{"name": name, "type": str(column.dtype)} for name, column in columns],
        "rows": [],
        "total": len(value),
    }
    shown = [_pandas_cells(pandas.Series(column[:ROWS])) for _, column in columns]
    found["rows"] = [list(row) for row in zip(*shown, strict=True)]
    return found


def _pandas_cells(column: Any) -> list[Any]:
    values = [_cell(item) for item in column.astype(object).tolist()]
    if column.dtype.kind == "f":
        return values
    return [None if missing else value for value, missing in zip(values, column.isna().tolist(), strict=True)]


def _polars(value: Any) -> dict[str, Any]:
    columns = [value] if len(value.shape) == 1 else value.get_columns()[:COLUMNS]
    shown = [[_cell(item) for item in column.head(ROWS).to_list()] for column in columns]
    return {
        "columns": [{"name": column.name, "type": str(column.dtype)} for column in columns],
        "rows": [list(row) for row in zip(*shown, strict=True)],
        "total": value.shape[0],
    }


def _plotly(value: Any) -> dict[str, Any]:
    found = json.loads(value.to_json(validate=False))
    return {"application/vnd.plotly.v1+json": found, "text/plain": preview(value)}


def _image(value: Any) -> dict[str, Any]:
    if value.width * value.height > PIXELS:
        raise ValueError("too large to be thinned in passing")
    copy = value.copy()
    copy.thumbnail((1024, 1024))
    if copy.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        copy = copy.convert("RGB")
    file = io.BytesIO()
    copy.save(file, "PNG")
    size = f"{value.width:,} × {value.height:,} {value.mode}"  # noqa: RUF001  # as people write it
    return {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": size}


def _facts(pairs: Mapping[str, Any]) -> list[list[str]]:
    return [[name[:LONG], _leaf(item)[1]] for name, item in islice(pairs.items(), WIDE)]


def _estimator(value: Any) -> dict[str, Any]:
    held = vars(value)
    steps = held.get("steps") or held.get("transformers") or ()
    parameters = {name: held[name] for name in type(value)._get_param_names() if name in held}  # noqa: SLF001
    learned = {name: item for name, item in held.items() if name.endswith("_") and not name.startswith("_")}
    classes = learned.get("classes_")
    if classes is not None and len(classes) <= WIDE:
        learned["classes_"] = ", ".join(str(_cell(item)) for item in classes.tolist())
    names = learned.get("feature_names_in_")
    if names is not None:
        learned["feature_names_in_"] = ", ".join(map(str, names[:WIDE]))
    return {
        "type": full_name(type(value)),
        "facts": _facts({name: learned[name] for name in sorted(learned)}),
        "parameters": _facts(parameters),
        "parts": [[str(step[0]), full_name(type(step[1]))] for step in steps if len(step) >= 2][:WIDE],
    }


def _module(value: Any) -> dict[str, Any]:
    count = sum(each.numel() for each in value.parameters())
    trained = sum(each.numel() for each in value.parameters() if each.requires_grad)
    parts = []
    for name, layer in islice(value.named_modules(), 1, 1 + WIDE):
        own = sum(each.numel() for each in layer._parameters.values() if each is not None)  # noqa: SLF001
        parts.append([name, f"{full_name(type(layer))} · {own:,} parameters" if own else full_name(type(layer))])
    dtypes = sorted({str(each.dtype) for each in value.parameters()})
    facts = {"parameters": f"{count:,}", "trained": f"{trained:,}", "types": ", ".join(dtypes)}
    return {
        "type": full_name(type(value)),
        "facts": _facts({**facts, "mode": "training" if value.training else "evaluation"}),
        "parameters": [],
        "parts": parts,
    }


def _onnx(value: Any) -> dict[str, Any]:
    graph = value.graph
    facts = {"producer": value.producer_name, "inputs": ", ".join(each.name for each in graph.input)}
    facts |= {"outputs": ", ".join(each.name for each in graph.output), "nodes": f"{len(graph.node):,}"}
    parts = [[each.name or str(at), each.op_type] for at, each in enumerate(graph.node[:WIDE])]
    return {"type": full_name(type(value)), "facts": _facts(facts), "parameters": [], "parts": parts}
