"""How far a blob has come that is on its way here: a small file that all processes of the machine can see.

begun STEPPE-COMING, size, piece, the data file's name; then a state, a heartbeat, and a byte for each piece
"""

from __future__ import annotations

import mmap
import os
import struct
from enum import IntEnum

_HEAD = struct.Struct("<16sQQ24sIQ")
_MAGIC = b"steppe coming 1\n"
_STATE, _BEAT = 56, 60


class Standing(IntEnum):
    """How it stands with a blob that is on its way."""

    COMING = 0
    SOUND = 1
    FAILED = 2
    GIVEN_UP = 3


class ProgressMap:
    """The map of one blob on its way; whoever brings it writes, others read.

    Attributes:
        size: of the blob, in bytes.
        piece: bytes that come as one.
        data: the name of the file, in the same folder, that the bytes are in.
    """

    def __init__(self, path: str, *, writes: bool = False) -> None:
        """Open a map that is there.

        Raises:
            OSError: there is none.
            ValueError: it is not whole yet.
        """
        fd = os.open(path, (os.O_RDWR if writes else os.O_RDONLY) | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if status.st_size < _HEAD.size:
                raise ValueError("not whole")
            self._map = mmap.mmap(fd, status.st_size, access=mmap.ACCESS_WRITE if writes else mmap.ACCESS_READ)
        finally:
            os.close(fd)
        magic, size, piece, name, _, _ = _HEAD.unpack_from(self._map)
        self.size, self.piece = int(size), int(piece)
        if magic != _MAGIC or status.st_size != _HEAD.size + self.pieces:
            raise ValueError("not a map")
        self.data = name.decode()

    @classmethod
    def make(cls, path: str, size: int, piece: int, data: str) -> ProgressMap:
        """Make a map in the place of the one that is there. It need not survive a crash: what it tells of does not."""
        fresh = f"{path}.{os.urandom(4).hex()}"
        head = _HEAD.pack(_MAGIC, size, piece, data.encode(), Standing.COMING, 0)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            os.write(fd, head + bytes(-(-size // piece)))
        finally:
            os.close(fd)
        os.rename(fresh, path)
        return cls(path, writes=True)

    @property
    def pieces(self) -> int:
        """How many there are."""
        return -(-self.size // self.piece)

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return Standing(self._map[_STATE])

    @standing.setter
    def standing(self, standing: Standing) -> None:
        self._map[_STATE] = standing

    @property
    def beat(self) -> bytes:
        """What changes while whoever brings it lives."""
        return self._map[_BEAT : _BEAT + 8]

    def live(self) -> None:
        """Say that one lives."""
        count = int.from_bytes(self.beat, "little") + 1
        self._map[_BEAT : _BEAT + 8] = count.to_bytes(8, "little")

    def has(self, number: int) -> bool:
        """Tell whether a piece is here."""
        return self._map[_HEAD.size + number] != 0

    def came(self, number: int) -> None:
        """Say that a piece is here."""
        self._map[_HEAD.size + number] = 1

    def lacks(self, start: int, stop: int) -> int | None:
        """Return the first piece of a range of bytes that is not here, or None."""
        first, last = start // self.piece, -(-stop // self.piece)
        at = self._map.find(b"\0", _HEAD.size + first, _HEAD.size + last)
        return None if at < 0 else at - _HEAD.size
