"""Where things lie in an Arrow file, found out without its rows: of those, only descriptions are read."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pyarrow as pa

from steppe.errors import StoreUnavailable
from steppe.streaming.source import Source

_END = b"ARROW1"
_BLOCK = struct.Struct("<qi4xq")


def described(source: Source) -> tuple[Any, int]:
    """Return the file, in which not all rows need be there yet, and the address at which it begins.

    What is asked of its batches is where their memory would lie.
    """
    seen = source.seen(_descriptions(source))
    data = np.frombuffer(seen, np.uint8)
    return pa.ipc.open_file(pa.py_buffer(seen)), int(data.__array_interface__["data"][0])


def _descriptions(source: Source) -> list[tuple[int, int]]:
    """Return where an Arrow file describes itself (https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format).

    That is its end, which tells where its batches are, and all but the rows of these.
    """
    tail = bytearray(10)
    source.read_into(source.size - 10, memoryview(tail))
    length = int.from_bytes(tail[:4], "little")
    if bytes(tail[4:]) != _END:
        raise StoreUnavailable(
            "a stored frame has no end as Arrow files have: keep it anew, by running its step again."
        )
    footer = bytearray(length)
    begin = source.size - 10 - length
    source.read_into(begin, memoryview(footer))
    ranges = [(begin, source.size)]
    for offset, head, body in _blocks(footer, 2):
        ranges.append((offset, offset + head + body))
    (first, head, _), *others = _blocks(footer, 3)
    return [(0, first + head), *((offset, offset + head) for offset, head, _ in others), *ranges]


def _blocks(footer: bytearray, field: int) -> list[tuple[int, int, int]]:
    """Return the blocks that a field of an Arrow file's footer lists (a table of FlatBuffers): place, head, body."""

    def number(at: int, kind: str) -> int:
        return int(struct.unpack_from(kind, footer, at)[0])

    table = number(0, "<I")
    fields = table - number(table, "<i")
    if 4 + 2 * field >= number(fields, "<H"):
        return []
    offset = number(fields + 4 + 2 * field, "<H")
    if not offset:
        return []
    vector = table + offset + number(table + offset, "<I")
    many = number(vector, "<I")
    return [_BLOCK.unpack_from(footer, vector + 4 + each * _BLOCK.size) for each in range(many)]
