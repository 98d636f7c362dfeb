"""What the local Store does to files, one method an operation, and nothing decided.

All that changes the disk goes through here, so that a test can record it, stop it between any two operations, or let
it fail. Reading needs no such care and is done where it is needed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from functools import cache

_NO_SUCH_CALL = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
_START_WRITING = 2  # SYNC_FILE_RANGE_WRITE


class Files:
    """The operations, as the system does them. All raise OSError."""

    def create(self, path: str) -> int:
        """Create a read-only file that did not exist and return a descriptor that writes to it, locked."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        with contextlib.suppress(OSError):  # the lock only tells a sweep that the file is in use
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd

    def write(self, fd: int, data: memoryview) -> None:
        """Write all of `data` where the last write ended."""
        done = os.write(fd, data)
        while done < data.nbytes:
            done += os.write(fd, data[done:])

    def write_at(self, fd: int, data: memoryview, at: int) -> None:
        """Write all of `data` at a place of the file, which grows where it ends before that."""
        done = 0
        while done < data.nbytes:
            done += os.pwrite(fd, data[done:], at + done)

    def extend(self, fd: int, size: int) -> None:
        """Make a file so long; what is not written to yet takes no room."""
        os.ftruncate(fd, size)

    def start_flush(self, fd: int, start: int, length: int) -> None:
        """Let the disk begin with these bytes while others are being written. It promises nothing."""
        _flush_range()(fd, start, length)

    def sync(self, fd: int) -> None:
        """Wait until the file's bytes are on the disk."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close a descriptor, and drop its lock."""
        os.close(fd)

    def link(self, source: str, target: str) -> None:
        """Give a file a second name, which must not exist."""
        os.link(source, target)

    def rename(self, source: str, target: str) -> None:
        """Give a file another name, over whatever had it."""
        os.rename(source, target)

    def unlink(self, path: str) -> None:
        """Remove a name of a file."""
        os.unlink(path)

    def touch(self, path: str) -> None:
        """Set a file's times to now."""
        os.utime(path)

    def make_folder(self, path: str) -> bool:
        """Make a folder; False where it was there."""
        try:
            os.mkdir(path)
        except FileExistsError:
            return False
        return True

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)

    def sync_folder(self, path: str) -> None:
        """Wait until the names in a folder are on the disk, where its file system can do so."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in _NO_SUCH_CALL:
                raise
        finally:
            os.close(fd)

    def append(self, path: str, data: bytes) -> None:
        """Write at a file's end in one piece; it is created where it is missing."""
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(fd, data)
        finally:
            os.close(fd)


def move_new(files: Files, source: str, target: str, lock: str) -> bool:
    """Move a file to a name that nothing has; False, and nothing done, where something has it.

    Where the file system knows no links, the lock keeps other writers of this machine away instead.
    """
    try:
        files.link(source, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with locked(lock):
            if os.path.lexists(target):
                return False
            files.rename(source, target)
            return True
    with contextlib.suppress(OSError):  # the sweep will remove it, and the blob is verified once more then
        files.unlink(source)
    return True


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold a lock that one thread of one process on this machine has at a time; it ends with its holder.

    Where the file system knows no locks, this holds nothing: then two processes that repair the same blob at the same
    moment may make a reader verify it once more.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        yield
    finally:
        # Closing alone would not do: a child that was forked off meanwhile has the descriptor as well.
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def try_locked(path: str) -> int | None:
    """Take the lock of `locked` where nobody has it; return the descriptor that holds it until `unlock`."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            os.close(fd)
            return None
    return fd


def unlock(fd: int) -> None:
    """Drop a lock, also where a child that was forked off has the descriptor as well."""
    with contextlib.suppress(OSError):
        fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def is_locked(path: str) -> bool:
    """Tell whether a live process has the file open and locked (also where that can't be told)."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


@cache
def _flush_range() -> Callable[[int, int, int], object]:
    """Return Linux's sync_file_range, or what does nothing where there is none."""
    import ctypes

    call = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if call is None:
        return lambda _fd, _start, _length: None
    call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return lambda fd, start, length: call(fd, start, length, _START_WRITING)
