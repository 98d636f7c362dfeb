"""The folders of a local Store: where everything is, and that they outlive a crash. Knows nothing of what is in files.

format      the layout's version; there last, so that whoever sees it may rely on all the other folders
blobs/ab/   the blobs by the first byte of their digests
records/    the records, as folders by the parts of their names
verified/   see `verified.py`
corrupt/    blobs that were found not to have their digest
tmp/        files under way
lock        held by whoever replaces or removes a blob
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from steppe.errors import StoreUnavailable
from steppe.store.files import Files
from steppe.store.keys import BLOBS, RECORDS, blob_key, digest_at, record_key
from steppe.types import Digest

FORMAT = b"steppe store 1\n"

_FOLDERS = (BLOBS, RECORDS, "verified", "corrupt", "tmp")
SHARDS = tuple(f"{byte:02x}" for byte in range(256))


class Place:
    """The paths in one local Store's folder."""

    def __init__(self, root: str, files: Files) -> None:
        """Only look: nothing is made before something is to be written.

        Raises:
            StoreUnavailable: another version of Steppe made it, in a way that this one can't read.
        """
        self.root = root
        self.tmp = f"{root}/tmp"  # noqa: S108  # the store's own folder, not the machine's
        self.lock = f"{root}/lock"
        self._files = files
        self._format = f"{root}/format"
        self._ready = self._was_made()

    def blob(self, digest: Digest) -> str:
        """Return where a blob is."""
        return f"{self.root}/{blob_key(digest)}"

    def record(self, name: str) -> str:
        """Return where a record is."""
        return f"{self.root}/{record_key(name)}"

    @property
    def records(self) -> str:
        """The folder of all records."""
        return f"{self.root}/{RECORDS}"

    def log(self, shard: str) -> str:
        """Return where it is kept which blobs of a shard were verified."""
        return f"{self.root}/verified/{shard}"

    def corrupt(self, digest: Digest) -> str:
        """Return a new path for a blob that does not have its digest."""
        return f"{self.root}/corrupt/{digest[3:]}.{os.urandom(4).hex()}"

    def fresh(self) -> str:
        """Return a new path for a file under way."""
        return f"{self.tmp}/{os.urandom(12).hex()}"

    def blobs(self, shard: str) -> Iterator[Digest]:
        """Iterate over the digests of the blobs in a shard."""
        with contextlib.suppress(FileNotFoundError), os.scandir(f"{self.root}/{BLOBS}/{shard}") as entries:
            for entry in entries:
                if digest := digest_at(shard, entry.name):
                    yield digest

    def make(self, *, again: bool = False) -> None:
        """Make all folders, so that they outlive a crash.

        Args:
            again: also where they were made before: one of them turned out to be missing.
        """
        if (self._ready or self._was_made()) and not again:
            self._ready = True
            return
        self._make_root()
        for name in _FOLDERS:
            self._files.make_folder(f"{self.root}/{name}")
        for shard in SHARDS:
            self._files.make_folder(f"{self.root}/{BLOBS}/{shard}")
        self._files.sync_folder(f"{self.root}/{BLOBS}")
        self._files.sync_folder(self.root)
        self._write_format()
        self._ready = True

    def make_for(self, record: str) -> None:
        """Make the folders that a record's path lies in; `sync_above` makes them last."""
        folder = os.path.dirname(record)
        if not os.path.isdir(folder):
            self.make_for(folder)
            self._files.make_folder(folder)

    def sync_above(self, record: str) -> None:
        """Wait until a record's name, and those of the folders that it lies in, are on the disk.

        All of them, for another process may have made a folder a moment ago. It costs little where nothing changed.
        """
        folder = record
        while folder != self.records:
            folder = os.path.dirname(folder)
            with contextlib.suppress(FileNotFoundError):  # the record was removed already, and its folders with it
                self._files.sync_folder(folder)

    def _was_made(self) -> bool:
        try:
            with open(self._format, "rb", buffering=0) as file:
                found = file.read(64)
        except OSError:
            return False
        if found != FORMAT:
            raise StoreUnavailable(
                f"the store at {self.root} has the format {found.decode('utf-8', 'replace').strip()!r}, and this "
                f"version of Steppe knows {FORMAT.decode().strip()!r}: upgrade steppe, or set another store."
            )
        return True

    def _make_root(self) -> None:
        missing = []
        folder = self.root
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            self._files.make_folder(path)
        while True:  # from the root up: a folder above may itself have been made a moment ago
            above = os.path.dirname(folder)
            with contextlib.suppress(PermissionError):  # a folder that we may not even list was not made by us
                self._files.sync_folder(folder)
            if above == folder:
                break
            folder = above
        for path in missing:
            self._files.sync_folder(path)

    def _write_format(self) -> None:
        fresh = self.fresh()
        fd = self._files.create(fresh)
        try:
            self._files.write(fd, memoryview(FORMAT))
            self._files.sync(fd)
        finally:
            self._files.close(fd)
        self._files.rename(fresh, self._format)
        self._files.sync_folder(self.root)
