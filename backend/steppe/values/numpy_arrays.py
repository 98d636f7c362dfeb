"""NumPy: arrays by dtype, shape, memory order and content; scalars; dtypes; ufuncs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from steppe.errors import Unversionable
from steppe.values import memory
from steppe.values.walk import Encoder, Walk, content, refuse


def order_of(value: np.ndarray) -> tuple[str, tuple[int, ...]]:
    """Return how an array lies in memory: `C`, `F`, or `P`/`S` with the axes from the widest stride to the narrowest.

    `P` arrays are packed, only their axes are permuted; `S` arrays have gaps, repeated or reversed elements. Order is
    part of a version: sums over floats and `ravel("K")` depend on it.
    """
    flags = value.flags
    if flags.c_contiguous:
        return "C", ()
    if flags.f_contiguous:
        return "F", ()
    axes = tuple(int(axis) for axis in np.argsort([-abs(stride) for stride in value.strides], kind="stable"))
    packed = value.transpose(axes).flags.c_contiguous
    return ("P", axes) if packed else ("S", (*axes, *value.strides))


def memory_axes(value: np.ndarray) -> tuple[int, ...]:
    """Return the axes from the widest stride to the narrowest."""
    kind, axes = order_of(value)
    if kind == "C":
        return tuple(range(value.ndim))
    return tuple(reversed(range(value.ndim))) if kind == "F" else axes[: value.ndim]


def packed(value: np.ndarray) -> np.ndarray:
    """Return the elements as a C-contiguous array, in the order in which they lie in memory; a view where possible."""
    kind, axes = order_of(value)
    if kind == "C":
        return value
    if kind == "F":
        return value.T
    straight: np.ndarray = np.ascontiguousarray(value.transpose(axes[: value.ndim]))
    return straight


def raw(value: np.ndarray) -> memoryview:
    """Return the bytes of a C-contiguous array without a copy (dtypes that the buffer protocol lacks, too)."""
    return memoryview(flat_bytes(value))


def flat_bytes(value: np.ndarray) -> Any:
    """Return an array of the bytes of a C-contiguous array without a copy; empty bytes where it has no elements."""
    return value.reshape(-1).view(np.uint8) if value.size else b""


def file_of(value: np.ndarray) -> tuple[bytes, memoryview] | None:
    """Return a .npy file of an array, as its head and its elements; None where it would lose something.

    That is the case for objects, gaps, odd orders and metadata. Whether an array can be written to is not in it.
    """
    kind, flags = value.dtype, value.flags
    if kind.kind not in "biufcmMSU" or kind.char in "gG" or kind.metadata:
        return None
    if not flags.c_contiguous and not flags.f_contiguous:
        return None
    fortran = not flags.c_contiguous
    return _head(kind.str, fortran, value.shape), raw(value.T if fortran else value)


@functools.lru_cache(1 << 10)
def _head(kind: str, fortran: bool, shape: tuple[int, ...]) -> bytes:
    """Return what a .npy file begins with (https://numpy.org/neps/nep-0001-npy-format.html).

    It is part of versions, so it is not left to NumPy, which may write it in another way some day.
    """
    told = f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {tuple(map(int, shape))}, }}"
    length = -(-(len(told) + 11) // 64) * 64
    return b"\x93NUMPY\x01\x00" + (length - 10).to_bytes(2, "little") + told.ljust(length - 11).encode() + b"\n"


def has_gaps(kind: np.dtype) -> bool:
    """Tell whether elements have bytes that belong to no field, and so hold anything."""
    if kind.subdtype is not None:
        return has_gaps(kind.subdtype[0])
    if kind.fields is None:
        return kind.char in "gG"  # long double: 80 bits of value in 128
    covered = sum(kind.fields[name][0].itemsize for name in kind.names or ())
    return covered != kind.itemsize or any(has_gaps(kind.fields[name][0]) for name in kind.names or ())


def _writes(plain: np.ndarray) -> bool | str:
    return "with a warning" if memory.warns_of_writes(plain) else memory.is_writeable(plain)


def _put_array(walk: Walk, value: np.ndarray) -> None:
    walk.out += b"A"
    if type(value) is not np.ndarray:
        walk.put(type(value))
    plain: np.ndarray = value.view(np.ndarray)
    kind, axes = order_of(plain)
    parts: dict[str, Callable[[], None]] = {
        "dtype": lambda: _put_dtype(walk, plain.dtype),
        "shape": lambda: walk.put(plain.shape),
        "memory order": lambda: walk.put((kind, axes, _writes(plain))),
        "content": lambda: _put_content(walk, value, plain),
    }
    for name, put in parts.items():
        start = len(walk.out)
        put()
        if walk.depth == 1:
            walk.detail(name, start)
    memory.note(walk, value)
    if type(value) is not np.ndarray:
        for attribute, item in getattr(value, "__dict__", {}).items():
            walk.put(attribute)
            walk.put(item)


def _put_content(walk: Walk, owner: Any, value: np.ndarray) -> None:
    if value.dtype.hasobject or value.dtype.kind == "T":
        walk.out += b"l%d:" % value.size
        try:
            for item in value.ravel(order="K").tolist() if value.dtype.kind == "T" else value.flat:
                walk.put(item)
        except Unversionable as error:
            raise error.under("[…]") from None
        return
    if (file := file_of(value)) is not None:
        walk.file(owner, file)
    elif has_gaps(value.dtype):
        _put_fields(walk, packed(value))
    else:
        walk.buffer(owner, raw(packed(value)))


def _put_fields(walk: Walk, data: np.ndarray) -> None:
    """Write the content field by field, so that what lies between the fields does not count."""
    if data.dtype.char in "gG":
        walk.bytes(b"".join(repr(item).encode() for item in data.reshape(-1)))
        return
    for name in data.dtype.names or ():
        column = np.ascontiguousarray(data[name])
        if has_gaps(column.dtype):
            _put_fields(walk, column)
        elif column.dtype.hasobject:
            walk.put_items(column.ravel().tolist())
        else:
            walk.out += b"B" + content(raw(column))


def _put_dtype(walk: Walk, value: np.dtype) -> None:
    if value.kind == "T":
        walk.out += b"xT"
        walk.put((hasattr(value, "na_object"), getattr(value, "na_object", None)))
        walk.put(bool(getattr(value, "coerce", True)))
    elif value.names is not None:
        walk.out += b"xV%d:%d:" % (value.itemsize, value.isalignedstruct)
        walk.put(value.type)  # np.void or np.record
        for name in value.names:
            walk.put((name, *value.fields[name][1:]))  # type: ignore[index]
            _put_dtype(walk, value.fields[name][0])  # type: ignore[index]
    elif value.subdtype is not None:
        walk.out += b"xS"
        walk.put(value.shape)
        _put_dtype(walk, value.subdtype[0])
    else:
        walk.out += b"x"
        walk.tag(value.str)
    if value.metadata:
        walk.put(dict(value.metadata))


def _put_scalar(walk: Walk, value: np.generic) -> None:
    walk.out += b"g"
    array = np.asarray(value)
    _put_dtype(walk, array.dtype)
    if has_gaps(array.dtype):
        _put_fields(walk, array.reshape(1))
    elif array.dtype.hasobject:
        walk.put(value.item())
    else:
        walk.out += array.tobytes()
    if type(value) is not array.dtype.type:
        walk.put(type(value))


def _put_mapped(walk: Walk, value: np.memmap) -> None:
    del walk
    raise refuse(value, f"it is the file {value.filename} seen as an array: open it in the step that reads it")


def _put_ufunc(walk: Walk, value: np.ufunc) -> None:
    if getattr(np, value.__name__, None) is not value and not getattr(value, "__module__", ""):
        from steppe.values.reduced import put_object

        put_object(walk, value)
        return
    walk.modules.add("numpy")
    walk.out += b"U"
    walk.tag(value.__name__)


def _put_limits(walk: Walk, value: np.finfo[Any]) -> None:
    """Put what tells of a floating type's limits by that type: numbers are added to it as somebody asks for them."""
    if type(value) is not np.finfo:
        from steppe.values.reduced import put_object

        put_object(walk, value)
        return
    walk.modules.add("numpy")
    walk.out += b"U"
    walk.tag("finfo")
    _put_dtype(walk, value.dtype)


array: tuple[Encoder, bool] = (_put_array, True)
scalar: tuple[Encoder, bool] = (_put_scalar, False)
record: tuple[Encoder, bool] = (_put_scalar, True)
dtype: tuple[Encoder, bool] = (_put_dtype, False)
mapped: tuple[Encoder, bool] = (_put_mapped, True)
ufunc: tuple[Encoder, bool] = (_put_ufunc, False)
limits: tuple[Encoder, bool] = (_put_limits, False)
