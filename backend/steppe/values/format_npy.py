"""The .npy format (https://numpy.org/neps/nep-0001-npy-format.html), for plain arrays; large ones are mapped.

The digest of the file is what an array's version tells of its content. So it need not be made twice, and it shows that
what is stored is what was versioned.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from steppe.errors import CannotMove
from steppe.types import Part
from steppe.values.memory import is_writeable
from steppe.values.numpy_arrays import file_of
from steppe.values.rebuild import SMALL
from steppe.values.walk import Put, Root, digest_of


def store(name: str, root: Root, put: Put) -> Part | None:
    """Store an array, or return None where .npy would lose something.

    Raises:
        CannotMove: it is not what was walked.
    """
    value: np.ndarray = root.value
    chunks = file_of(value)
    if chunks is None or not is_writeable(value):
        return None
    size = sum(map(len, chunks))
    if root.stored:
        return Part(names=(name,), format="npy", blob=root.file, size=size)
    inline = b"".join(chunks) if size <= 1 << 14 else None
    digest = put(chunks) if inline is None else digest_of([inline])
    if digest != root.file:
        raise CannotMove(f"`{name}` was changed while it was being kept, by a thread that is still running")
    return Part(names=(name,), format="npy", blob=digest if inline is None else None, inline=inline, size=size)


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
