"""Which blobs were verified on this machine, as files of which inode, size and times. Knows nothing of their bytes.

What is remembered is a log for each first byte of the digests: whoever verified a blob appends a line, in one piece,
without waiting for the disk. A line that a crash tore, or one that is lost, costs one more verification; it can't
vouch for anything, for a line counts only whole, and only for a file that still has the same inode, size and times.
Small blobs are remembered in memory alone: to read a line takes as long as to digest them.
"""

from __future__ import annotations

import contextlib
import os
import platform
from functools import cache
from typing import NamedTuple

from steppe.store.digest import digest_of
from steppe.store.files import Files
from steppe.store.keys import hex_of
from steppe.store.mapping import COPIED
from steppe.store.place import Place
from steppe.types import Digest

SETTLED = 2 * 10**9
"""Nanoseconds after which a file's times tell a later change apart, on the coarsest clock of a file system."""

_MANY = 256  # lines of a log that are kept whatever they say


class Fingerprint(NamedTuple):
    """What of a file changes when its bytes do. Times in nanoseconds since 1970."""

    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Take it from a file's status."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def encoded(self) -> bytes:
        """Return it in 64 characters."""
        return b"%016x%016x%016x%016x" % tuple(part & 0xFFFF_FFFF_FFFF_FFFF for part in self)

    def is_settled(self, now: int) -> bool:
        """Tell whether a change from `now` on would surely show: the last one is long enough ago.

        A change within one tick of the file system's clock leaves the times as they are. (Git calls such an entry
        of its index racily clean.)
        """
        return self.changed + SETTLED < now


class Verified:
    """The memory of what was verified, shared by all processes of a machine that use one store."""

    def __init__(self, place: Place, files: Files) -> None:
        """Begin with what the logs say; nothing is read before it is asked for."""
        self._place = place
        self._files = files
        self._machine = this_machine().encode()
        self._known: dict[bytes, bytes] = {}
        self._read: dict[str, tuple[int, int]] = {}

    def knows(self, digest: Digest, now: Fingerprint) -> bool:
        """Tell whether the blob was verified as the very file that it is now."""
        key, value = hex_of(digest).encode(), now.encoded()
        if self._known.get(key) == value:
            return True
        if now.size <= COPIED:
            return False
        with contextlib.suppress(OSError):  # without its logs, a store works as it did before there were any
            self._catch_up(digest[3:5])
        return self._known.get(key) == value

    def remember(self, digest: Digest, now: Fingerprint) -> None:
        """Keep that the blob was verified as this file; where the store can't be written, in memory alone."""
        key, value = hex_of(digest).encode(), now.encoded()
        self._known[key] = value
        if now.size <= COPIED:
            return
        with contextlib.suppress(OSError):
            # It begins with a line's end as well, so that it stands apart from a line that a crash tore.
            self._files.append(self._place.log(digest[3:5]), b"\n" + self._machine + key + value + b"\n")

    def _catch_up(self, shard: str) -> None:
        """Read what others have appended since this process last looked."""
        with open(self._place.log(shard), "rb", buffering=0) as log:
            status = os.fstat(log.fileno())
            inode, done = self._read.get(shard, (0, 0))
            if (inode, done) == (status.st_ino, status.st_size):
                return
            if inode != status.st_ino or done > status.st_size:
                done = 0
            log.seek(done)
            new = log.read()
        whole = new.rfind(b"\n") + 1
        lines = [line for line in new[:whole].split(b"\n") if len(line) == 16 + 64 + 64]
        mine = self._machine
        self._known.update((line[16:80], line[80:]) for line in lines if line.startswith(mine))
        self._read[shard] = (status.st_ino, done + whole)
        if done == 0 and len(lines) >= _MANY:
            self._compact(shard, lines)

    def _compact(self, shard: str, lines: list[bytes]) -> None:
        """Write the log anew without what is superseded or gone, if that is half of it.

        What another process appends meanwhile may be lost, and is then verified once more.
        """
        live = {digest[3:].encode() for digest in self._place.blobs(shard)}
        last = {line[:80]: line for line in lines if line[16:80] in live}
        if len(last) * 2 > len(lines):
            return
        new = self._place.fresh()
        self._files.append(new, b"".join(line + b"\n" for line in last.values()))
        self._files.rename(new, self._place.log(shard))


@cache
def this_machine() -> str:
    """Return 16 hex digits that tell this machine from others that may share its files."""
    try:
        with open("/etc/machine-id", "rb") as file:
            name = file.read()
    except OSError:
        name = b""
    return digest_of([name or platform.node().encode()])[3:19]
