"""A file's bytes as a private, writable view."""

from __future__ import annotations

import mmap
import os
import resource
import sys

COPIED = 128 << 10
"""Bytes up to which a blob is small: a copy of it is cheaper than a mapping, and a digest cheaper than a look-up."""


def mapped(fd: int, size: int) -> memoryview:
    """Return a view of the first `size` bytes that outlives `fd` and the file's name.

    It is copy-on-write: writing to it changes nothing else. It is shorter where the file is.
    """
    if size <= COPIED or not _may_keep(fd):
        return _copied(fd, size)
    if sys.version_info >= (3, 13):
        return memoryview(mmap.mmap(fd, size, access=mmap.ACCESS_COPY, trackfd=False))
    return memoryview(mmap.mmap(fd, size, access=mmap.ACCESS_COPY))


def _may_keep(fd: int) -> bool:
    """Tell whether a mapping may keep a descriptor as long as it lives, as it does before Python 3.13.

    Descriptors are few and the user's program needs them too: from half of them on, large blobs are copied.
    """
    if sys.version_info >= (3, 13):
        return True
    try:
        next_one = os.dup(fd)  # the lowest that is free
    except OSError:
        return False
    os.close(next_one)
    return next_one * 2 < resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _copied(fd: int, size: int) -> memoryview:
    held = memoryview(bytearray(size))
    done = 0
    while done < size:
        count = os.preadv(fd, [held[done:]], done)
        if count == 0:
            break
        done += count
    return held[:done]
