"""Steps that are functions: known as the function that they are, with what their options add to its result."""

from __future__ import annotations

from typing import Any

from steppe.values.code import importable, named
from steppe.values.walk import Encoder, Walk


def _put_step(walk: Walk, value: Any) -> None:
    """Write a step: by name where it can be imported, for its module is in the key; else as its function."""
    module = value.__module__ or "builtins"
    if not walk.home.is_notebook(module) and importable(value, module, value.__qualname__):
        named(walk, b"f", module, value.__qualname__)
        return
    walk.out += b"T"
    walk.put(value.told.said)
    walk.put(value.__wrapped__)


step: tuple[Encoder, bool] = (_put_step, False)
"""The encoder, and that which of two equal ones it is makes no difference."""
