"""How the standard library's values are read: by what they hold, functions and the notebook's classes by their code."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import logging
import pathlib
import random
import re
import types
import uuid
import weakref
from typing import Any

from .reader import Reader, ReadOne, class_name, mix

NUMBERS = (int, float, complex)
REPR_IS_ALL = (
    range,
    slice,
    uuid.UUID,
    decimal.Decimal,
    fractions.Fraction,
    dt.date,
    dt.time,
    dt.timedelta,
    dt.tzinfo,
    pathlib.PurePath,
    re.Pattern,
)
CLASS_ONLY = (
    io.IOBase,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    types.FrameType,
    logging.Handler,
    weakref.ref,
)


def read_code(reader: Reader, code: types.CodeType, place: str) -> str:
    constants = [sorted(map(repr, part)) if isinstance(part, frozenset) else part for part in code.co_consts]
    parts = [
        read_code(reader, part, place) if isinstance(part, types.CodeType) else reader.read(part, place)
        for part in constants
    ]
    return mix("code", code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_flags, parts)


def read_function(reader: Reader, value: types.FunctionType, place: str) -> str:
    if value.__module__ != "__main__":
        return mix("library function", value.__module__, value.__qualname__)
    cells = list(value.__closure__ or ())
    closed = [reader.read(cell.cell_contents, f"{place}.<closure>") if filled(cell) else "empty" for cell in cells]
    defaults = (
        reader.read(value.__defaults__, f"{place}.__defaults__"),
        reader.read(value.__kwdefaults__, f"{place}.__kwdefaults__"),
    )
    state = reader.read(value.__dict__, f"{place}.__dict__")
    return mix(
        "function", value.__qualname__, read_code(reader, value.__code__, place), closed, defaults, state, value.__doc__
    )


def filled(cell: types.CellType) -> bool:
    """Tell whether a closure's cell holds anything yet."""
    try:
        cell.cell_contents  # reading an empty cell raises
    except ValueError:
        return False
    return True


def read_class(reader: Reader, value: type, place: str) -> str:
    if value.__module__ != "__main__":
        return mix("library class", class_name(value))
    skipped = {
        "__dict__",
        "__weakref__",
        "__module__",
        "__firstlineno__",
        "__static_attributes__",
        "_abc_impl",
        "__annotate_func__",
        "__annotations_cache__",
        "__slotnames__",  # copyreg keeps it in a class as soon as an instance is copied or pickled
    }
    parts = []
    for name, part in sorted(vars(value).items()):
        if name not in skipped and not isinstance(part, (types.GetSetDescriptorType, types.MemberDescriptorType)):
            parts.append((name, reader.read(part, f"{place}.{name}")))
    return mix("class", class_name(value), [class_name(base) for base in value.__mro__], parts)


def read_set(reader: Reader, value: Any, place: str) -> str:
    return mix(
        "set",
        isinstance(value, frozenset),
        sorted(reader.read(part, f"{place}{{}}") for part in value),
        reader.extra(value, set, place),
    )


def read_enum(reader: Reader, value: enum.Enum, place: str) -> str:
    return mix("enum", class_name(type(value)), value.name, reader.read(value._value_, place))


def read_number(reader: Reader, value: Any, place: str) -> str:
    """Read a number of a class that extends a built-in one, without that class's own `repr`."""
    (plain,) = (kind for kind in NUMBERS if isinstance(value, kind))
    return mix("number", plain.__repr__(value), reader.extra(value, plain, place))


def read_method(reader: Reader, value: types.MethodType, place: str) -> str:
    return mix("method", reader.read(value.__self__, f"{place}.__self__"), reader.read(value.__func__, place))


def read_partial(reader: Reader, value: Any, place: str) -> str:
    return mix("partial", *(reader.read(part, place) for part in (value.func, value.args, value.keywords)))


def read_property(reader: Reader, value: Any, place: str) -> str:
    names = (
        ("fget", "fset", "fdel")
        if isinstance(value, property)
        else ("__func__",)
        if hasattr(value, "__func__")
        else ("func",)
    )
    return mix(type(value).__name__, *(reader.read(getattr(value, name), place) for name in names))


def read_random(reader: Reader, value: random.Random, place: str) -> str:
    return mix("random", reader.read(value.getstate(), place))


def read_deque(reader: Reader, value: Any, place: str) -> str:
    return mix("deque", value.maxlen, reader.items(value, place), reader.extra(value, collections.deque, place))


def read_dict(reader: Reader, value: dict[Any, Any], place: str) -> str:
    factory = reader.read(value.default_factory, place) if isinstance(value, collections.defaultdict) else ""
    return mix("dict", reader.pairs(value, place), factory, reader.extra(value, dict, place))


BY_TYPE: list[tuple[Any, ReadOne]] = [
    (enum.Enum, read_enum),
    (NUMBERS, read_number),
    (REPR_IS_ALL, lambda reader, value, place: mix(class_name(type(value)), repr(value))),
    (str, lambda reader, value, place: mix("str", str.__str__(value), reader.extra(value, str, place))),
    ((bytes, bytearray, memoryview), lambda reader, value, place: mix(type(value).__name__, bytes(value))),
    (array.array, lambda reader, value, place: mix("array", value.typecode, value.tobytes())),
    (
        list,
        lambda reader, value, place: mix(
            "list", reader.items(list.__iter__(value), place), reader.extra(value, list, place)
        ),
    ),
    (
        tuple,
        lambda reader, value, place: mix(
            "tuple", reader.items(tuple.__iter__(value), place), reader.extra(value, tuple, place)
        ),
    ),
    ((set, frozenset), read_set),
    (dict, read_dict),
    (types.MappingProxyType, lambda reader, value, place: mix("mappingproxy", reader.pairs(dict(value), place))),
    (collections.deque, read_deque),
    (types.FunctionType, read_function),
    (types.BuiltinFunctionType, lambda reader, value, place: mix("builtin", value.__module__, value.__qualname__)),
    (types.MethodType, read_method),
    (types.CodeType, read_code),
    (types.ModuleType, lambda reader, value, place: mix("module", value.__name__)),
    (type, read_class),
    (functools.partial, read_partial),
    ((property, classmethod, staticmethod, functools.cached_property), read_property),
    (random.Random, read_random),
    (
        BaseException,
        lambda reader, value, place: mix("error", class_name(type(value)), reader.items(value.args, place)),
    ),
    (CLASS_ONLY, lambda reader, value, place: mix("class only", class_name(type(value)))),
]
"""The first row that fits reads the value: `isinstance`, so that subclasses are read as what they extend."""
