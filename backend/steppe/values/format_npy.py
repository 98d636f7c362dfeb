"""The .npy format (https://numpy.org/neps/nep-0001-npy-format.html), for plain arrays; large ones are mapped."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from steppe.types import Buffer, Digest, Part
from steppe.values.numpy_arrays import order_of, packed, raw
from steppe.values.rebuild import SMALL
from steppe.values.walk import Root


def store(name: str, root: Root, put: Callable[[Iterable[Buffer]], Digest]) -> Part | None:
    """Store an array, or return None where .npy would lose something: objects, gaps, odd orders, metadata."""
    value: np.ndarray = root.value
    kind = value.dtype
    order, _ = order_of(value)
    if order not in "CF" or kind.kind not in "biufcmMSU" or kind.char == "g" or kind.metadata:
        return None
    if not value.flags.writeable:
        return None
    header = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": order == "F", "shape": value.shape}
    np.lib.format.write_array_header_1_0(header, described)
    chunks: list[Buffer] = [header.getvalue(), raw(packed(value))]
    size = sum(map(len, chunks))
    if size <= 1 << 14:
        return Part(names=(name,), format="npy", inline=b"".join(chunks), size=size)
    return Part(names=(name,), format="npy", blob=put(chunks), size=size)


def load(part: Part, view: memoryview) -> Any:
    """Read an array back: its own memory when it is small, else the mapped bytes, copy-on-write."""
    del part
    head = io.BytesIO(view[: 1 << 12])
    np.lib.format.read_magic(head)
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
    data = view[head.tell() :]
    flat = np.frombuffer(data, dtype=np.uint8)
    if flat.nbytes <= SMALL or not flat.flags.writeable:
        flat = flat.copy()
    if flat.size == 0:
        return np.empty(shape, dtype, order="F" if fortran else "C")
    values = flat.view(dtype)
    return values.reshape(shape[::-1]).T if fortran else values.reshape(shape)
