"""Rows that are read from a stored file, as far as it makes no difference what lies in it."""

from __future__ import annotations

from steppe.streaming.rows import Rows
from steppe.streaming.source import Source


class StoredRows(Rows):
    """The rows of one file."""

    def __init__(self, source: Source) -> None:
        """Read from a source."""
        self._source = source

    @property
    def sound(self) -> bool:
        """Whether all of the file is known to be sound."""
        return self._source.sound

    def settle(self) -> None:
        """Wait until it is."""
        self._source.settle()

    def close(self) -> None:
        """Close the file."""
        self._source.close()
