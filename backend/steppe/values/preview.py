"""A short text for a value: what it is and how large, never more than a line, and nothing that takes time."""

from __future__ import annotations

from typing import Any

from steppe.values.kinds import module_of

LONGEST = 120


def type_name(value: Any) -> str:
    """Return a value's class as people write it: `pandas.DataFrame`, `int`."""
    kind = type(value)
    module = module_of(kind)
    if module in ("", "builtins", "__main__"):
        return kind.__qualname__
    return f"{module.partition('.')[0]}.{kind.__qualname__}"


def preview(value: Any) -> str:
    """Return a line about a value: a number itself, a table's shape, a text's begin."""
    if value is None or isinstance(value, bool | int | float | complex):
        text = repr(value) if not isinstance(value, int) or abs(value) < 10**60 else "a large integer"
    elif isinstance(value, str):
        text = repr(value[:LONGEST])
    elif isinstance(value, bytes | bytearray):
        text = f"{len(value):,} bytes"
    elif isinstance(value, list | tuple | dict | set | frozenset):
        text = f"{type(value).__name__} of {len(value):,}"
    else:
        text = _shaped(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _shaped(value: Any) -> str:
    name = type_name(value)
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple) or not all(isinstance(length, int) for length in shape):
        return name
    size = " × ".join(f"{length:,}" for length in shape) or "scalar"  # noqa: RUF001  # as people write it
    dtype = getattr(value, "dtype", None)
    return f"{name} {size}" + (f" {dtype}" if dtype is not None and len(str(dtype)) < 30 else "")
