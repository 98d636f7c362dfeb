"""How arrays and tensors are pickled: with their memory order, writability, and the memory that they share."""

from __future__ import annotations

import array
import pickle
import sys
from bisect import bisect_right
from typing import Any

from steppe.errors import CannotMove
from steppe.values import rebuild
from steppe.values.memory import extent, is_writeable

WASTE = 4
"""A view with gaps keeps its gaps as long as they make it at most this many times larger."""


class Shared:
    """Stretches of memory that several arrays of a Part show, or that an input's array does."""

    def __init__(self, stretches: list[tuple[int, int, Any, int]]) -> None:
        """Take begin, end, owner and the address of the owner's first element for each stretch."""
        self._stretches = sorted(stretches, key=lambda stretch: stretch[:2])
        self._lows = [stretch[0] for stretch in self._stretches]

    def find(self, low: int, high: int) -> tuple[Any, int] | None:
        """Return the owner of the stretch around `low` to `high`, and the address of its first element."""
        at = bisect_right(self._lows, low) - 1
        if at < 0 or low == high:
            return None
        _, end, owner, base = self._stretches[at]
        return (owner, base) if high <= end else None


class Stretch:
    """Bytes at an address, pickled once for all arrays that show them."""

    def __init__(self, keep: Any, low: int, high: int) -> None:
        import numpy as np

        self._keep = keep
        interface = {"data": (low, False), "shape": (high - low,), "typestr": "|u1", "version": 3}
        self.bytes = np.asarray(rebuild.Window(keep, interface))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return rebuild.stretch, (pickle.PickleBuffer(self.bytes),)


def reduce(value: Any, shared: Shared | None) -> Any:
    """Return how an array or a tensor is made again, or None for other values and for those that pickle does well."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.finfo:
        return numpy.finfo, (value.dtype,)
    if numpy is not None and isinstance(value, numpy.dtype):
        # Told by its letter it is the very one that all use, which pickle would make a copy of.
        return (numpy.dtype, (value.char,)) if value.isbuiltin == 1 and numpy.dtype(value.char) is value else None
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _array(numpy, value, shared)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor(torch, value, shared)
    return None


def _array(numpy: Any, value: Any, shared: Shared | None) -> Any:
    from steppe.values.numpy_arrays import flat_bytes, memory_axes, order_of, packed

    if type(value) is not numpy.ndarray:
        if type(value).__reduce__ not in (numpy.ndarray.__reduce__, numpy.ma.MaskedArray.__reduce__):
            return None
        return rebuild.subclass, (type(value), value.view(numpy.ndarray), dict(getattr(value, "__dict__", {})))
    if shows_foreign(value):
        raise CannotMove("it holds an array that shows the memory of an array.array: copy it")
    low, high = extent(value)
    window = shared.find(low, high) if shared is not None else None
    kind, _ = order_of(value)
    if value.dtype.hasobject or value.dtype.kind == "T":
        if window is not None and value.base is not None:  # an array that owns its memory is stored once
            raise CannotMove("it holds arrays of objects that share memory: copy one of them")
        return None if kind in "CF" and is_writeable(value) else _spread(value, low, high)
    if window is None and kind == "S":
        if high - low > WASTE * value.nbytes:
            return _spread(value, low, high)
        window = Stretch(value, low, high), low
    if window is not None:
        owner, base = window
        offset = value.__array_interface__["data"][0] - base
        return rebuild.view, (owner, offset, value.dtype, value.shape, value.strides, is_writeable(value))

    axes = memory_axes(value)
    data = pickle.PickleBuffer(flat_bytes(packed(value)))  # of no memoryview: cycles of both have crashed Python 3.11
    return rebuild.array, (data, value.dtype, value.shape, axes, is_writeable(value))


def shows_foreign(value: Any) -> bool:
    """Tell whether a NumPy array shows memory that others may write to, and that is not followed."""
    numpy, base = sys.modules["numpy"], value.base
    while isinstance(base, numpy.ndarray | memoryview):
        base = base.obj if isinstance(base, memoryview) else base.base
    return isinstance(base, array.array)


def _spread(value: Any, low: int, high: int) -> Any:
    """Return how an array is made again whose elements lie far apart, or are objects: from the elements alone."""
    width = value.dtype.itemsize
    if value.dtype.hasobject and any(stride % width for stride in value.strides):
        raise CannotMove("it holds an array that shows a field of an array with objects: copy it")
    offset = value.__array_interface__["data"][0] - low
    arguments = (value.copy(order="C"), high - low, offset, value.strides, is_writeable(value))
    return rebuild.spread, arguments


def _tensor(torch: Any, value: Any, shared: Shared | None) -> Any:
    if value.layout is not torch.strided or value.is_quantized or value.device.type == "meta":
        return None
    kind = type(value)
    if kind is torch.nn.Parameter or kind.__name__ == "Buffer":
        state = {"requires_grad": value.requires_grad, "grad": value.grad, "attributes": _attributes(value)}
        made = (kind, value.data, value.requires_grad)
        return rebuild.parameter, made, state, None, None, rebuild.finish_tensor
    if kind is not torch.Tensor:
        return None
    plain = value.detach().resolve_conj().resolve_neg()
    state = {"requires_grad": value.requires_grad, "grad": value.grad, "attributes": _attributes(value)}
    home = plain.cpu() if plain.device.type != "cpu" else plain
    strides = tuple(home.stride())
    reach = sum((size - 1) * stride for size, stride in zip(home.shape, strides, strict=True)) + 1
    reach = reach * home.element_size() if home.numel() else 0
    low = home.data_ptr()
    window = shared.find(low, low + reach) if shared is not None else None
    owner, base = window if window is not None else (Stretch(home, low, low + reach), low)
    dtype = str(home.dtype).partition(".")[2]
    arguments = (owner, dtype, low - base, tuple(home.shape), strides, str(value.device))
    return rebuild.tensor, arguments, state, None, None, rebuild.finish_tensor


def _attributes(value: Any) -> dict[str, Any]:
    return {name: item for name, item in vars(value).items() if not name.startswith("_backward")}
