"""Open formats for values that stand alone: which there are, which fits a value, and how its bytes are read back.

A format's module has two functions: `store(root, put) -> Part | None` and `load(part, view)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from steppe.types import Buffer, Digest, Part
from steppe.values.changes import Place
from steppe.values.walk import ATOMS, Root

FORMATS = {
    "json": "steppe.values.format_json",
    "npy": "steppe.values.format_npy",
    "arrow": "steppe.values.format_arrow",
    "onnx": "steppe.values.format_onnx",
    "arrow-table": "steppe.values.format_table",
    "tensor": "steppe.values.format_tensor",
}

BY_TYPE: dict[str, str] = {
    "numpy.ndarray": "npy",
    "pandas.DataFrame": "arrow",
    "pandas.core.frame.DataFrame": "arrow",
    "pyarrow.lib.Table": "arrow-table",
    "polars.dataframe.frame.DataFrame": "arrow-table",
    "torch.Tensor": "tensor",
    "steppe.models.exported.ExportedModel": "onnx",
}
"""The format of a value by its exact class; plain data made of dicts, lists and atoms is `json`."""

RANGED = frozenset({"npy", "arrow", "arrow-table", "tensor"})
"""Those of which some rows can be read without the others."""

PLAIN = ATOMS | {dict, list}


def store(name: str, root: Root, known: dict[int, Place], put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store a value that shares nothing in an open format, or return None where none fits it exactly."""
    kind = type(root.value)
    if any(id(node) in known for node in root.nodes):
        return None
    chosen = "json" if kind in PLAIN else BY_TYPE.get(f"{kind.__module__}.{kind.__qualname__}")
    if chosen is None:
        return None
    part: Part | None = import_module(FORMATS[chosen]).store(name, root, put)
    return part


def load(part: Part, view: memoryview) -> Any:
    """Read a value back from an open format."""
    return import_module(FORMATS[part.format]).load(part, view)
