"""Chunks that come once, kept so that they can be read several times. Knows nothing of where they go."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from steppe.store.buffers import flat_views
from steppe.store.unavailable import reaching
from steppe.types import Buffer

PIECE = 8 << 20
"""Bytes that are held in memory; what is longer goes to a nameless file."""


class _Spooled(Iterable[Buffer]):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[Buffer]:
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece


@contextlib.contextmanager
def spooled(chunks: Iterable[Buffer]) -> Iterator[Iterable[Buffer]]:
    """Return chunks that can be iterated over again and again.

    Raises:
        StoreUnavailable: the machine's folder for temporary files is full.
    """
    if isinstance(chunks, (list, tuple)) or iter(chunks) is not chunks:
        yield chunks
        return
    with tempfile.SpooledTemporaryFile(PIECE) as file:
        for view in flat_views(chunks):
            with reaching(tempfile.gettempdir()):
                file.write(view)
        yield _Spooled(file)
