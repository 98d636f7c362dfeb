"""A placeholder for a stored value: it stands in the namespace until something looks at it.

Before a cell runs, the names that it reads are made real, so user code rarely meets one. Where it does (a widget's
callback, a thread), the placeholder loads the value and passes everything on to it.
"""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Callable
from typing import Any

from steppe.types import Artifact

PENDING = "pending"
"""The type and version of an artifact that a step in the background is still to make."""


MADE: set[type] = set()
"""Lazy, once there is one in this process: until then nobody has to look for them."""


class Lazy:
    """A stored value that is not loaded yet.

    Attributes:
        lazy_artifact: what is known of the value.
        lazy_load: loads it.
        lazy_store: where its bytes are, or None where that is not known yet.
    """

    __slots__ = ("__weakref__", "_value", "lazy_artifact", "lazy_load", "lazy_store")

    def __init__(self, artifact: Artifact, load: Callable[[], Any], store: Any = None) -> None:
        MADE.add(Lazy)
        object.__setattr__(self, "lazy_artifact", artifact)
        object.__setattr__(self, "lazy_load", load)
        object.__setattr__(self, "lazy_store", store)

    def __getattr__(self, name: str) -> Any:
        return getattr(real(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(real(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(real(self), name)

    @property  # type: ignore[misc]  # what it stands for is known when it is asked alone
    def __class__(self) -> Any:
        return type(real(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return operator.itemgetter(0), ((real(self),),)


def is_lazy(value: Any) -> bool:
    """Tell whether a value is a placeholder (`isinstance` would load it)."""
    return type(value) is Lazy


def real(value: Any) -> Any:
    """Return the value behind a placeholder, loaded where it is not yet; any other value as it is."""
    if type(value) is not Lazy:
        return value
    try:
        return object.__getattribute__(value, "_value")
    except AttributeError:
        found = object.__getattribute__(value, "lazy_load")()
        object.__setattr__(value, "_value", found)
        return found


def _operation(name: str) -> Callable[..., Any]:
    """Return how Python itself does what a special method is for: it asks both sides, and falls back on others."""
    if name in _BINARY:
        return _BUILTIN.get(name) or getattr(operator, f"__{name}__")
    if name in _REFLECTED:
        straight = _operation(name[1:])
        return lambda value, other, *rest: straight(other, value, *rest)
    found = _BUILTIN.get(name) or getattr(operator, f"__{name}__", None)
    if found is not None:
        return found
    return lambda value, *args, **options: getattr(type(value), f"__{name}__")(value, *args, **options)


def _passed_on(name: str) -> Callable[..., Any]:
    operation = _operation(name)

    def passed_on(self: Any, *args: Any, **options: Any) -> Any:
        return operation(real(self), *(real(item) for item in args), **options)

    passed_on.__name__ = f"__{name}__"
    return passed_on


_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()  # noqa: SIM905
_REFLECTED = [f"r{name}" for name in _BINARY]
_ALONE = """
    neg pos abs invert int float complex index round trunc floor ceil bool hash lt le eq ne gt ge repr str bytes format
    len contains iter next reversed getitem setitem delitem call enter exit aenter aexit await aiter anext dir
    copy deepcopy array fspath
""".split()  # noqa: SIM905  # a list of a hundred quoted words is harder to read
_BUILTIN: dict[str, Callable[..., Any]] = {
    **{kind.__name__: kind for kind in (int, float, complex, bool, str, bytes, reversed)},
    **{does.__name__: does for does in (divmod, pow, round, hash, repr, format, len, iter, next, dir)},
    **{does.__name__: does for does in (math.trunc, math.floor, math.ceil, copy.copy, copy.deepcopy)},
    "call": lambda value, *args, **options: value(*args, **options),
}
for _name in (*_BINARY, *_REFLECTED, *(f"i{name}" for name in _BINARY if name != "divmod"), *_ALONE):
    setattr(Lazy, f"__{_name}__", _passed_on(_name))
