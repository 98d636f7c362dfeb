"""Where the bytes are that show a value: plain enough to be sent to a process that reads them."""

from __future__ import annotations

from steppe.types import Digest, Struct


class Unreadable(Exception):
    """A value can't be shown, and why, in a sentence."""


class Source(Struct, frozen=True, kw_only=True):
    """Bytes to be read, wherever: plain enough to be sent to another process.

    Attributes:
        version: the value's.
        format: `arrow`, `npy`, `json`, or `view` for what was noted about a value.
        path: the verified file that holds the bytes; empty where they are `data`.
        data: the bytes.
        positions: of a frame: where each stored column stands in it.
    """

    version: Digest
    format: str
    path: str = ""
    data: bytes = b""
    positions: tuple[int, ...] = ()

    def read(self, most: int) -> bytes:
        """Return the bytes.

        Raises:
            Unreadable: there are more than `most`, or the file is gone.
        """
        if not self.path:
            return self.data
        try:
            with open(self.path, "rb") as file:
                found = file.read(most + 1)
        except OSError as error:
            raise Unreadable(f"its bytes can't be read: {error.strerror}.") from error
        if len(found) > most:
            raise Unreadable(f"it is larger than the {most >> 20} MiB that are shown.")
        return found
