"""Reads any value into a digest, and notes at which places one mutable object or one piece of memory is found."""

from __future__ import annotations

import hashlib
import sys
import types
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

MOST_VALUES = 300_000
MOST_DEPTH = 150
MOST_PARTS = 400
ATOMS = {int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented)}
OPAQUE_MODULES = {
    "matplotlib",
    "mpl_toolkits",
    "IPython",
    "ipykernel",
    "traitlets",
    "asyncio",
    "threading",
    "_thread",
    "sqlite3",
    "tqdm",
    "logging",
}


UNSHARED = (tuple, frozenset, type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
UNSHARED_NAMES = {"pandas.Timestamp", "pandas.Timedelta", "pandas._libs.tslibs.timestamps.Timestamp"}
"""Classes whose instances can't change: it is no matter whether two places have one or two of them."""
UNSHARED_BASES = {
    "numpy.dtype",
    "numpy.generic",
    "pandas.SparseDtype",
    "pandas.core.dtypes.base.StorageExtensionDtype",
    "pandas.core.dtypes.dtypes.BaseMaskedDtype",
    "pandas.core.dtypes.dtypes.PandasExtensionDtype",
}
"""The same of all classes that extend one of these, but for records, whose fields can be set."""
EXPRESSION, OF_EXPRESSIONS = "sympy.core.basic.Basic", {"nargs"}
"""Sympy's expressions can't change either, and a cache decides whether equal ones are one object; but for those with
attributes of their own, such as systems of units."""
MOST_REREAD = 1000

ReadOne: TypeAlias = Callable[["Reader", Any, str], str]


class Reader:
    """One reading of a namespace.

    `by_type` is gone through in its order, by `isinstance`; `by_name` knows classes by their name, so that no library
    is imported for them; what neither knows is read by its attributes. Limits are counts, never times, so that two
    readings of one value agree.
    """

    def __init__(
        self, by_type: Sequence[tuple[Any, ReadOne]], by_name: dict[str, ReadOne], unshared: tuple[type, ...] = ()
    ) -> None:
        self.by_type = by_type
        self.by_name = by_name
        self.done: dict[int, str] = {}
        self.open: dict[int, int] = {}
        self.alive: list[Any] = []
        self.places: dict[int, list[str]] = {}
        self.unshared = (*UNSHARED, *unshared)
        self.memory: list[tuple[int, int, str]] = []
        self.parts: dict[str, str] = {}
        self.left = MOST_VALUES

    def read(self, value: Any, place: str) -> str:
        """Return the digest of a value that is found at a place such as `df` or `model.layers[0]`."""
        self.left -= 1
        if self.left < 0 or len(self.open) > MOST_DEPTH:
            return mix("beyond the limit", class_name(type(value)))
        digest = atom(value) if type(value) in ATOMS else self._found(value, place)
        if len(self.parts) < MOST_PARTS:
            self.parts[place] = digest
        return digest

    def _found(self, value: Any, place: str) -> str:
        """Read what is no atom, once for each object."""
        key = id(value)
        if not isinstance(value, self.unshared) and not is_fixed(value):
            self.places.setdefault(key, []).append(place)
        if key in self.done and not (type(value) is tuple and len(value) <= MOST_REREAD):
            return self.done[key]  # a tuple is read again: whether two names have one or two of them is no matter
        if key in self.open:
            return mix("cycle", len(self.open) - self.open[key])
        self.open[key] = len(self.open)
        self.alive.append(value)
        try:
            digest = self._structure(value, place)
        except Exception as error:
            digest = mix("unreadable", class_name(type(value)), type(error).__name__)
        del self.open[key]
        self.done[key] = digest
        return digest

    def _structure(self, value: Any, place: str) -> str:
        kind = type(value)
        for known, reader in self.by_type:
            if isinstance(value, known):
                return reader(self, value, place)
        for base in kind.__mro__:
            if reader := self.by_name.get(class_name(base)):
                return reader(self, value, place)
        if kind.__module__.partition(".")[0] in OPAQUE_MODULES:
            return mix("opaque", class_name(kind))
        return self.instance(value, place)

    def instance(self, value: Any, place: str) -> str:
        """Read an object by its class's name and its attributes."""
        kind = type(value)
        state = attributes(value)
        if state is None:
            return mix("class only", class_name(kind))
        current = (
            getattr(sys.modules["__main__"], kind.__name__, None) is kind if kind.__module__ == "__main__" else True
        )
        parts = [
            (name, self.read(part, f"{place}.{name}"))
            for name, part in sorted(state.items())
            if not (
                name == "_cache" and kind.__module__.partition(".")[0] == "pandas"
            )  # what pandas computes when asked
        ]
        return mix("instance", class_name(kind), current, *parts)

    def items(self, value: Iterable[Any], place: str) -> list[str]:
        """Read each of an ordered collection's parts."""
        return [self.read(part, f"{place}[{number}]") for number, part in enumerate(value)]

    def pairs(self, value: dict[Any, Any], place: str) -> list[tuple[str, str]]:
        """Read a mapping's items in their order, which a notebook can see."""
        found = []
        for number, (key, part) in enumerate(
            list(OrderedDict.items(value) if isinstance(value, OrderedDict) else dict.items(value))
        ):
            label = repr(key)[:40] if isinstance(key, (str, int, float)) else f"#{number}"
            found.append((self.read(key, f"{place}.key{number}"), self.read(part, f"{place}[{label}]")))
        return found

    def extra(self, value: Any, plain: type, place: str) -> tuple[Any, ...]:
        """Read what a subclass of a built-in adds: its class and its attributes, a library's private ones apart."""
        if type(value) is plain:
            return ()
        ours = type(value).__module__ == "__main__"
        state = {name: part for name, part in (attributes(value) or {}).items() if ours or not name.startswith("_")}
        return (
            class_name(type(value)),
            *((name, self.read(part, f"{place}.{name}")) for name, part in sorted(state.items())),
        )

    def shared(self) -> list[list[str]]:
        """Return the groups of places that share one mutable object or overlap in memory."""
        groups = [sorted(set(places)) for places in self.places.values()]
        last, group = -1, []
        for start, stop, place in sorted(self.memory):
            if start >= last and group:
                groups.append(sorted(set(group)))
                group = []
            group.append(place)
            last = max(last, stop)
        groups.append(sorted(set(group)))
        return sorted(group for group in groups if len(group) > 1)


def mix(*parts: Any) -> str:
    """Return a digest of parts, each with its type and length, so that no two sequences of parts run together."""
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        if isinstance(part, (tuple, list)):
            part = mix(*part)
        data = (
            bytes(part)
            if isinstance(part, (bytes, bytearray, memoryview))
            else str(part).encode("utf-8", "surrogatepass")
        )
        state.update(f"{type(part).__name__}:{len(data)}:".encode())
        state.update(data)
    return state.hexdigest()


def atom(value: Any) -> str:
    """Return the digest of a number, text, bytes or constant."""
    if type(value) is int and value.bit_length() > 10_000:
        return mix("int", hex(value))
    if type(value) in {str, bytes}:
        return mix(type(value).__name__, value)
    return mix(class_name(type(value)), repr(value))


def is_fixed(value: Any) -> bool:
    """Tell whether a library's value is known to be one that can't change."""
    kind = type(value)
    bases = {class_name(base) for base in kind.__mro__}
    if EXPRESSION in bases:
        return not set(getattr(value, "__dict__", ())) - OF_EXPRESSIONS
    return class_name(kind) in UNSHARED_NAMES or (bool(bases & UNSHARED_BASES) and "numpy.void" not in bases)


def class_name(kind: type) -> str:
    """Return a class's module and qualified name."""
    return f"{kind.__module__}.{kind.__qualname__}"


def attributes(value: Any) -> dict[str, Any] | None:
    """Return an object's own attributes, of its dictionary and its slots; None where it has neither."""
    try:
        state = dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        state = None
    slots = [name for base in type(value).__mro__ for name in slot_names(base)]
    if slots:
        state = state or {}
        state |= {name: object.__getattribute__(value, name) for name in slots if has_slot(value, name)}
    return state


def slot_names(base: type) -> tuple[str, ...]:
    """Return the names of a class's own slots, as they are mangled."""
    slots = base.__dict__.get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    mangled = f"_{base.__name__.lstrip('_')}"
    names = tuple(mangled + name if name.startswith("__") and not name.endswith("__") else name for name in names)
    return tuple(name for name in names if name not in {"__dict__", "__weakref__"})


def has_slot(value: Any, name: str) -> bool:
    """Tell whether a slot is filled, without asking the class's `__getattr__`."""
    try:
        object.__getattribute__(value, name)
    except AttributeError:
        return False
    return True
