"""The .npy format for plain tensors of PyTorch on the CPU: some rows are read without the others.

What NumPy has no numbers for (bfloat16 and the like) is written as integers of the same size.
"""

from __future__ import annotations

import ctypes
import io
from typing import Any

import numpy as np
import torch

from steppe.types import Part
from steppe.values.format_arrow import SMALLEST
from steppe.values.numpy_arrays import file_of
from steppe.values.walk import Put, Root

INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32}


def store(name: str, root: Root, put: Put) -> Part | None:
    """Store a tensor, or return None where it is small, or has more to it than its elements."""
    value: torch.Tensor = root.value
    if not _plain(value):
        return None
    known = True
    try:
        array = value.numpy()
    except TypeError:
        known = False
        if value.element_size() not in INTEGERS:
            return None
        array = value.view(INTEGERS[value.element_size()]).numpy()
    chunks = file_of(array)
    if chunks is None:
        return None
    meta = {"dtype": str(value.dtype).removeprefix("torch."), "numpy": known}
    return Part(names=(name,), format="tensor", blob=put(chunks), size=sum(map(len, chunks)), meta=meta)


def _plain(value: torch.Tensor) -> bool:
    return (
        value.device.type == "cpu"
        and value.layout is torch.strided
        and not (value.is_quantized or value.requires_grad or value.is_conj() or value.is_neg())
        and value.grad is None
        and not vars(value)
        and not any(getattr(value, "names", ()))
        and value.is_contiguous()
        and value.nbytes >= SMALLEST
        and value.untyped_storage().nbytes() == value.nbytes
    )


def load(part: Part, view: memoryview) -> Any:
    """Read a tensor back, in memory of its own: others can't grow."""
    head = io.BytesIO(view[: 1 << 12])
    np.lib.format.read_magic(head)
    shape, _, _ = np.lib.format.read_array_header_1_0(head)
    made = torch.empty(shape, dtype=getattr(torch, part.meta["dtype"]))
    data: np.ndarray = np.frombuffer(view[head.tell() :], np.uint8)
    ctypes.memmove(made.data_ptr(), data.ctypes.data, data.nbytes)  # what NumPy has seen of a tensor can't grow, either
    return made
